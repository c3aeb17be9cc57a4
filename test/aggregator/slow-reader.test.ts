import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { answerInPieces, type Pieces, type Reading } from '../../aggregator/api/slow-reader.ts';
import type { Encoding } from '../../aggregator/metrics/negotiate.ts';
import { fakeClock } from '../fakes/clock.ts';

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

type Answering = {
  readonly socket: Socket;
  readonly reading: Set<Reading>;
  readonly failures: unknown[];
  /** What `answerInPieces` came to for the one request. */
  readonly answered: Promise<unknown>;
  readonly clock: ReturnType<typeof fakeClock>;
};

/** A server that gives these pieces to the first who asks, who has asked. */
async function answering(pieces: Pieces, encoding: Encoding = 'identity'): Promise<Answering> {
  const reading = new Set<Reading>();
  const failures: unknown[] = [];
  const clock = fakeClock();
  const server = createServer();
  const asked = once(server, 'request');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  endings.push(
    () => socket.destroy(),
    () => server.close(),
  );
  socket.on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  const [, response] = (await asked) as [unknown, ServerResponse];
  const deps = { clock, limitMs: 60_000, reading, onFailed: (error: unknown) => failures.push(error) };
  const answered = answerInPieces(response, { pieces, encoding, headers: { 'x-own': 'yes' } }, deps).catch(
    (error: unknown) => error,
  );
  return { socket, reading, failures, answered, clock };
}

/** Each piece overwrites the one before it, as a writer's does. */
async function* overwriting(count: number, onEnd: () => void): Pieces {
  const piece = Buffer.alloc(100_000);
  try {
    for (let index = 0; index < count; index += 1) yield piece.fill(48 + (index % 10));
  } finally {
    onEnd();
  }
}

async function bodyOf(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  const whole = Buffer.concat(chunks);
  let at = whole.indexOf('\r\n\r\n') + 4;
  const body: Buffer[] = [];
  for (;;) {
    const line = whole.indexOf('\r\n', at);
    const size = Number.parseInt(whole.subarray(at, line).toString(), 16);
    if (!(size > 0)) return Buffer.concat(body);
    body.push(whole.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}

test.each<[Encoding, (body: Buffer) => Buffer]>([
  ['identity', (body) => body],
  ['gzip', gunzipSync],
  ['zstd', zstdDecompressSync],
])('pieces that overwrite each other arrive as they were: %s', async (encoding, unpacked) => {
  let ended = false;
  const { socket, answered } = await answering(
    overwriting(30, () => {
      ended = true;
    }),
    encoding,
  );
  const body = unpacked(await bodyOf(socket));
  expect(await answered).toBeUndefined();
  expect(body.length).toBe(3_000_000);
  for (let index = 0; index < 30; index += 1) {
    const piece = body.subarray(index * 100_000, (index + 1) * 100_000);
    expect(piece.every((byte) => byte === 48 + (index % 10))).toBe(true);
  }
  expect(ended).toBe(true);
});

test.each<Encoding>(['identity', 'gzip'])(
  'a reader that goes away ends the making, and is no trouble of ours: %s',
  async (encoding) => {
    const end = Promise.withResolvers<void>();
    const { socket, reading, failures } = await answering(overwriting(1_000_000, end.resolve), encoding);
    await once(socket, 'data');
    expect(reading.size).toBe(1);
    socket.destroy();
    await end.promise;
    await expect.poll(() => reading.size).toBe(0);
    expect(failures).toEqual([]);
  },
);

test('a reader that does not read is cut off when its time is up', async () => {
  const end = Promise.withResolvers<void>();
  const { socket, reading, failures, clock, answered } = await answering(overwriting(1_000_000, end.resolve));
  socket.pause();
  await answered;
  clock.advance(60_000);
  await end.promise;
  await expect.poll(() => reading.size).toBe(0);
  expect(failures).toEqual([]);
});

const wrong = new Error('no piece');

async function* brokenAfter(count: number): Pieces {
  for (let index = 0; index < count; index += 1) yield Buffer.from('a');
  throw wrong;
}

test('pieces that cannot be made are told of: the first to who asked for them, later ones as a failure', async () => {
  const none = await answering(brokenAfter(0));
  expect(await none.answered).toBe(wrong);
  expect([none.reading.size, none.failures]).toEqual([0, []]);
  const some = await answering(brokenAfter(1));
  await once(some.socket.resume(), 'close');
  expect(some.failures).toEqual([wrong]);
});
