/** Hostile scrapers and readers against a real aggregator: answered, refused or cut off; agents do not notice. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { clock, result, sendResults, token, welcomed } from '../../aggregator/harness.ts';
import { until } from '../../lab/waiting.ts';
import { agentBeside, metricsOf, sumOf } from './beside.ts';
import { type Collecting, collecting, workDir } from './processes.ts';

const dir = workDir();
const mostResidentBytes = 1_073_741_824;
const waitMs = 90_000;
let it: Collecting;
const beside = agentBeside(() => it);
const strangers: Socket[] = [];

beforeAll(async () => {
  it = await collecting(dir, `${dir}/state`);
});
afterEach(async () => {
  await beside.goesOn();
  for (const socket of strangers.splice(0)) socket.destroy();
});
afterAll(async () => {
  process.stdout.write(`resident: ${Math.round(it.residentBytes() / 1_048_576)} MiB at the end\n`);
  expect(await it.stop()).toBe(0);
});

/** An agent with so many series that an answer is larger than what sockets take in unread. Until the test ends. */
async function wide(): Promise<void> {
  const agent = await welcomed(it.url, { agent: 'wide', vantage: 'wide', boot: 'h' });
  const first = agent.welcome.ackedSeq + 1;
  const results = Array.from({ length: 900 }, (_, index) =>
    result(first + index, { check: `check-${index}`, servedBy: 'x'.repeat(200) }),
  );
  for (let at = 0; at < results.length; at += 300) await sendResults(agent, results.slice(at, at + 300));
}

/** A connection of bytes that reads nothing unless it is told to. */
function raw(text: string): Socket {
  const { hostname, port } = new URL(it.url);
  const socket = connectTcp({ host: hostname, port: Number(port) });
  socket.on('error', () => undefined);
  strangers.push(socket);
  socket.write(text);
  return socket;
}

/** All that comes until the other side ends. */
async function answered(text: string): Promise<string> {
  let answer = '';
  const socket = raw(text).setEncoding('latin1');
  socket.on('data', (more: string) => (answer += more));
  await once(socket, 'close');
  return answer;
}

async function federate(selectors: readonly string[]): Promise<{ readonly status: number; readonly text: string }> {
  const query = selectors.map((one) => `match[]=${encodeURIComponent(one)}`).join('&');
  const answer = await fetch(`${it.url}/federate?${query}`);
  return { status: answer.status, text: await answer.text() };
}

test('a list of selectors without end is refused, and the longest that is allowed holds up nobody', async () => {
  await wide();
  expect((await federate(Array.from({ length: 300 }, () => 'up'))).status).toBe(400);
  const longest = Array.from({ length: 250 }, (_, index) => `{check=~".*${index}x"}`);
  const [{ status }] = await Promise.all([federate(longest), beside.goesOn()]);
  expect(status).toBe(200);
  expect(await answered(`GET /federate?${'match[]=up&'.repeat(10_000)} HTTP/1.1\r\nHost: here\r\n\r\n`)).toMatch(
    /^HTTP\/1.1 431 /,
  );
});

test.each(['(x|x)*y', '(x*)*(x*)*(x*)*!', '(x?){200}x{200}'])(
  'the expression %s, which others never finish, takes no time over long values',
  async (expression) => {
    await wide();
    const [{ status }] = await Promise.all([federate([`{served_by=~"${expression}"}`]), beside.goesOn()]);
    expect(status).toBe(200);
  },
);

test.each(['((x{1000}){1000}){1000}', '('.repeat(1_200), '[', 'x**', '(?<a'])(
  'an expression that is too large or broken (%#) is refused in the words of RE2',
  async (expression) => {
    const { status, text } = await federate([`{check=~"${expression}"}`]);
    expect([status, text]).toEqual([400, expect.stringMatching(/error parsing regexp/)]);
  },
);

test('readers that do not read are cut off when others want to, and named once', async () => {
  await wide();
  for (let reader = 0; reader < 12; reader += 1) raw('GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n').pause();
  await beside.goesOn();
  await until(waitMs, 'a healthy scrape to be answered', async () => {
    const answer = await fetch(`${it.url}/metrics`);
    const text = await answer.text();
    return answer.status === 200 && text.includes('check-899') ? true : undefined;
  });
  const metrics = await until(waitMs, 'slow readers to be counted', async () => {
    const text = await metricsOf(it);
    return sumOf(text, 'blackstart_http_refused_total') > 0 ? text : undefined;
  });
  expect(metrics).toMatch(/blackstart_http_refused_total\{reason="(slow-reader|too-many-scrapes)"\}/);
  expect(it.log().filter((line) => line['reason'] === 'too-many-scrapes').length).toBeLessThanOrEqual(2);
});

