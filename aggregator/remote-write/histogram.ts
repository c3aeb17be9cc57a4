import type { NativeHistogram } from '../metrics/layout.ts';
import type { Message } from '../metrics/protobuf.ts';
import { schema, zeroThreshold } from '../slices/histogram.ts';
import { stale, staleBits } from './point.ts';

/** The message `Histogram`, which is the same in both versions of remote write. */
export function writeHistogram(writer: Message, value: NativeHistogram | typeof stale, atMs: number): void {
  if (value === stale) {
    writer.bits(3, staleBits);
    writer.varint(15, atMs);
    return;
  }
  const { count, sum, zeroCount, runs } = value;
  writer.varint(1, count);
  writer.double(3, sum);
  writer.signed(4, schema);
  writer.double(5, zeroThreshold);
  writer.varint(6, zeroCount);
  let next = 0;
  for (const { first, counts } of runs) {
    writer.nested(11, () => {
      writer.signed(1, first - next);
      writer.varint(2, counts.length);
    });
    next = first + counts.length;
  }
  const counts = runs.flatMap(({ counts: of }) => of);
  writer.packedSigned(
    12,
    counts.map((one, index) => one - (counts[index - 1] ?? 0)),
  );
  writer.varint(15, atMs);
}
