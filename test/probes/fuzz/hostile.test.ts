/** Servers that mean harm: a journey ends by a bound or by its time, with the right blame, and leaves nothing open. */
import { randomBytes } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DeadlineExceeded } from '../../../contract/deadline.ts';
import { seededRandom } from '../../../contract/random.ts';
import type { FailedAt } from '../../../contract/result.ts';
import { maxKeptBytes } from '../../../probes/http/journey/sink.ts';
import type { Journey, JourneyRequest } from '../../../probes/http/journey.ts';
import { responseReader } from '../../../probes/http/response.ts';
import { type Ground, ground, travelled } from '../../fakes/journeys.ts';
import { mutatedAnswer, pieces } from '../../fakes/mutated-answers.ts';

let world: Ground;
beforeEach(async () => {
  world = await ground();
});
afterEach(() => world.close());

/** Whether it was reset or ended. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.on('error', () => undefined).on('close', () => resolve());
  });
}

type Attacked = { readonly made: Journey; readonly sentBytes: number };

/** Sends `start`, then `more` for ever, as fast as it is taken; until the other side closes, which it has to. */
async function attackedBy(start: string, more: Buffer, asked: Partial<JourneyRequest> = {}): Promise<Attacked> {
  let sentBytes = 0;
  let gone: Promise<unknown> | undefined;
  const server = createServer((socket) => {
    gone = closed(socket);
    socket.resume();
    socket.write(start, 'latin1');
    const go = (): void => {
      while (!socket.destroyed && socket.write(more)) sentBytes += more.length;
      sentBytes += more.length;
    };
    socket.on('drain', go);
    go();
  });
  const at = await world.listening(server);
  const made = await travelled(`http://127.0.0.1:${at.port}/`, await world.context(), asked);
  await gone;
  return { made, sentBytes };
}

