/** Hostile and broken agents against a real aggregator: refused or bounded, counted, named once; others do not notice. */
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { parseExposition } from '../../../aggregator/metrics/parse-exposition.ts';
import { encode } from '../../../contract/wire.ts';
import { clock, connect, type FakeAgent, result, sendResults, token, welcomed } from '../../aggregator/harness.ts';
import { until } from '../../lab/waiting.ts';
import { agentBeside, metricsOf, sumOf } from './beside.ts';
import { type Collecting, collecting, workDir } from './processes.ts';

const dir = workDir();
const mostResidentBytes = 1_073_741_824;
const waitMs = 60_000;
let it: Collecting;
let startedBytes = 0;
const beside = agentBeside(() => it);
const strangers: Socket[] = [];

beforeAll(async () => {
  it = await collecting(dir, `${dir}/state`);
  startedBytes = it.residentBytes();
});
afterEach(async () => {
  await beside.goesOn();
  for (const socket of strangers.splice(0)) socket.destroy();
});
afterAll(async () => {
  const peak = it.residentBytes();
  process.stdout.write(`resident: ${mebibytes(startedBytes)} at the start, ${mebibytes(peak)} at the end\n`);
  expect(await it.stop()).toBe(0);
});

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MiB`;
}

/** A connection of bytes, ended after the test. */
function raw(): Socket {
  const { hostname, port } = new URL(it.url);
  const socket = connectTcp({ host: hostname, port: Number(port) });
  socket.on('error', () => undefined);
  strangers.push(socket);
  return socket;
}

/**
 * As many connections as the kernel keeps for a server that is busy: of more it would drop some without a word, and their
 * clients would believe them open for ever. They are taken in order, so all are when one that came after them is answered.
 */
async function taken(count: number): Promise<readonly Socket[]> {
  const sockets = Array.from({ length: count }, () => raw().resume());
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  const last = raw();
  last.end('GET /-/healthy HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n');
  await once(last.resume(), 'close');
  return sockets;
}

async function refusedWith(agent: FakeAgent, codes: readonly number[]): Promise<void> {
  expect(codes).toContain((await agent.closed).code);
}

function complaintsOf(agent: string): number {
  return it.log().filter((line) => line['agent'] === agent && line.msg === 'an agent connection was closed').length;
}

const columns = JSON.parse(encode({ type: 'results', boot: 'h', fromSeq: 1, results: [result(1)] })) as object;
const frame = (over: object): string => JSON.stringify({ ...columns, ...over });
const time = clock.nowMs();

describe('frames', () => {
  test.each<[string, string | Buffer]>([
    ['no JSON', '{"v":1,'],
    ['a list', '[1,2]'],
    ['nothing', 'null'],
    ['bytes', Buffer.from([0, 255, 254])],
    ['a hundred thousand brackets', '['.repeat(100_000)],
    ['no type', '{"v":1}'],
    ['the type of every object', '{"v":1,"type":"constructor"}'],
    ['a prototype for a frame', '{"v":1,"type":"__proto__","__proto__":{"type":"results"}}'],
    ['NaN', '{"v":1,"type":"ping","t1":NaN}'],
    ['an infinite time', '{"v":1,"type":"pong","t1":1,"t2":1e999,"t3":1}'],
    ['a time beyond all calendars', '{"v":1,"type":"pong","t1":1,"t2":1.7e308,"t3":1.7e308}'],
    ['a mark of the far future', '{"v":1,"type":"mark","boot":"h","seq":0,"roundsThroughMs":9e15}'],
    ['an infinite duration', frame({}).replace(/"durationMs":\[[^\]]*\]/, '"durationMs":[1e999]')],
    ['a negative duration', frame({ durationMs: [-1] })],
    ['a duration of null', frame({ durationMs: [null] })],
    ['a duration as text', frame({ durationMs: ['20'] })],
    ['a duration in a list in a list', frame({ durationMs: [[[20]]] })],
    ['a time before 1970', frame({ startMs: [-1] })],
    ['a time after 2100', frame({ startMs: [4_102_444_800_000] })],
    ['columns of different length', frame({ check: ['a', 'b'] })],
    ['an unknown outcome', frame({ outcome: ['splendid'] })],
    ['details of a thousand levels', frame({ details: [{ extra: nested(1_000) }] })],
    ['number 0', frame({ fromSeq: 0 })],
    ['number 2^53', frame({ fromSeq: 2 ** 53 })],
    ['the last number, and more behind it', frame({ fromSeq: Number.MAX_SAFE_INTEGER })],
    [
      'a gap of nine million billions',
      `{"v":1,"type":"gap","boot":"h","fromSeq":1,"toSeq":${Number.MAX_SAFE_INTEGER},"reason":"dropped"}`,
    ],
    ['a gap that runs backwards', '{"v":1,"type":"gap","boot":"h","fromSeq":5,"toSeq":1,"reason":"dropped"}'],
    ['a second hello', encode({ type: 'hello', agent: 'h', vantage: 'h', region: 'h', boot: 'h', version: '1' })],
  ])('with %s end their connection with 4400', async (what, text) => {
    const agent = await welcomed(it.url, { agent: `hostile: ${what}`, vantage: 'hostile', boot: 'h' });
    agent.socket.send(text, { binary: typeof text !== 'string' });
    // The last number alone is in reach, but beyond a hole: it waits, and its connection goes on.
    if (what === 'the last number, and more behind it') agent.socket.send('garbage');
    await refusedWith(agent, [4_400]);
  });

  test('of another version end with 4426, too large ones with 1009, and packed ones are no frames', async () => {
    const other = connect(it.url);
    other.sendText('{"v":2,"type":"hello"}');
    await refusedWith(other, [4_426]);
    const huge = await welcomed(it.url, { agent: 'huge', vantage: 'hostile', boot: 'h' });
    huge.sendText(`{"v":1,"type":"ping","t1":${'1'.repeat(2 ** 20)}}`);
    await refusedWith(huge, [1_009]);
    const bomb = await welcomed(it.url, { agent: 'bomb', vantage: 'hostile', boot: 'h' });
    // Final, with the bit of permessage-deflate, which was not agreed on; masked with zeros.
    (bomb.socket as unknown as { _socket: Socket })._socket.write(Buffer.from([0xc1, 0x82, 0, 0, 0, 0, 0x4b, 0x00]));
    await refusedWith(bomb, [1_002, 1_006]);
    const metrics = await metricsOf(it);
    for (const code of ['4400', '4426', '1009']) {
      expect(sumOf(metrics, 'blackstart_link_refused_total', { code }), code).toBeGreaterThan(0);
    }
  });

  test('in thousands of pieces end their connection', async () => {
    const agent = await welcomed(it.url, { agent: 'pieces', vantage: 'hostile', boot: 'h' });
    for (let piece = 0; piece < 3_000; piece += 1) agent.socket.send('1', { fin: false });
    await refusedWith(agent, [1_002, 1_006, 1_008]);
  });

  test('without end from one that comes back and back are named once', async () => {
    for (let time = 0; time < 40; time += 1) {
      const agent = await welcomed(it.url, { agent: 'again', vantage: 'hostile', boot: 'h' });
      agent.sendText('garbage');
      await refusedWith(agent, [4_400]);
    }
    expect(complaintsOf('again')).toBe(1);
  });
});

function nested(levels: number): object {
  let made: object = {};
  for (let level = 0; level < levels; level += 1) made = { in: made };
  return made;
}

describe('results', () => {
  test('from 1970 and 2099 are bad samples of their own vantage, now', async () => {
    const agent = await welcomed(it.url, { agent: 'times', vantage: 'times', boot: 'h' });
    await sendResults(agent, [
      result(1, { startMs: 0, round: 0 }),
      result(2, { startMs: 4_102_444_799_999, round: 2 ** 52 }),
    ]);
    agent.send({ type: 'mark', boot: 'h', seq: 2, roundsThroughMs: 4_102_444_799_999 });
    await sendResults(agent, [result(3, { startMs: time, round: Math.floor(time / 1_000) })]);
    const metrics = await metricsOf(it);
    expect(sumOf(metrics, 'blackstart_results_missing_total', { vantage: 'times', reason: 'bad-sample' })).toBe(2);
  });

  test('whose numbers jump back are known, and those beyond a hole wait within a bound', async () => {
    const agent = await welcomed(it.url, { agent: 'jumps', vantage: 'jumps', boot: 'h' });
    await sendResults(agent, [result(1), result(2)]);
    agent.send({ type: 'results', boot: 'h', fromSeq: 1, results: [result(1), result(2)] });
    expect((await agent.next('ack')).seq).toBe(2);
    for (let hole = 0; hole < 65; hole += 1) {
      const seq = 1_000 + 2 * hole;
      agent.send({ type: 'results', boot: 'h', fromSeq: seq, results: [result(seq)] });
    }
    await refusedWith(agent, [1_013]);
    const again = await welcomed(it.url, { agent: 'jumps', vantage: 'jumps', boot: 'h' });
    expect(again.welcome.ackedSeq).toBe(2);
  });

  test('with thousands of checks, regions and bursts nobody knows share series and slices, and the exposition stays whole', async () => {
    const agent = await welcomed(it.url, { agent: 'labels', vantage: 'labels', boot: 'h' });
    const odd = ['__proto__', 'constructor', '\u0000\u0001\u001b[31m', 'a\nb"c\\d', '\ud800', 'x'.repeat(4_000)];
    for (let turn = 0; turn < 10; turn += 1) {
      const from = turn * 500 + 1;
      const results = Array.from({ length: 500 }, (_, index) => {
        const seq = from + index;
        const made = `${odd[seq % odd.length]} ${seq}`.slice(0, 4_000);
        return result(seq, {
          check: seq % 2 === 0 ? made : 'home/us-east-1',
          region: made.slice(0, 200),
          servedBy: made.slice(0, 200),
          burst: seq % 3 === 0 ? `burst ${seq}` : null,
          details: seq % 7 === 0 ? (JSON.parse('{"__proto__":{"polluted":true}}') as object) : {},
        });
      });
      for (let at = 0; at < results.length; at += 100) await sendResults(agent, results.slice(at, at + 100));
    }
    const metrics = await metricsOf(it);
    expect(sumOf(metrics, 'blackstart_series_overflow_total')).toBeGreaterThan(0);
    expect(parseExposition(metrics, false)).toBeInstanceOf(Array);
    expect(metrics.split('\n').length).toBeLessThan(60_000);
    for (const path of ['/', '/api/v1/fleet', '/api/v1/quorum', '/api/v1/results?limit=1000']) {
      expect((await fetch(`${it.url}${path}`)).status, path).toBe(200);
    }
    expect(it.residentBytes()).toBeLessThan(mostResidentBytes);
  });

  test('of thousands of boots and gaps are taken, and do not pile up', async () => {
    const agent = await welcomed(it.url, { agent: 'boots', vantage: 'boots', boot: 'h' });
    for (let boot = 0; boot < 2_000; boot += 1) {
      agent.send({ type: 'results', boot: `old-${boot}`, fromSeq: 1, results: [result(1)] });
    }
    for (let seq = 1; seq <= 5_000; seq += 1) {
      agent.send({ type: 'gap', boot: 'h', fromSeq: seq, toSeq: seq, reason: 'dropped' });
    }
    for (let acked = 0; acked < 5_000; ) {
      const ack = await agent.next('ack');
      if (ack.boot === 'h') acked = ack.seq;
    }
    expect(it.residentBytes()).toBeLessThan(mostResidentBytes);
  });
});

describe('connections', () => {
  test('by thousands that say nothing give way to those that do', async () => {
    const sockets: Socket[] = [];
    while (sockets.length < 10_000) sockets.push(...(await taken(250)));
    await beside.goesOn();
    await until(waitMs, 'most of them to be cut off', async () =>
      sockets.filter((socket) => !socket.destroyed && !socket.readableEnded).length <= 1_100 ? true : undefined,
    );
    const metrics = await metricsOf(it);
    expect(sumOf(metrics, 'blackstart_http_refused_total', { reason: 'too-many-connections' })).toBeGreaterThan(8_000);
    expect(it.log().filter((line) => line['reason'] === 'too-many-connections')).toHaveLength(1);
    expect(it.residentBytes()).toBeLessThan(mostResidentBytes);
  });

  test('with the token and without a hello give way too, and an agent that says hello is taken', async () => {
    const url = new URL('/agent', it.url.replace(/^http/, 'ws'));
    const silent = Array.from({ length: 700 }, () => {
      const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });
      socket.on('error', () => undefined);
      return socket;
    });
    await until(waitMs, 'the oldest to be told to come back', async () =>
      silent.some(({ readyState }) => readyState === WebSocket.CLOSED) ? true : undefined,
    );
    await beside.goesOn();
    const metrics = await metricsOf(it);
    expect(sumOf(metrics, 'blackstart_link_refused_total', { code: '1013' })).toBeGreaterThan(100);
    for (const socket of silent) socket.terminate();
  });

  test('that say a byte now and then are cut off when their time is up', async () => {
    const slow = [raw(), raw(), raw()];
    const head = 'GET /agent HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nX-Patience: ';
    for (const socket of slow) socket.write(head);
    const drip = setIntervalOf(() => slow.map((socket) => socket.writable && socket.write('a')));
    await beside.goesOn();
    for (const socket of slow) socket.resume();
    await Promise.all(slow.map((socket) => (socket.destroyed ? undefined : once(socket, 'close'))));
    drip();
    const metrics = await metricsOf(it);
    expect(sumOf(metrics, 'blackstart_http_refused_total', { reason: 'timed-out' })).toBeGreaterThan(0);
  });

  test('without the token are refused, counted, and named once', async () => {
    for (let time = 0; time < 30; time += 1) await refusedWith(connect(it.url, { bearer: `wrong-${time}` }), [4_401]);
    expect(it.log().filter((line) => line['code'] === 4_401)).toHaveLength(1);
    expect(sumOf(await metricsOf(it), 'blackstart_link_refused_total', { code: '4401' })).toBe(30);
  });
});

function setIntervalOf(run: () => unknown): () => void {
  let cancel = (): void => undefined;
  const again = (): void => {
    run();
    cancel = clock.after(200, again);
  };
  again();
  return () => cancel();
}

test('after all of it no number of the well-behaved agent has moved', async () => {
  await beside.expectExact();
  const errors = it.log().filter(({ level }) => level === 'error');
  expect(errors).toEqual([]);
  expect(it.log().length).toBeLessThan(400);
});
