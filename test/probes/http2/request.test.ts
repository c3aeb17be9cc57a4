/** What a journey says in HTTP/2, frame by frame. */
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../../probes/http2/frames.ts';
import { unpacker } from '../../../probes/http2/hpack.ts';
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
import { type Asked, askedOf, type Peer, type Serve, says } from '../../fakes/http2-peer.ts';

const { data, headers, ping } = frameTypes;
const ok = head([[':status', '200']]);

const sum = (frames: readonly Frame[]): number => frames.reduce((all, { payload }) => all + payload.length, 0);
const bodyOf = ({ heard }: Asked): Buffer =>
  Buffer.concat(heard.filter(({ type }) => type === data).map(({ payload }) => payload));

describe('a request', () => {
  test('is one, with pseudo-headers first and names in lower case, and asks for no promises', async () => {
    const asked = await askedOf(says(settings, head([[':status', '204']], endHeaders | endStream)), {
      headers: [
        ['X-A', ' b\t'],
        ['Te', 'gzip'],
        ['Connection', 'x'],
        ['Upgrade', 'h2c'],
      ],
    });
    expect(asked).toMatchObject({ failure: null, head: { status: 204, contentLength: 0 }, connections: 1 });
    const [first, , request] = asked.heard;
    expect(asked.heard.filter(({ type }) => type === headers)).toHaveLength(1);
    expect(first?.payload.subarray(0, 6).toString('hex')).toBe('000200000000');
    expect(request?.flags).toBe(endHeaders | endStream);
    expect(unpacker({ maxListBytes: 16_384, maxHeaders: 128 }).unpack(request?.payload ?? Buffer.alloc(0))).toEqual([
      [':method', 'GET'],
      [':scheme', 'https'],
      [':authority', 'a.test'],
      [':path', '/'],
      ['x-a', 'b'],
    ]);
  });

  test('with more headers than a frame has room for goes in several, and ends with the first', async () => {
    const asked = await askedOf(
      (heard, peer) => {
        if (heard.type === frameTypes.continuation && heard.flags === endHeaders) {
          peer.say(settings, head([[':status', '200']], endHeaders | endStream));
        }
      },
      { headers: [['X', 'y'.repeat(40_000)]] },
    );
    expect(asked.failure).toBe(null);
    expect(asked.heard.slice(2, 5).map(({ type, flags }) => [type, flags])).toEqual([
      [headers, endStream],
      [frameTypes.continuation, 0],
      [frameTypes.continuation, endHeaders],
    ]);
  });

  test('acknowledges settings and pings', async () => {
    const asked = await askedOf(says(setting(1, 0), frame({ type: ping, payload: Buffer.alloc(8, 5) })));
    expect(asked.heard.slice(3, 5)).toMatchObject([
      { type: frameTypes.settings, flags: 1 },
      { type: ping, flags: 1, payload: Buffer.alloc(8, 5) },
    ]);
  });

  const large = Buffer.from(Array.from({ length: 100_000 }, (_, at) => at % 251));

  test('whose body is larger than the connection’s window waits for it, however wide the stream’s is', async () => {
    let allowed = 65_535;
    let wasOver = false;
    function serve({ type, flags }: Frame, { say, heard }: Peer): void {
      if (type === headers) say(settings, window(1, 1_000_000));
      if (type !== data) return;
      const sent = sum(heard.filter((one) => one.type === data));
      if (sent > allowed) wasOver = true;
      if ((flags & endStream) !== 0) say(ok, body('', endStream));
      else if (sent === allowed) {
        allowed += 10_000;
        say(window(0, 10_000));
      }
    }
    const asked = await askedOf(serve, { method: 'POST', body: large });
    expect([asked.failure, wasOver, bodyOf(asked).equals(large)]).toEqual([null, false, true]);
  });

  test('is held back by settings that take room away, until as much and more is given', async () => {
    let atRest = 0;
    function serve(heard: Frame, { say, heard: all }: Peer): void {
      const sent = sum(all.filter(({ type }) => type === data));
      // A window of 1000, of which 65535 are used: the stream owes 64535, and with those it has nothing.
      const owed = [setting(4, 1_000), window(0, 1_000_000), window(1, 64_535)];
      if (heard.type === data && sent === 65_535) say(...owed, frame({ type: ping, payload: Buffer.alloc(8) }));
      if (heard.type === ping) {
        atRest = sent;
        say(setting(4, 2_000), window(1, 1_000_000));
      }
      if (heard.type === data && (heard.flags & endStream) !== 0) say(ok, body('', endStream));
    }
    const asked = await askedOf(serve, { method: 'POST', body: large });
    expect([asked.failure, atRest, bodyOf(asked).equals(large)]).toEqual([null, 65_535, true]);
  });

  test('that is answered before its body is out is answered', async () => {
    const asked = await askedOf(says(settings, head([[':status', '413']], endHeaders | endStream)), {
      method: 'POST',
      body: large,
    });
    expect(asked).toMatchObject({ failure: null, head: { status: 413 } });
  });

  test('with an empty body ends with an empty frame of it', async () => {
    const serve: Serve = ({ type }, { say }) => {
      if (type === data) say(settings, ok, body('', endStream));
    };
    const asked = await askedOf(serve, { method: 'PUT', body: Buffer.alloc(0) });
    expect(asked.heard.slice(3, 4)).toMatchObject([{ type: data, flags: endStream, payload: Buffer.alloc(0) }]);
    expect(asked.failure).toBe(null);
  });
});
