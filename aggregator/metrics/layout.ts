/** How the numbers of one label set lie side by side, and how they are read out of a cut. */
import type { MetricType } from '../../contract/catalogue.ts';
import { bucketIndex, perOctave, zeroThreshold } from '../slices/histogram.ts';

/** Where a label set's numbers begin. */
export type Slot = number;

/** Upper bounds in seconds of the classic buckets, at what people set limits to. */
export const durationBounds = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.4, 0.5, 0.75, 1, 1.2, 1.5, 2, 3, 5, 10, 30,
] as const;
/** The classic buckets, the one without a bound included. */
export const classicBuckets = durationBounds.length + 1;

/** An exemplar: the value, when it was (epoch ms), its sequence number, and the number of the boot that sent it. */
const exemplarSize = 4;

/** A counter is its value and its exemplar. */
const counterExemplar = 1;

/** A histogram: classic buckets, sum, zero bucket, their exemplars, and where the pages of eight base-2 buckets are. */
const histogram = {
  sum: classicBuckets,
  zero: classicBuckets + 1,
  exemplars: classicBuckets + 2,
  pages: classicBuckets + 2 + classicBuckets * exemplarSize,
} as const;
/** Powers of two with a page: from 2^-20 s to 2^24 s, half a year. Longer ones are counted in the last. */
const octaves = { least: -20, count: 44 } as const;
const lastIndex = (octaves.least + octaves.count) * perOctave;

export const sizes: Readonly<Record<MetricType, number>> = {
  gauge: 1,
  summary: 2,
  counter: counterExemplar + exemplarSize,
  histogram: histogram.pages + octaves.count,
};

/** The numbers of all label sets. */
export type Numbers = { values: Float64Array; reserve(count: number): Slot };

/** Who sent a result: what an exemplar leads back to. */
export type Origin = { readonly boot: number; readonly seq: number; readonly atMs: number };
export type Exemplar = Origin & { readonly value: number };

export function observeAt(numbers: Numbers, slot: Slot, seconds: number, origin: Origin | undefined): void {
  const { values } = numbers;
  let bucket = 0;
  while (bucket < durationBounds.length && seconds > (durationBounds[bucket] as number)) bucket += 1;
  bump(values, slot + bucket, 1);
  bump(values, slot + histogram.sum, seconds);
  if (origin !== undefined) putExemplar(values, slot + histogram.exemplars + bucket * exemplarSize, seconds, origin);
  if (seconds <= zeroThreshold) {
    bump(values, slot + histogram.zero, 1);
    return;
  }
  const index = Math.min(bucketIndex(seconds), lastIndex);
  const octave = Math.floor((index - 1) / perOctave);
  const entry = slot + histogram.pages + octave - octaves.least;
  let page = values[entry] as number;
  if (page === 0) {
    page = numbers.reserve(perOctave);
    // Reserving may have moved the numbers.
    numbers.values[entry] = page;
  }
  bump(numbers.values, page + index - 1 - octave * perOctave, 1);
}

export function countAt(values: Float64Array, slot: Slot, amount: number, origin: Origin | undefined): void {
  bump(values, slot, amount);
  if (origin !== undefined) putExemplar(values, slot + counterExemplar, amount, origin);
}

function bump(values: Float64Array, at: number, amount: number): void {
  values[at] = (values[at] as number) + amount;
}

function putExemplar(values: Float64Array, at: number, value: number, { boot, seq, atMs }: Origin): void {
  values[at] = value;
  values[at + 1] = atMs;
  values[at + 2] = seq;
  values[at + 3] = boot;
}

function exemplarAt(values: Float64Array, at: number): Exemplar | undefined {
  const seq = values[at + 2] ?? 0;
  if (seq === 0) return undefined;
  return { value: values[at] ?? 0, atMs: values[at + 1] ?? 0, seq, boot: values[at + 3] ?? 0 };
}

export function counterExemplarOf(values: Float64Array, slot: Slot): Exemplar | undefined {
  return exemplarAt(values, slot + counterExemplar);
}

export function bucketExemplarOf(values: Float64Array, slot: Slot, bucket: number): Exemplar | undefined {
  return exemplarAt(values, slot + histogram.exemplars + bucket * exemplarSize);
}

export function histogramSum(values: Float64Array, slot: Slot): number {
  return values[slot + histogram.sum] ?? 0;
}

/** The same durations twice: in classic buckets, and in those of base 2. */
export type NativeHistogram = {
  readonly count: number;
  readonly sum: number;
  readonly zeroCount: number;
  /** Index of the first bucket of a run of buckets, and their counts; runs are apart by at least one empty bucket. */
  readonly runs: readonly { readonly first: number; readonly counts: readonly number[] }[];
};

export function nativeAt(values: Float64Array, slot: Slot): NativeHistogram {
  const zeroCount = values[slot + histogram.zero] ?? 0;
  const runs: { first: number; counts: number[] }[] = [];
  let count = zeroCount;
  for (let octave = 0; octave < octaves.count; octave += 1) {
    const page = values[slot + histogram.pages + octave] ?? 0;
    if (page === 0) continue;
    for (let at = 0; at < perOctave; at += 1) {
      const inBucket = values[page + at] ?? 0;
      if (inBucket === 0) continue;
      count += inBucket;
      const index = (octave + octaves.least) * perOctave + at + 1;
      const run = runs.at(-1);
      if (run !== undefined && run.first + run.counts.length === index) run.counts.push(inBucket);
      else runs.push({ first: index, counts: [inBucket] });
    }
  }
  return { count, sum: histogramSum(values, slot), zeroCount, runs };
}