const head = 'HTTP/1.1 200 OK\r\n';
const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n`;
const many = (text: string): Buffer => Buffer.from(text.repeat(Math.ceil(10_000 / text.length)), 'latin1');

describe('a server without an end is left at a bound', () => {
  test.each([
    ['a status line', '', many('x'), /status line/],
    ['a status line that begins well', 'HTTP/1.1 200 ', many('x'), /more than 32768 bytes/],
    ['one header', `${head}A: `, many('x'), /more than 32768 bytes/],
    ['headers', head, many('A: b\r\n'), /more than 32768 bytes/],
    ['blanks in a header', `${head}A: `, many(' '), /more than 32768 bytes/],
    ['interim answers', '', many('HTTP/1.1 103 Early Hints\r\n\r\n'), /interim answers, want at most 8/],
    ['a chunk size', chunked, many('0'), /more than 1024 bytes/],
    ['a chunk extension', `${chunked}5;`, many('x'), /more than 1024 bytes/],
    ['trailers', `${chunked}0\r\n`, many('A: b\r\n'), /chunk: got a line of more than/],
    ['a trailer', `${chunked}0\r\nA: `, many('x'), /chunk: got a line of more than/],
  ])('of %s', async (_what, start, more, reason) => {
    const { made, sentBytes } = await attackedBy(start, more);
    expect(made.failure?.failedAt).toBe('answer');
    expect(made.failure?.reason).toMatch(reason);
    // What the kernel takes in on both sides before anybody reads it is in this.
    expect(sentBytes).toBeLessThan(20_000_000);
  });

  test.each([
    ['a body by length', `${head}Content-Length: 999999999999\r\n\r\n`, many('x')],
    ['a body up to the close', `${head}\r\n`, many('x')],
    ['a chunk', `${chunked}fffffffff\r\n`, many('x')],
    ['chunks of one byte', chunked, many('1\r\nx\r\n')],
    ['chunks of one byte and long extensions', chunked, many(`1;${'a'.repeat(1_000)}\r\nx\r\n`)],
  ])('of %s', async (_what, start, more) => {
    const limited = await attackedBy(start, more, { bodyLimitBytes: 20_000 });
    expect(limited.made.failure).toMatchObject({ failedAt: 'answer' });
    expect(limited.made.response).toMatchObject({ bodyTooLarge: true, uncompressedBytes: 20_000 });
    expect(limited.made.response?.body.length).toBe(20_000);
    const enough = await attackedBy(start, more, { bodyEnoughBytes: 20_000 });
    expect(enough.made).toMatchObject({ ok: true, response: { whole: false, uncompressedBytes: 20_000 } });
  });

  test('of redirects', async () => {
    const at = await world.http((request, response) => {
      response.writeHead(302, { location: `${request.url}x` }).end();
    });
    const made = await travelled(`http://127.0.0.1:${at.port}/`, await world.context(), { maxRedirects: 10 });
    expect([made.hops.length, made.redirects, made.response?.status]).toEqual([11, 11, 302]);
  });

  test('of what unpacks: at the limit, and without one at 256 MiB of which 16 are kept', async () => {
    // Members of a gzip file may follow each other: 24 times 16 MiB in some hundred kilobytes.
    const member = gzipSync(Buffer.alloc(maxKeptBytes));
    const bomb = Buffer.concat(Array.from({ length: 24 }, () => member));
    const at = await world.http((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bomb.length }).end(bomb);
    });
    const context = await world.context();
    const url = `http://127.0.0.1:${at.port}/`;
    const limited = await travelled(url, context, { compression: 'gzip', bodyLimitBytes: 1_000 });
    expect(limited.response).toMatchObject({ bodyTooLarge: true, uncompressedBytes: 1_000, bodyBytes: bomb.length });
    const free = await travelled(url, context, { compression: 'gzip' });
    expect(free).toMatchObject({ ok: false, failure: { failedAt: 'answer' }, response: { bodyTooLarge: false } });
    expect(free.response?.uncompressedBytes).toBe(256 * 1024 * 1024);
    expect(free.response?.body.length).toBe(maxKeptBytes);
  });

  test('of what is packed: at 16 MiB', async () => {
    const start = `${head}Content-Encoding: gzip\r\n\r\n`;
    const { made } = await attackedBy(start, randomBytes(100_000), { compression: 'gzip' });
    expect(made.failure).toEqual({ failedAt: 'answer', reason: `body: got more than ${maxKeptBytes} bytes of gzip` });
  });
});

describe('a server that stops somewhere costs the attempt its time and no more, and is blamed where it stopped', () => {
  test.each([
    ['before its answer', ''],
    ['within its status line', 'HTTP/1.1 2'],
    ['within its headers', `${head}A: b`],
    ['behind an interim answer', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['within its body', `${head}Content-Length: 9\r\n\r\nabc`],
    ['within a chunk', `${chunked}9\r\nabc`],
    ['before its last chunk', `${chunked}3\r\nabc\r\n`],
    ['within its trailers', `${chunked}0\r\nA: b\r\n`],
  ])('%s', async (_what, text) => {
    const signal = new AbortController();
    const sockets: Socket[] = [];
    const end = (): void => signal.abort(new DeadlineExceeded(1_500));
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.once('data', () => socket.write(text, () => setImmediate(end)));
    });
    const at = await world.listening(server);
    const context = await world.context({}, { ending: signal.signal });
    const made = await travelled(`http://127.0.0.1:${at.port}/`, context);
    expect(made.failure?.failedAt).toBe('answer');
    // Bytes that are under way when the time is up may not have been read yet.
    const stages = text === '' ? /^first byte: / : /^(?:first byte|whole answer): /;
    expect(made.failure?.reason).toMatch(stages);
    expect(made.failure?.reason).toContain('got nothing, want it within 1500 ms');
    await Promise.all(sockets.map(closed));
  });

  test('however slowly the bytes come, the time is one for all of them', async () => {
    const signal = new AbortController();
    let ticks = 0;
    const server = createServer((socket) => {
      const tick = (): void => {
        ticks += 1;
        if (ticks === 200) signal.abort(new DeadlineExceeded(1_500));
        if (!socket.destroyed) socket.write('a', () => setImmediate(tick));
      };
      socket.write(`${head}A: `, tick);
    });
    const at = await world.listening(server);
    const made = await travelled(`http://127.0.0.1:${at.port}/`, await world.context({}, { ending: signal.signal }));
    expect(made.failure).toEqual({ failedAt: 'answer', reason: 'whole answer: got nothing, want it within 1500 ms' });
  });
});