test('a reader of the stream that does not read loses events, and nobody else does', async () => {
  const url = new URL('/api/v1/stream?types=result', it.url.replace(/^http/, 'ws'));
  const stuck = new WebSocket(url);
  const reading = new WebSocket(url);
  let seen = 0;
  reading.on('message', () => {
    seen += 1;
  });
  await Promise.all([once(stuck, 'open'), once(reading, 'open')]);
  stuck.pause();
  await beside.goesOn();
  await until(waitMs, 'the other to have them all', async () => (seen >= 20 ? true : undefined));
  stuck.terminate();
  reading.terminate();
});

test('thousands of requests in one breath are answered in their order or not at all', async () => {
  const answer = await answered(
    `${'GET /-/healthy HTTP/1.1\r\nHost: here\r\n\r\n'.repeat(99)}GET /-/healthy HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n`,
  );
  expect(answer.match(/^HTTP\/1.1 200 OK/gm)).toHaveLength(100);
  raw('GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n'.repeat(3_000)).pause();
  await beside.goesOn();
  expect(it.residentBytes()).toBeLessThan(mostResidentBytes);
});

test('headers beyond every bound are refused, and so is what is no HTTP', async () => {
  expect(await answered(`GET /metrics HTTP/1.1\r\nHost: here\r\nX-Long: ${'x'.repeat(100_000)}\r\n\r\n`)).toMatch(
    /^HTTP\/1.1 431 /,
  );
  expect(await answered('\u0016\u0003\u0001 this is TLS, or something\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
  const metrics = await metricsOf(it);
  expect(sumOf(metrics, 'blackstart_http_refused_total', { reason: 'headers-too-large' })).toBeGreaterThan(0);
  expect(sumOf(metrics, 'blackstart_http_refused_total', { reason: 'malformed' })).toBeGreaterThan(0);
});

test('HTTP/1.0 is answered to its end, without chunks', async () => {
  const answer = await answered('GET /metrics HTTP/1.0\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1.1 200 OK/);
  expect(answer.toLowerCase()).not.toContain('transfer-encoding');
  expect(answer).toContain('\nblackstart_results_committed_total ');
});

test.each([
  '',
  '*',
  ';;;,,,q',
  'application/openmetrics-text;version=99',
  `${'text/html,'.repeat(1_000)}`,
  'text/plain;q=NaN',
])('Accept header %# is answered with something that can be read', async (accept) => {
  const answer = await fetch(`${it.url}/metrics`, { headers: { accept } });
  expect([answer.status, (await answer.text()).includes('blackstart_results_committed')]).toEqual([200, true]);
});

test('a packed body is not unpacked, and one without end is refused when it is too large', async () => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const bomb = gzipSync(Buffer.alloc(64 * 1_048_576, 32));
  const packed = await fetch(`${it.url}/api/v1/drills`, {
    method: 'POST',
    headers: { ...headers, 'content-encoding': 'gzip' },
    body: bomb,
  });
  expect(packed.status).toBe(400);
  const { hostname, port } = new URL(it.url);
  const endless = request({ hostname, port, method: 'POST', path: '/api/v1/drills', headers });
  endless.on('error', () => undefined);
  const status = new Promise<number | undefined>((resolve) => {
    endless.once('response', (response) => resolve(response.statusCode));
    endless.once('close', () => resolve(413));
  });
  const pour = (): void => {
    if (!endless.destroyed && endless.writable) endless.write(Buffer.alloc(1_048_576, 32), () => clock.after(0, pour));
  };
  pour();
  expect(await status).toBe(413);
  endless.destroy();
  expect(it.residentBytes()).toBeLessThan(mostResidentBytes);
});

test('after all of it no number of the well-behaved agent has moved', async () => {
  await beside.expectExact();
  expect(it.log().filter(({ level }) => level === 'error')).toEqual([]);
});
