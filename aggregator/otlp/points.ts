/** Data points of OpenTelemetry out of our numbers, and out of what others said. */
import type { DataPoint, ExponentialHistogram, Histogram } from '@opentelemetry/sdk-metrics';
import { type Cut, type CutFamily, cumulativeCounts } from '../metrics/cut.ts';
import type { Label, Sample } from '../metrics/exposition.ts';
import { durationBounds, histogramSum, type NativeHistogram, nativeAt, type Slot } from '../metrics/layout.ts';
import type { Child } from '../metrics/series.ts';
import { boundOf, type Group, groupsOf } from '../metrics/whole.ts';
import { schema } from '../slices/histogram.ts';

/** What is written, and how. */
export type At = { readonly cut: Cut; readonly histograms: 'exponential' | 'explicit' };

type Time = [seconds: number, nanoseconds: number];
type Point = DataPoint<number> | DataPoint<Histogram> | DataPoint<ExponentialHistogram>;

/** Since when it counts is not known. */
const unknownStart: Time = [0, 0];

/** Of label sets that are counted by us. */
export function* childPoints(family: CutFamily, at: At): Generator<Point, void, undefined> {
  const { values } = at.cut.series;
  const endTime = timeOf(at.cut.atMs);
  const exponential = isExponential(family, at);
  for (const child of family.children) {
    const point = { startTime: timeOf(child.createdMs), endTime, attributes: attributesOf(child.labels) };
    yield { ...point, value: numbersOf(family, child, values, exponential) } as Point;
  }
}

function numbersOf(family: CutFamily, { slot }: Child, values: Float64Array, exponential: boolean) {
  if (family.type === 'summary') return withoutBuckets(values[slot] ?? 0, values[slot + 1] ?? 0);
  if (family.type !== 'histogram') return values[slot] ?? 0;
  return exponential ? exponentialOf(nativeAt(values, slot)) : explicitOf(values, slot);
}

/** Base-2 buckets are ours alone. Where others gave a histogram of the same name, all are told in classic ones. */
export function isExponential({ type, samples }: Pick<CutFamily, 'type' | 'samples'>, { histograms }: At): boolean {
  return type === 'histogram' && histograms === 'exponential' && samples.length === 0;
}

/** A bucket's index is its upper bound with Prometheus, its lower bound here: so it is one less. */
export function exponentialOf({ count, sum, zeroCount, runs }: NativeHistogram): ExponentialHistogram {
  const first = runs[0]?.first ?? 1;
  const bucketCounts: number[] = [];
  for (const run of runs) {
    while (bucketCounts.length < run.first - first) bucketCounts.push(0);
    bucketCounts.push(...run.counts);
  }
  const none = { offset: 0, bucketCounts: [] };
  const positive = bucketCounts.length === 0 ? none : { offset: first - 1, bucketCounts };
  return { count, sum, scale: schema, zeroCount, positive, negative: none };
}

function explicitOf(values: Float64Array, slot: Slot): Histogram {
  const cumulative = cumulativeCounts(values, slot);
  return {
    buckets: { boundaries: [...durationBounds], counts: apart(cumulative) },
    sum: histogramSum(values, slot),
    count: cumulative.at(-1) ?? 0,
  };
}

/** The SDK knows no summaries; a histogram with a single bucket has the same sum and count. */
function withoutBuckets(sum: number, count: number): Histogram {
  return { buckets: { boundaries: [], counts: [count] }, sum, count };
}

/** Of others: single values. */
export function* valuePoints({ samples }: CutFamily, { cut }: At): Generator<Point, void, undefined> {
  for (const { labels, value, atMs } of samples) {
    const endTime = timeOf(atMs ?? cut.atMs);
    yield { startTime: unknownStart, endTime, attributes: attributesOf(labels), value };
  }
}

/** Of others: histograms, and summaries without their quantiles. */
export function* groupPoints(family: CutFamily, { cut }: At): Generator<Point, void, undefined> {
  for (const group of groupsOf(family)) {
    const endTime = timeOf(group.samples[0]?.atMs ?? cut.atMs);
    const value = family.type === 'histogram' ? classicOf(family.name, group) : summaryOf(family.name, group);
    yield { startTime: unknownStart, endTime, attributes: attributesOf(group.labels), value };
  }
}

function classicOf(name: string, { samples }: Group): Histogram {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
  const bounds = buckets.map(({ labels }) => boundOf(labels, 'le') ?? Number.POSITIVE_INFINITY);
  const counts = apart(buckets.map(({ value }) => value));
  return {
    buckets: { boundaries: bounds.filter(Number.isFinite), counts },
    sum: ending(samples, `${name}_sum`),
    count: ending(samples, `${name}_count`),
  };
}

function summaryOf(name: string, { samples }: Group): Histogram {
  return withoutBuckets(ending(samples, `${name}_sum`), ending(samples, `${name}_count`));
}

function ending(samples: readonly Sample[], name: string): number {
  return samples.find((sample) => sample.name === name)?.value ?? 0;
}

/** Counts of each bucket alone. */
function apart(cumulative: readonly number[]): number[] {
  return cumulative.map((count, index) => count - (cumulative[index - 1] ?? 0));
}

/** Whom the resource names goes before: another's own `job` and `instance` are told as a scrape tells them. */
const ofResource: ReadonlySet<string> = new Set(['job', 'instance']);

function attributesOf(labels: readonly Label[]): Record<string, string> {
  const shown = labels.filter(([, value]) => value !== '');
  return Object.fromEntries(shown.map(([name, value]) => [ofResource.has(name) ? `exported_${name}` : name, value]));
}

function timeOf(epochMs: number): Time {
  const seconds = Math.floor(epochMs / 1_000);
  return [seconds, Math.min(999_999_999, Math.round((epochMs - seconds * 1_000) * 1_000_000))];
}
