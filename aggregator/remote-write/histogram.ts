import type { NativeHistogram } from '../metrics/layout.ts';
import { schema, zeroThreshold } from '../slices/histogram.ts';
import { stale, staleBits } from './point.ts';
import type { ProtoWriter } from './protobuf.ts';

/** The message `Histogram`, which is the same in both versions of remote write. */
export function writeHistogram(writer: ProtoWriter, value: NativeHistogram | typeof stale, atMs: number): void {
  if (value === stale) {
    writer.bits(3, staleBits);
    writer.uint(15, atMs);
    return;
  }
  const { count, sum, zeroCount, runs } = value;
  writer.uint(1, count);
  writer.double(3, sum);
  writer.sint(4, schema);
  writer.double(5, zeroThreshold);
  writer.uint(6, zeroCount);
  let next = 0;
  for (const { first, counts } of runs) {
    writer.message(11, () => {
      writer.sint(1, first - next);
      writer.uint(2, counts.length);
    });
    next = first + counts.length;
  }
  const counts = runs.flatMap(({ counts: of }) => of);
  writer.sints(
    12,
    counts.map((one, index) => one - (counts[index - 1] ?? 0)),
  );
  writer.uint(15, atMs);
}
