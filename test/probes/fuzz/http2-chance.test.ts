/** HTTP/2 of a journey where bytes are wrong in any place, or none come any more. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dataFrame, endHeaders, endStream, frame, headersFrame, settings } from '../../fakes/http2-frames.ts';
import { type Asked, askedOf, type Serve } from '../../fakes/http2-peer.ts';

const good = Buffer.concat([
  settings,
  headersFrame([[':status', '103']]),
  headersFrame([
    [':status', '200'],
    ['content-length', '4'],
  ]),
  dataFrame('four'),
  headersFrame([['x-after', '1']], endHeaders | endStream),
]);

function isSound({ failure, head, connections }: Asked): void {
  if (failure === null) expect(head?.status).toBeGreaterThanOrEqual(200);
  else expect(failure).toMatchObject({ failedAt: 'answer', reason: expect.stringMatching(/^.{5,400}$/su) });
  expect(connections).toBe(1);
}

/** Says all at once, and closes. */
function ends(bytes: Buffer): Serve {
  let said = false;
  return (_frame, { socket }) => {
    if (!said) socket.end(bytes);
    said = true;
  };
}

describe('an answer', () => {
  test('as it should be is good', async () => {
    const asked = await askedOf(ends(good));
    expect(asked).toMatchObject({ failure: null, head: { status: 200 } });
  });

  test('that is cut after any byte is bad', async () => {
    for (let length = 0; length < good.length; length += 1) {
      const asked = await askedOf(ends(good.subarray(0, length)));
      isSound(asked);
      expect(asked.failure, `${length} of ${good.length}`).not.toBe(null);
    }
  });

  test('with any bytes at any place ends', async () => {
    const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((all) => Buffer.from(all));
    const framed = fc.record({
      type: fc.integer({ min: 0, max: 12 }),
      flags: fc.integer({ min: 0, max: 255 }),
      stream: fc.constantFrom(0, 1, 1, 1, 2, 3, 0x7fff_ffff),
      payload: bytes(40),
    });
    const pieces = fc.array(fc.oneof(bytes(60), framed.map(frame)), { minLength: 1, maxLength: 4 });
    const body = fc.constantFrom(null, Buffer.alloc(0), Buffer.alloc(100_000));
    await fc.assert(
      fc.asyncProperty(pieces, fc.nat(good.length), body, async (wrong, at, sent) => {
        const all = Buffer.concat([good.subarray(0, at), ...wrong, good.subarray(at)]);
        isSound(await askedOf(ends(all), { body: sent }));
      }),
      { numRuns: 300 },
    );
  });

  test('with one bit that is wrong ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length * 8 - 1), async (bit) => {
        const bytes = Buffer.from(good);
        bytes.writeUInt8((bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3);
        isSound(await askedOf(ends(bytes)));
      }),
      { numRuns: 200 },
    );
  });
});
