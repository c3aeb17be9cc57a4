/** A hostile server: whatever it writes, the question ends, with one reason, at the answer, and with nothing left open. */
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { DeadlineExceeded } from '../../../contract/deadline.ts';
import { ending } from '../../../probes/ending.ts';
import { askHealth, type HealthAnswer } from '../../../probes/grpc/health.ts';
import { readHealthResponse, unframe } from '../../../probes/grpc/message.ts';
import { addsUp } from '../../conformance/probers.ts';
import {
  endHeaders,
  endStream,
  frame,
  frameTypes,
  goodAnswer,
  headerBlock,
  settings,
} from '../../fakes/http2-frames.ts';
import { passingClock, probing } from '../../fakes/probing.ts';
import { type TcpTarget, tcpTarget } from '../../fakes/tcp-target.ts';

const open: TcpTarget[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((target) => target.close()));
});

type Ended = { readonly answer: HealthAnswer; readonly target: TcpTarget };

/** `serve` begins when the request has come; its time is up when `serve` says so, or when all it wrote is out. */
async function against(serve: (socket: Socket, timeUp: () => void) => void): Promise<Ended> {
  const over = ending();
  const timeUp = (): void => over.end(new DeadlineExceeded(3_000));
  const target = await tcpTarget((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => serve(socket, timeUp));
  });
  open.push(target);
  const question = { ...target.at, family: 'ip4', resolveWith: 'resolver', service: 'cart', metadata: {} } as const;
  const context = { ...probing(passingClock()), ending: over, signal: over.signal };
  const answer = await askHealth({ ...question, tls: false, tlsSettings: {} }, context);
  await target.quiet();
  return { answer, target };
}

/** The answer to this comes when all before it has been read. */
const question = Buffer.from('all read');
const asking = frame({ type: frameTypes.ping, payload: question });

function whenRead(socket: Socket, then: () => void): void {
  let heard = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    heard = Buffer.concat([heard, bytes]).subarray(-1_000);
    if (heard.includes(question)) then();
  });
  socket.on('close', then);
}

/** Writes; where the connection is to stay, the attempt's time is up when all of it has been read. */
function says(bytes: Buffer, how: 'stay' | 'end' | 'reset' = 'stay'): Parameters<typeof against>[0] {
  return (socket, timeUp) => {
    if (how === 'end') socket.end(bytes);
    else if (how === 'reset') socket.write(bytes, () => socket.resetAndDestroy());
    else {
      socket.write(Buffer.concat([bytes, asking]));
      whenRead(socket, timeUp);
    }
  };
}

function isSound({ answer, target }: Ended): void {
  const { failure, phases, durationMs } = answer;
  expect(answer.ok).toBe(failure === null);
  if (failure !== null) {
    expect(failure.failedAt).toBe('answer');
    expect(failure.reason).not.toBe('');
    expect(failure.reason.length).toBeLessThan(400);
  }
  addsUp({ phases, durationMs } as Parameters<typeof addsUp>[0]);
  expect(target.connections()).toBe(1);
}

const good = Buffer.concat([settings, ...goodAnswer()]);

test('a good answer, frame by frame, is good', async () => {
  expect((await against(says(good, 'end'))).answer).toMatchObject({ ok: true, serving: 'SERVING' });
});

