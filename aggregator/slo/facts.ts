/** All that an objective's verdict is made from: counts per slice, durations, and how complete they are. */
import type { Objective } from '../../contract/objective.ts';
import type { Span } from '../../contract/slo/spans.ts';
import { emptyHistogram, type Histogram, mergeInto } from '../slices/histogram.ts';
import { type Counts, missingIn, type Slice } from '../slices/slice.ts';
import type { Series } from '../slices/table.ts';
import { slicesIn } from '../slices/tiers.ts';
import { readerOf } from './cells.ts';

export type SliceCounts = {
  readonly atMs: number;
  readonly widthMs: number;
  good: number;
  bad: number;
  missing: number;
};
export type WindowFacts = {
  readonly fromMs: number;
  readonly atMs: number;
  readonly good: number;
  readonly bad: number;
  readonly missing: number;
  /** In the order of time. */
  readonly slices: readonly SliceCounts[];
  readonly durations: Histogram;
  /** Sorted; `null` where some are only known by their histogram. */
  readonly samplesMs: Float64Array | null;
  /** With results in the window. */
  readonly vantages: readonly string[];
};

export type FactsDeps = {
  series(): Iterable<Series>;
  nameOf(checkId: string): string;
  /** The region that a check asks. */
  regionOf(checkId: string): string | null;
  vantageRegion(vantage: string): string | null;
};

const plain = { kind: 'availability', target: 0 } as const;

export function factsOf(objective: Objective, window: Span, deps: FactsDeps): WindowFacts {
  const { fromMs, toMs: atMs } = window;
  const slices = new Map<string, SliceCounts>();
  const durations = emptyHistogram();
  const vantages = new Set<string>();
  let samples: number[] | null = [];
  // What was slow was answered all the same.
  const read = readerOf(objective.indicator.kind === 'residency' ? objective.indicator : plain);
  for (const series of deps.series()) {
    if (!counts(series, objective, deps)) continue;
    const asked = objective.region === null || deps.regionOf(series.checkId) === objective.region;
    for (const slice of slicesIn(series, fromMs, atMs)) {
      const sum = sumAt(slices, slice);
      if (asked) sum.missing += missingIn(slice);
      for (const [region, found] of slice.regions) {
        if (objective.region !== null && region !== objective.region) continue;
        const { good, bad, missing = 0 } = read(found);
        sum.good += good;
        sum.bad += bad;
        sum.missing += missing;
        if (found.good + found.bad > 0) vantages.add(series.vantage);
        samples = withSamples(samples, found);
        mergeInto(durations, found.durations);
      }
    }
  }
  const ordered = [...slices.values()].sort((a, b) => a.atMs - b.atMs);
  const total = (of: (slice: SliceCounts) => number): number => ordered.reduce((sum, slice) => sum + of(slice), 0);
  return {
    fromMs,
    atMs,
    good: total((slice) => slice.good),
    bad: total((slice) => slice.bad),
    missing: total((slice) => slice.missing),
    slices: ordered,
    durations,
    samplesMs: samples === null ? null : Float64Array.from(samples).sort(),
    vantages: [...vantages],
  };
}

/** Whether results of that series count for the objective. */
export function counts(series: Series, objective: Objective, deps: FactsDeps): boolean {
  if (series.burst !== '' || deps.nameOf(series.checkId) !== objective.check) return false;
  return (
    objective.from === 'all' || objective.region === null || deps.vantageRegion(series.vantage) === objective.region
  );
}

/** Slices of several widths may begin at once: those of one series are merged, those of another have yet to be. */
function sumAt(slices: Map<string, SliceCounts>, slice: Slice): SliceCounts {
  const key = `${slice.atMs}/${slice.widthMs}`;
  let sum = slices.get(key);
  if (sum === undefined) {
    sum = { atMs: slice.atMs, widthMs: slice.widthMs, good: 0, bad: 0, missing: 0 };
    slices.set(key, sum);
  }
  return sum;
}

function withSamples(samples: number[] | null, found: Counts): number[] | null {
  if (samples === null || found.good === 0) return samples;
  if (found.samplesMs === null || found.samplesMs.length !== found.good) return null;
  for (const sample of found.samplesMs) samples.push(sample);
  return samples;
}
