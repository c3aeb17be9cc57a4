/** A hostile server: whatever it writes, the question ends, with one reason, at the answer, and with nothing left open. */
import { afterEach, describe, expect, test } from 'vitest';
import { against, closeAll, floods, good, heldBytes, isSound, mostHeldBytes, says } from '../../fakes/hostile-grpc.ts';
import {
  endHeaders,
  endStream,
  frame,
  frameTypes,
  goodAnswer,
  headerBlock,
  settings,
} from '../../fakes/http2-frames.ts';

afterEach(closeAll);

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

describe('floods', () => {
  const opening = frame({ type: frameTypes.headers, stream: 1, payload: headerBlock([[':status', '200']]) });
  const begun = Buffer.concat([settings, goodAnswer()[0] ?? Buffer.alloc(0)]);
  const piece = headerBlock([['x', 'y'.repeat(100)]]);
  const floodsOf: readonly (readonly [string, Buffer, Buffer, RegExp])[] = [
    [
      'continuations without end',
      frame({ type: frameTypes.continuation, stream: 1, payload: piece }),
      Buffer.concat([settings, opening]),
      /headers of more than 32768 bytes/,
    ],
    [
      'empty continuations',
      frame({ type: frameTypes.continuation, stream: 1 }),
      Buffer.concat([settings, opening]),
      /more than 2000 frames/,
    ],
    ['empty data', frame({ type: frameTypes.data, stream: 1 }), begun, /more than 2000 frames/],
    [
      'data beyond any message',
      frame({ type: frameTypes.data, stream: 1, payload: Buffer.alloc(16_000) }),
      begun,
      /got more than 65536 bytes/,
    ],
    ['pings', frame({ type: frameTypes.ping, payload: Buffer.alloc(8) }), settings, /more than 2000 frames/],
    [
      'settings',
      frame({ type: frameTypes.settings, payload: Buffer.from('000400000001', 'hex') }),
      settings,
      /more than 2000 frames/,
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
    [
      'frames of no known type',
      frame({ type: 0xee, stream: 1, payload: Buffer.alloc(1_000) }),
      settings,
      /more than 2000 frames/,
    ],
    [
      'windows',
      frame({ type: frameTypes.windowUpdate, payload: Buffer.from('00000001', 'hex') }),
      settings,
      /more than 2000 frames/,
    ],
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
    expect(ended.answer.failure?.reason).toContain('headers that cannot be read, or too many');
  });
});
