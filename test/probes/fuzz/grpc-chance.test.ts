/** A server that stops at any moment, or whose bytes are wrong in any place. */
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { readHealthResponse, unframe } from '../../../probes/grpc/message.ts';
import { unpacker } from '../../../probes/http2/hpack.ts';
import { against, asking, closeAll, good, isSound, says, whenRead } from '../../fakes/hostile-grpc.ts';
import { frame, goodAnswer, settings } from '../../fakes/http2-frames.ts';

afterEach(closeAll);

const bounds = { maxListBytes: 16_384, maxHeaders: 128 };

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

  test('no block of headers makes more of itself than it may', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), (blocks) => {
        const { unpack } = unpacker(bounds);
        for (const block of blocks) {
          const headers = unpack(Buffer.from(block)) ?? [];
          expect(headers.length).toBeLessThanOrEqual(128);
          for (const [name, value] of headers) expect(name.length + value.length).toBeLessThan(16_384);
        }
      }),
      { numRuns: 2_000 },
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
