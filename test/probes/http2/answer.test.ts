/** What a journey takes in HTTP/2, frame by frame. */
import { describe, expect, test } from 'vitest';
import {
  dataFrame as body,
  endHeaders,
  endStream,
  frame,
  frameTypes,
  headersFrame as head,
  settingFrame as setting,
  settings,
  windowFrame as window,
} from '../../fakes/http2-frames.ts';
import { askedOf, type Serve, says } from '../../fakes/http2-peer.ts';

const { data, headers, windowUpdate } = frameTypes;
const ok = head([[':status', '200']]);

describe('an answer', () => {
  const early = head([
    [':status', '103'],
    ['link', '</a>'],
  ]);

  test('comes behind others that are not it, and may end with trailers', async () => {
    const trailers = head([['x-after', '1']], endHeaders | endStream);
    const asked = await askedOf(says(settings, early, early, ok, body('here'), trailers));
    expect(asked).toMatchObject({ failure: null, head: { status: 200, contentLength: -1 } });
    expect(asked.came?.kept.toString()).toBe('here');
  });

  test('has its padding taken off, which its length does not count', async () => {
    const padded = frame({ type: data, flags: 0x8, stream: 1, payload: Buffer.from('\x03four\0\0\0') });
    const asked = await askedOf(
      says(
        settings,
        head([
          [':status', '200'],
          ['content-length', '4'],
        ]),
        padded,
        body('', 1),
      ),
    );
    expect(asked).toMatchObject({ failure: null, head: { contentLength: 4 } });
    expect(asked.came?.kept.toString()).toBe('four');
  });

  test('with a body of any size has its window opened again for all that came, padding too, and in time', async () => {
    const piece = frame({ type: data, flags: 0x8, stream: 1, payload: Buffer.alloc(16_000, 200) });
    const room = [65_535, 65_535];
    let left = 20_000_000;
    const serve: Serve = ({ type, stream, flags, payload }, peer) => {
      if (type === frameTypes.settings && flags === 0) room[1] = payload.readUInt32BE(8);
      if (type === windowUpdate) room[stream] = (room[stream] ?? 0) + payload.readUInt32BE();
      if (type === headers) peer.say(settings, ok);
      if (!peer.heard.some((one) => one.type === headers)) return;
      while (left > 0 && Math.min(...room) >= 16_000) {
        left -= 16_000;
        for (const at of [0, 1]) room[at] = (room[at] ?? 0) - 16_000;
        peer.say(piece);
      }
      if (left === 0) peer.say(body('', endStream));
    };
    const asked = await askedOf(serve);
    expect(asked.failure).toBe(null);
    expect(asked.came?.bytes).toBe(1_250 * (16_000 - 201));
  });

  test('whose server asks and asks, and reads no reply, is bad before replies fill the memory', async () => {
    const asking = Buffer.concat([body(Buffer.alloc(64)), frame({ type: frameTypes.ping, payload: Buffer.alloc(8) })]);
    const batch = Buffer.concat(Array.from({ length: 2_000 }, () => asking));
    const asked = await askedOf(({ type }, { say, socket }) => {
      if (type !== headers) return;
      socket.pause();
      say(settings, ok);
      const more = (error?: Error | null): void => {
        if (!error) socket.write(batch, more);
      };
      more();
    });
    expect(asked.failure?.reason).toBe('answer: got a server that reads nothing, want one that does');
    expect(asked.came?.bytes).toBeGreaterThan(1_000_000);
  });

  test('to HEAD has a length and no body', async () => {
    const length = head(
      [
        [':status', '200'],
        ['content-length', '4'],
      ],
      endHeaders | endStream,
    );
    const asked = await askedOf(says(settings, length), { method: 'HEAD' });
    expect(asked).toMatchObject({ failure: null, head: { contentLength: 4 } });
  });

  test('whose server says that it will take no more requests is still good', async () => {
    const gone = frame({ type: frameTypes.goaway, payload: Buffer.from('0000000100000000', 'hex') });
    expect((await askedOf(says(settings, gone, ok, body('', endStream)))).failure).toBe(null);
  });

  const lengths = (...values: readonly string[]) =>
    head([[':status', '200'], ...values.map((v) => ['content-length', v] as const)]);
  const wrong: readonly (readonly [string, readonly Buffer[], string])[] = [
    ['a body longer than its length', [lengths('3'), body('four')], 'body: got more than 3 bytes, want so many'],
    [
      'a body shorter than its length',
      [lengths('5'), body('four', endStream)],
      'body: got 4 bytes before its end, want 5',
    ],
    ['two lengths', [lengths('4', '5'), body('four', endStream)], 'content-length: got "4 and 5", want one number'],
    ['a length that is none', [lengths('-1'), body('four', endStream)], 'content-length: got "-1", want one number'],
    ['a body behind no content', [head([[':status', '204']]), body('a')], 'body: got more than 0 bytes, want so many'],
    [
      'a header of connections',
      [
        head([
          [':status', '200'],
          ['connection', 'close'],
        ]),
      ],
      'answer: got no sound HTTP/2 (the header connection, which is not of HTTP/2), want a response',
    ],
    [
      'a name in upper case',
      [
        head([
          [':status', '200'],
          ['X', 'y'],
        ]),
      ],
      'answer: got no sound HTTP/2 (a header that is none), want a response',
    ],
    [
      'a line end in a value',
      [
        head([
          [':status', '200'],
          ['x', 'y\r\nz: 1'],
        ]),
      ],
      'answer: got no sound HTTP/2 (a header that is none), want a response',
    ],
    [
      'a switch of protocols',
      [head([[':status', '101']])],
      'answer: got no sound HTTP/2 (a switch of protocols), want a response',
    ],
    [
      'trailers that end nothing',
      [ok, head([['x', 'y']])],
      'answer: got no sound HTTP/2 (trailers that end nothing), want a response',
    ],
    [
      'nine others before it',
      Array.from({ length: 9 }, () => early),
      "answer: got 9 headers before the answer's, want at most 8",
    ],
    [
      'a window that overflows',
      [window(1, 0x7fff_ffff)],
      'answer: got no sound HTTP/2 (a window that overflows), want a response',
    ],
    [
      'a connection’s window that overflows',
      [window(0, 0x7fff_ffff)],
      'answer: got no sound HTTP/2 (a window that overflows), want a response',
    ],
    [
      'settings that make a window overflow',
      [window(1, 0x7fff_0000), setting(4, 0x7fff_ffff)],
      'answer: got no sound HTTP/2 (a window that overflows), want a response',
    ],
    [
      'a setting out of range',
      [setting(5, 100)],
      'answer: got no sound HTTP/2 (the setting 5 of 100), want a response',
    ],
    [
      'a promise',
      [frame({ type: frameTypes.pushPromise, flags: 4, stream: 1, payload: Buffer.from('0000000288', 'hex') })],
      'answer: got no sound HTTP/2 (a promise that nobody asked for), want a response',
    ],
    [
      'a refusal',
      [frame({ type: frameTypes.rstStream, stream: 1, payload: Buffer.from('00000007', 'hex') })],
      'answer: the stream was reset with REFUSED_STREAM, want a response',
    ],
    [
      'a goodbye without an answer',
      [frame({ type: frameTypes.goaway, payload: Buffer.alloc(8) })],
      'answer: got GOAWAY NO_ERROR, want a response',
    ],
  ];
  test.each(wrong)('with %s is bad, and not asked for again', async (_what, bytes, reason) => {
    const asked = await askedOf(says(settings, ...bytes));
    expect(asked).toMatchObject({ failure: { failedAt: 'answer', reason }, connections: 1 });
    expect(asked.heard.filter(({ type }) => type === headers)).toHaveLength(1);
  });
});