describe('wrong frames', () => {
  const headers = goodAnswer()[0] ?? Buffer.alloc(0);
  const status = headerBlock([[':status', '200']]);
  const wrong: readonly (readonly [string, Buffer])[] = [
    ['text', Buffer.from('220 mail.example ESMTP\r\n')],
    ['HTTP/1.1', Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')],
    ['zeros', Buffer.alloc(64)],
    ['a frame of 16 MB', frame({ type: frameTypes.data, stream: 1, length: 0xff_ffff })],
    ['settings of an odd length', frame({ type: frameTypes.settings, payload: Buffer.alloc(5) })],
    ['settings on a stream', frame({ type: frameTypes.settings, stream: 1 })],
    ['a ping of nine bytes', frame({ type: frameTypes.ping, payload: Buffer.alloc(9) })],
    ['data before headers', frame({ type: frameTypes.data, stream: 1, payload: Buffer.alloc(10) })],
    ['data on a stream that is nobody’s', frame({ type: frameTypes.data, stream: 7, payload: Buffer.alloc(10) })],
    ['headers of a stream that is nobody’s', frame({ type: frameTypes.headers, flags: 5, stream: 9, payload: status })],
    [
      'headers that are no HPACK',
      frame({ type: frameTypes.headers, flags: 4, stream: 1, payload: Buffer.alloc(40, 255) }),
    ],
    [
      'headers without a status',
      frame({ type: frameTypes.headers, flags: 5, stream: 1, payload: headerBlock([['a', 'b']]) }),
    ],
    [
      'a status that is no number',
      frame({ type: frameTypes.headers, flags: 5, stream: 1, payload: headerBlock([[':status', 'ok']]) }),
    ],
    ['a continuation of nothing', frame({ type: frameTypes.continuation, flags: 4, stream: 1, payload: status })],
    [
      'something between headers and their continuation',
      Buffer.concat([frame({ type: frameTypes.headers, stream: 1, payload: status }), settings]),
    ],
    [
      'a promise',
      frame({ type: frameTypes.pushPromise, flags: 4, stream: 1, payload: Buffer.from('0000000288', 'hex') }),
    ],
    ['a window of nothing', frame({ type: frameTypes.windowUpdate, stream: 1, payload: Buffer.alloc(4) })],
    [
      'a window that overflows',
      frame({ type: frameTypes.windowUpdate, stream: 1, payload: Buffer.from('7fffffff', 'hex') }),
    ],
    [
      'padding longer than its frame',
      frame({ type: frameTypes.data, flags: 8, stream: 1, payload: Buffer.from([200, 1]) }),
    ],
    [
      'trailers that end nothing',
      Buffer.concat([
        headers,
        frame({ type: frameTypes.headers, flags: 4, stream: 1, payload: headerBlock([['grpc-status', '0']]) }),
      ]),
    ],
    [
      'an answer that ends with its message',
      Buffer.concat([
        headers,
        frame({ type: frameTypes.data, flags: endStream, stream: 1, payload: Buffer.from('00000000020801', 'hex') }),
      ]),
    ],
    [
      'an answer that is reset',
      Buffer.concat([
        headers,
        frame({ type: frameTypes.rstStream, stream: 1, payload: Buffer.from('00000002', 'hex') }),
      ]),
    ],
    ['GOAWAY in anger', frame({ type: frameTypes.goaway, payload: Buffer.from('000000000000000b', 'hex') })],
  ];
  for (const [what, bytes] of wrong) {
    test(`${what}`, async () => {
      const ended = await against(
        says(Buffer.concat(what === 'text' || what === 'HTTP/1.1' ? [bytes] : [settings, bytes])),
      );
      isSound(ended);
      expect(ended.answer.ok).toBe(false);
    });
  }

  test('GOAWAY says why, in the server’s own words', async () => {
    const payload = Buffer.concat([Buffer.from('000000000000000b', 'hex'), Buffer.from('too_many_pings')]);
    const { answer } = await against(says(Buffer.concat([settings, frame({ type: frameTypes.goaway, payload })])));
    expect(answer.failure?.reason).toBe('answer: got GOAWAY ENHANCE_YOUR_CALM "too_many_pings", want a response');
  });

  test('GOAWAY after a request that is still answered does not matter', async () => {
    const last = frame({ type: frameTypes.goaway, payload: Buffer.from('0000000100000000', 'hex') });
    expect((await against(says(Buffer.concat([settings, last, ...goodAnswer()]), 'end'))).answer.ok).toBe(true);
  });

  for (const [code, words] of [
    [7, 'the stream was reset with REFUSED_STREAM'],
    [8, 'the stream was reset with CANCEL'],
    [0xdead, 'the stream was reset with error 57005'],
  ] as const) {
    test(`a reset says so: ${words}`, async () => {
      const payload = Buffer.alloc(4);
      payload.writeUInt32BE(code);
      const { answer } = await against(
        says(Buffer.concat([settings, frame({ type: frameTypes.rstStream, stream: 1, payload })])),
      );
      expect(answer.failure?.reason).toBe(`answer: ${words}, want a response`);
    });
  }
});

/** Writes `piece` for as long as it is read; at a bound that no defence should need, the attempt's time is up. */
function floods(piece: Buffer, before: Buffer): Parameters<typeof against>[0] {
  const batch = Buffer.concat(Array.from({ length: Math.ceil(16_384 / piece.length) }, () => piece));
  return (socket, timeUp) => {
    let written = 0;
    const more = (): void => {
      if (socket.destroyed) return;
      written += batch.length;
      if (written < mostBytes) socket.write(batch, more);
      else socket.write(asking);
    };
    whenRead(socket, timeUp);
    socket.write(before, more);
  };
}
const mostBytes = 32_000_000;
const mostHeldBytes = 16_000_000;

/** Memory outside of JavaScript's own: where buffers and nghttp2 keep theirs. */
function heldBytes(): number {
  const { external, arrayBuffers } = process.memoryUsage();
  return external + arrayBuffers;
}

describe('floods', () => {
  const opening = frame({ type: frameTypes.headers, stream: 1, payload: headerBlock([[':status', '200']]) });
  const begun = Buffer.concat([settings, goodAnswer()[0] ?? Buffer.alloc(0)]);
  const piece = headerBlock([['x', 'y'.repeat(100)]]);
  const floodsOf: readonly (readonly [string, Buffer, Buffer, RegExp])[] = [
    [
      'continuations without end',
      frame({ type: frameTypes.continuation, stream: 1, payload: piece }),
      Buffer.concat([settings, opening]),
      /CONTINUATION/,
    ],
    [
      'empty continuations',
      frame({ type: frameTypes.continuation, stream: 1 }),
      Buffer.concat([settings, opening]),
      /CONTINUATION/,
    ],
    ['empty data', frame({ type: frameTypes.data, stream: 1 }), begun, /invalid HTTP\/2 frames/],
    [
      'data beyond any message',
      frame({ type: frameTypes.data, stream: 1, payload: Buffer.alloc(16_000) }),
      begun,
      /got more than 65536 bytes/,
    ],
    ['pings', frame({ type: frameTypes.ping, payload: Buffer.alloc(8) }), settings, /Flooding/],
    [
      'settings',
      frame({ type: frameTypes.settings, payload: Buffer.from('000400000001', 'hex') }),
      settings,
      /Flooding/,
    ],
    [
      'answers before the answer',
      frame({
        type: frameTypes.headers,
        flags: endHeaders,
        stream: 1,
        payload: headerBlock([[':status', '103']]),
      }),
      settings,
      /got 17 headers before the answer's/,
    ],
    // These cost nobody anything but the bytes, which its time ends.
    ['frames of no known type', frame({ type: 0xee, stream: 1, payload: Buffer.alloc(1_000) }), settings, /3000 ms/],
    ['windows', frame({ type: frameTypes.windowUpdate, payload: Buffer.from('00000001', 'hex') }), settings, /3000 ms/],
  ];
  for (const [what, bytes, before, words] of floodsOf) {
    test(`${what}`, async () => {
      const heldBefore = heldBytes();
      const ended = await against(floods(bytes, before));
      isSound(ended);
      expect(ended.answer.failure?.reason).toMatch(words);
      expect(heldBytes() - heldBefore).toBeLessThan(mostHeldBytes);
    });
  }

  test('headers as many as fit into one block are too many', async () => {
    const many = headerBlock(Array.from({ length: 3_000 }, (_, index) => [`x${index}`, ''] as const)).subarray(
      0,
      16_000,
    );
    const payload = Buffer.concat([headerBlock([[':status', '200']]), many.subarray(0, many.lastIndexOf(0x10))]);
    const ended = await against(
      says(Buffer.concat([settings, frame({ type: frameTypes.headers, flags: 5, stream: 1, payload })])),
    );
    isSound(ended);
    expect(ended.answer.failure?.reason).toContain('the stream was reset with ENHANCE_YOUR_CALM');
  });
});

describe('at each moment', () => {
  for (const how of ['end', 'reset'] as const) {
    test(`a connection that is cut (${how}) after any byte of a good answer is bad`, async () => {
      for (let length = 0; length < good.length; length += how === 'end' ? 3 : 7) {
        const ended = await against(says(good.subarray(0, length), how));
        isSound(ended);
        expect(ended.answer.ok, `${length} of ${good.length}`).toBe(false);
      }
    });
  }

  test('silence after any frame lasts until the time is up', async () => {
    const pieces = [settings, ...goodAnswer()];
    for (let count = 0; count < pieces.length; count += 1) {
      const ended = await against((socket, timeUp) => {
        socket.write(Buffer.concat([...pieces.slice(0, count), ...(count === 0 ? [] : [asking])]));
        whenRead(socket, timeUp);
        if (count === 0) timeUp();
      });
      isSound(ended);
      expect(ended.answer).toMatchObject({ ok: false, clientStatus: 4 });
      expect(ended.answer.failure?.reason).toContain('3000 ms');
    }
  });
});

describe('garbage by chance', () => {
  test('any bytes at any place of a good answer end it', async () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      fc
        .record({
          type: fc.integer({ min: 0, max: 12 }),
          flags: fc.integer({ min: 0, max: 255 }),
          stream: fc.constantFrom(0, 1, 1, 1, 2, 3, 0x7fff_ffff),
          payload: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
        })
        .map(frame),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 4 }), fc.nat(good.length), async (pieces, at) => {
        const bytes = Buffer.concat([good.subarray(0, at), ...pieces, good.subarray(at)]);
        isSound(await against(says(bytes, 'end')));
      }),
      { numRuns: 150 },
    );
  });

  test('one bit that is wrong', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length * 8 - 1), async (bit) => {
        const bytes = Buffer.from(good);
        bytes.writeUInt8((bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3);
        isSound(await against(says(bytes, 'end')));
      }),
      { numRuns: 150 },
    );
  });

  test('no message can be read past its end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const read = readHealthResponse(Buffer.from(bytes));
        if (read.ok) expect(Number.isInteger(read.value)).toBe(true);
        const message = unframe(Buffer.from(bytes), 'gzip');
        if (message.ok) expect(message.value.length).toBeLessThanOrEqual(65_536);
      }),
      { numRuns: 2_000 },
    );
  });
});
