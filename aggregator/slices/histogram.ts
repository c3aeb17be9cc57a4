/**
 * A base-2 exponential histogram of schema 3: bucket i holds `(2^((i-1)/8), 2^(i/8)]` seconds, so that a bound is at
 * most 9 % away and histograms merge without error.
 */
export type Histogram = { count: number; sum: number; zero: number; readonly buckets: Map<number, number> };

export const schema = 3;
export const perOctave = 2 ** schema;
/**
 * 2^(-8/8), 2^(-7/8), … 2^(-1/8): upper bounds of a mantissa in [0.5, 1). To the last bit those of Prometheus, so that
 * its servers and ours put the same duration into the same bucket.
 */
const mantissaBounds = [
  0.5, 0.5452538663326288, 0.5946035575013605, 0.6484197773255048, 0.7071067811865475, 0.7711054127039704,
  0.8408964152537144, 0.9170040432046711,
] as const;
/** Below 2^-20 s (about a microsecond) a duration is as good as none. */
export const zeroThreshold = 2 ** -20;

export function emptyHistogram(): Histogram {
  return { count: 0, sum: 0, zero: 0, buckets: new Map() };
}

export function observe(histogram: Histogram, seconds: number): void {
  histogram.count += 1;
  histogram.sum += seconds;
  if (seconds <= zeroThreshold) {
    histogram.zero += 1;
    return;
  }
  const index = bucketIndex(seconds);
  histogram.buckets.set(index, (histogram.buckets.get(index) ?? 0) + 1);
}

const bits = new DataView(new ArrayBuffer(8));
const exponentBits = 0x7ff00000;
const exponentOfHalf = 0x3fe00000;

/** The index by exponent and a table of bounds, both exact: a logarithm errs at powers of two, and costs more. */
export function bucketIndex(seconds: number): number {
  bits.setFloat64(0, seconds);
  const high = bits.getInt32(0);
  const exponent = ((high & exponentBits) >> 20) - 1_022;
  // The same number with the exponent of those in [0.5, 1).
  bits.setInt32(0, (high & ~exponentBits) | exponentOfHalf);
  const mantissa = bits.getFloat64(0);
  let within = 0;
  while (within < perOctave && (mantissaBounds[within] as number) < mantissa) within += 1;
  return (exponent - 1) * perOctave + within;
}

export function upperBound(index: number): number {
  const octave = Math.floor(index / perOctave);
  return (mantissaBounds[index - octave * perOctave] as number) * 2 ** (octave + 1);
}

export function mergeInto(target: Histogram, other: Histogram): void {
  target.count += other.count;
  target.sum += other.sum;
  target.zero += other.zero;
  for (const [index, count] of other.buckets) target.buckets.set(index, (target.buckets.get(index) ?? 0) + count);
}

/** Seconds between which the sample of this rank (1-based) lies; `undefined` beyond the last. */
export function boundsOfRank(histogram: Histogram, rank: number): readonly [number, number] | undefined {
  let seen = histogram.zero;
  if (rank <= seen) return [0, zeroThreshold];
  for (const index of [...histogram.buckets.keys()].sort((a, b) => a - b)) {
    seen += histogram.buckets.get(index) ?? 0;
    if (rank <= seen) return [upperBound(index - 1), upperBound(index)];
  }
  return undefined;
}

/**
 * How many samples are at most `seconds`, and how many lie in the bucket that the limit cuts: nobody knows on which side
 * of it. None do when the limit is the bound of a bucket.
 */
export function countUnder(histogram: Histogram, seconds: number): { readonly under: number; readonly cut: number } {
  let under = 0;
  let cut = 0;
  if (seconds >= zeroThreshold) under += histogram.zero;
  else cut += histogram.zero;
  for (const [index, count] of histogram.buckets) {
    if (upperBound(index) <= seconds) under += count;
    else if (upperBound(index - 1) < seconds) cut += count;
  }
  return { under, cut };
}

export function toText(histogram: Histogram): string {
  return JSON.stringify([histogram.sum, histogram.zero, ...[...histogram.buckets].flat()]);
}

export function fromText(text: string): Histogram {
  return fromNumbers(JSON.parse(text) as number[]);
}

/** Sum, those of zero, and each bucket with its count. */
export function fromNumbers(numbers: ArrayLike<number>): Histogram {
  const buckets = new Map<number, number>();
  const zero = numbers[1] ?? 0;
  let count = zero;
  for (let at = 2; at + 1 < numbers.length; at += 2) {
    const inBucket = numbers[at + 1] as number;
    buckets.set(numbers[at] as number, inBucket);
    count += inBucket;
  }
  return { count, sum: numbers[0] ?? 0, zero, buckets };
}