describe('a server that closes, resets or babbles is blamed where it did', () => {
  async function against(serve: (socket: Socket) => void, scheme = 'http'): Promise<Journey> {
    const at = await world.listening(createServer((socket) => serve(socket.on('error', () => undefined))));
    return travelled(`${scheme}://127.0.0.1:${at.port}/`, await world.context(), { httpVersions: ['2', '1.1'] });
  }

  test.each<[string, FailedAt, string, (socket: Socket) => void]>([
    ['closes at once', 'answer', 'http', (socket) => socket.end()],
    ['resets at once', 'answer', 'http', (socket) => socket.resetAndDestroy()],
    ['closes when asked', 'answer', 'http', (socket) => socket.once('data', () => socket.end())],
    [
      'closes within its headers',
      'answer',
      'http',
      (socket) => socket.once('data', () => socket.end(`${head}A: b\r\n`)),
    ],
    [
      'closes within its body',
      'answer',
      'http',
      (socket) => socket.once('data', () => socket.end(`${head}Content-Length: 5\r\n\r\nab`)),
    ],
    ['speaks TLS in the clear', 'answer', 'http', (socket) => socket.end(Buffer.from('15030100020228', 'hex'))],
    ['closes within TLS', 'tls', 'https', (socket) => socket.once('data', () => socket.end())],
    ['resets within TLS', 'tls', 'https', (socket) => socket.once('data', () => socket.resetAndDestroy())],
    [
      'speaks HTTP where TLS is wanted',
      'tls',
      'https',
      (socket) => socket.once('data', () => socket.end(`${head}\r\n`)),
    ],
    ['sends noise for TLS', 'tls', 'https', (socket) => socket.once('data', () => socket.end(randomBytes(2_000)))],
    [
      'sends an endless TLS record',
      'tls',
      'https',
      (socket) =>
        socket.once('data', () => socket.end(Buffer.concat([Buffer.from('160303ffff', 'hex'), Buffer.alloc(80_000)]))),
    ],
    [
      'sends an alert',
      'tls',
      'https',
      (socket) => socket.once('data', () => socket.end(Buffer.from('15030300020228', 'hex'))),
    ],
    ['echoes our own words', 'answer', 'http', (socket) => socket.pipe(socket)],
  ])('%s', async (_what, failedAt, scheme, serve) => {
    const made = await against(serve, scheme);
    // A connection that was reset may be seen so before anything was written on it.
    expect(failedAt === 'answer' ? ['answer', 'connect'] : ['tls', 'connect']).toContain(made.failure?.failedAt);
    expect(made.failure?.reason).not.toBe('');
  });
});

test('mutated answers over real connections come out as the reader has them, and all connections are closed', async () => {
  const random = seededRandom(11);
  const answers = Array.from({ length: 300 }, () => mutatedAnswer(random));
  let served = 0;
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    const wrong = answers[served];
    served += 1;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.once('data', () => {
      for (const piece of wrong === undefined ? [] : pieces(wrong)) socket.write(piece);
      socket.end();
    });
  });
  const at = await world.listening(server);
  const context = await world.context();
  for (const wrong of answers) {
    const reader = responseReader(wrong.method);
    let want = reader.feed(Buffer.from(wrong.bytes));
    if (want === 'more') want = reader.end();
    const made = await travelled(`http://127.0.0.1:${at.port}/`, context, { method: wrong.method, maxRedirects: 0 });
    const status = want !== 'more' && 'response' in want ? want.response.status : undefined;
    expect([made.ok, made.ok ? made.response?.status : undefined]).toEqual([status !== undefined, status]);
    if (!made.ok) expect(made.failure?.failedAt).toBe('answer');
  }
  await Promise.all([...open].map(closed));
});
