/** The counts of one check and vantage over a fixed stretch of time: expected = good + bad + missing. */
import type { MissingReason, Outcome } from '../../contract/result.ts';
import { emptyHistogram, type Histogram, mergeInto, observe } from './histogram.ts';
import type { Spread } from './spread.ts';

/** What came, per region. */
export type Counts = {
  good: number;
  bad: number;
  /** Of the bad ones of a residency check: somebody was served, or stored, where a rule forbids it. Absent: none. */
  leaks?: number;
  readonly missing: Map<MissingReason, number>;
  /** Of good results, in seconds. */
  readonly durations: Histogram;
  /** The same durations in milliseconds, one by one, as long as there is room. */
  samplesMs: number[] | null;
};

export type Slice = {
  readonly atMs: number;
  readonly widthMs: number;
  /** By the assignment; what came beyond it counts as expected too. */
  expected: number;
  /** Why those are missing that never came. */
  remainder: MissingReason;
  readonly regions: Map<string, Counts>;
  /** What of it is in the sums of its vantage. */
  summed: Sums;
  /** Of an hour: how its results lie in its minutes, also as text. Absent or `null`: not known. */
  spread?: Spread | string | null;
};

/** Of ordinary rounds, at one vantage. */
export type Sums = { readonly expected: number; readonly missing: number };
export const noSums: Sums = { expected: 0, missing: 0 };

export function sumsOf(slice: Slice): Sums {
  return { expected: Math.max(slice.expected, cameIn(slice)), missing: missingIn(slice) };
}

/** What is known of one result when it is counted. */
export type Counted = {
  readonly region: string;
  readonly outcome: Outcome;
  readonly missing: MissingReason | null;
  readonly durationMs: number;
};

export function emptySlice(atMs: number, widthMs: number): Slice {
  return { atMs, widthMs, expected: 0, remainder: 'agent-gone', regions: new Map(), summed: noSums };
}

export function emptyCounts(samplesMs: number[] | null): Counts {
  return { good: 0, bad: 0, missing: new Map(), durations: emptyHistogram(), samplesMs };
}

export function countsOf(slice: Slice, region: string, keepsSamples: boolean): Counts {
  let counts = slice.regions.get(region);
  if (counts === undefined) {
    counts = emptyCounts(keepsSamples ? [] : null);
    slice.regions.set(region, counts);
  }
  return counts;
}

/** Whether a sample was added. */
export function count(counts: Counts, outcome: Outcome, missing: MissingReason | null, durationMs: number): boolean {
  switch (outcome) {
    case 'good':
      counts.good += 1;
      observe(counts.durations, durationMs / 1_000);
      counts.samplesMs?.push(durationMs);
      return counts.samplesMs !== null;
    case 'bad':
      counts.bad += 1;
      return false;
    case 'missing': {
      const reason = missing ?? 'bad-sample';
      counts.missing.set(reason, (counts.missing.get(reason) ?? 0) + 1);
      return false;
    }
  }
}

/** The vantage itself was in trouble: its bad results say nothing about the target. */
export function excuse(counts: Counts, results: number): void {
  const moved = Math.min(results, counts.bad);
  counts.bad -= moved;
  counts.missing.set('bad-sample', (counts.missing.get('bad-sample') ?? 0) + moved);
}

export function sumOf(counts: ReadonlyMap<MissingReason, number>): number {
  let sum = 0;
  for (const number of counts.values()) sum += number;
  return sum;
}

/** All that came, good, bad or missing. */
export function cameIn(slice: Slice): number {
  let came = 0;
  for (const counts of slice.regions.values()) came += counts.good + counts.bad + sumOf(counts.missing);
  return came;
}

/** Expected and never came. */
export function absentIn(slice: Slice): number {
  return Math.max(0, slice.expected - cameIn(slice));
}

export function missingIn(slice: Slice): number {
  let missing = absentIn(slice);
  for (const counts of slice.regions.values()) missing += sumOf(counts.missing);
  return missing;
}

/** Results or expectations came for a time whose slices are merged already: of its minutes nothing is known any more. */
export function blurred(slice: Slice): Slice {
  slice.spread = null;
  return slice;
}

/** Adds a slice to the longer one that it lies in. What came beyond the expected must not hide what is missing elsewhere. */
export function mergeSlice(target: Slice, other: Slice): void {
  if (absentIn(other) > absentIn(target)) target.remainder = other.remainder;
  target.expected = Math.max(target.expected, cameIn(target)) + Math.max(other.expected, cameIn(other));
  for (const [region, counts] of other.regions) {
    const into = countsOf(target, region, false);
    into.good += counts.good;
    into.bad += counts.bad;
    if (counts.leaks !== undefined) into.leaks = (into.leaks ?? 0) + counts.leaks;
    for (const [reason, number] of counts.missing) into.missing.set(reason, (into.missing.get(reason) ?? 0) + number);
    mergeInto(into.durations, counts.durations);
  }
}
