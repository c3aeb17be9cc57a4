import { type NativeHistogram, stale, staleBits } from './point.ts';
import type { ProtoWriter } from './protobuf.ts';

/** The message `Histogram`, which is the same in both versions of remote write. */
export function writeHistogram(writer: ProtoWriter, value: NativeHistogram | typeof stale, atMs: number): void {
  if (value === stale) {
    writer.bits(3, staleBits);
    writer.uint(15, atMs);
    return;
  }
  const { count, sum, schema, zeroThreshold, zeroCount, buckets } = value;
  writer.uint(1, count);
  writer.double(3, sum);
  writer.sint(4, schema);
  writer.double(5, zeroThreshold);
  writer.uint(6, zeroCount);
  const { spans, deltas } = runsOf(buckets);
  for (const { offset, length } of spans) {
    writer.message(11, () => {
      writer.sint(1, offset);
      writer.uint(2, length);
    });
  }
  writer.sints(12, deltas);
  writer.uint(15, atMs);
}

type Span = { readonly offset: number; length: number };

/** Runs of neighbouring buckets, each given by its distance from the end of the last, and each count by its difference. */
export function runsOf(buckets: ReadonlyMap<number, number>): {
  readonly spans: readonly Span[];
  readonly deltas: readonly number[];
} {
  const spans: Span[] = [];
  const deltas: number[] = [];
  let next: number | undefined;
  let before = 0;
  for (const [index, count] of [...buckets].sort(([a], [b]) => a - b)) {
    const last = spans.at(-1);
    if (last !== undefined && index === next) last.length += 1;
    else spans.push({ offset: index - (next ?? 0), length: 1 });
    deltas.push(count - before);
    before = count;
    next = index + 1;
  }
  return { spans, deltas };
}
