import type { QuantileIndicator } from '../../contract/objective.ts';
import { quantileRanks, quantileSamplesNeeded, ratioSamplesNeeded } from '../../contract/statistics.ts';
import { formatMs } from '../../contract/units.ts';
import { boundsOfRank, countUnder, type Histogram } from '../slices/histogram.ts';
import { alpha, type Reading } from './reading.ts';

export type Durations = {
  /** Good results. */
  readonly good: number;
  readonly durations: Histogram;
  /** Sorted; `null` where some are only known by their histogram. */
  readonly samplesMs: Float64Array | null;
};
export type QuantileFacts = Durations & {
  /** So many samples count as one. */
  readonly designEffect: number;
  /** The same durations, region by region; absent where that is not known. */
  readonly regions?: ReadonlyMap<string, Histogram>;
};

/**
 * A quantile of the durations of good samples, with the order statistics that contain it. Where single durations are
 * not kept any more, the bounds of their buckets stand for them, which widens the interval by a bucket (9 %).
 */
export function judgeQuantile(indicator: QuantileIndicator, facts: QuantileFacts): Reading {
  const { quantile: q, targetMs: target } = indicator;
  const effect = Math.min(facts.designEffect, Math.max(1, facts.good));
  const n = facts.good;
  const name = nameOf(q);
  const measured = n === 0 ? null : valueAt(facts, Math.max(1, Math.ceil(q * n)))[2];
  const ranks = quantileRanks(n, q, alpha, effect);
  if (ranks === undefined || measured === null) {
    const needed = Math.max(1, Math.ceil(quantileSamplesNeeded(q, alpha) * effect) - n);
    const shown = measured === null ? 'no samples yet' : `${name} of ${n} samples is ${formatMs(measured)}`;
    const because = `${shown}, too few to say; ${needed} more are needed for ${name} at 95 %, want at most ${formatMs(target)}`;
    return { status: 'inconclusive', because, measured, target, n, interval: null, needed };
  }
  const interval = [valueAt(facts, ranks[0])[0], valueAt(facts, ranks[1])[1]] as const;
  const status = interval[1] <= target ? 'pass' : interval[0] > target ? 'fail' : 'inconclusive';
  const needed = status === 'inconclusive' ? neededFor(facts, indicator, effect) : null;
  const because =
    `${name} of ${n} samples is ${formatMs(measured)}, 95 % interval ${formatMs(interval[0])} to ${formatMs(interval[1])}, ` +
    `want at most ${formatMs(target)}${effect > 1 ? `; ${Math.ceil(effect)} samples count as one, as long as a burst may be` : ''}` +
    `${needed === null ? '' : `; ${needed} more samples would decide`}` +
    `${status === 'inconclusive' && needed === null ? '; the target lies within the bucket that holds it' : ''}`;
  return { status, because, measured, target, n, interval, needed };
}

/** `p99.9`. */
export function nameOf(q: number): string {
  return `p${Number((q * 100).toFixed(3))}`;
}

/** Lower bound, upper bound and best value in milliseconds of the sample at this rank. */
function valueAt(facts: Durations, rank: number): readonly [number, number, number] {
  const sample = facts.samplesMs === null ? undefined : facts.samplesMs[rank - 1];
  if (sample !== undefined) return [sample, sample, sample];
  const [lower, upper] = boundsOfRank(facts.durations, rank) ?? [0, Number.MAX_VALUE];
  return [lower * 1_000, upper * 1_000, middleMs(lower, upper)];
}

/** The best value for what lies in a bucket with these bounds, in seconds. */
export function middleMs(lower: number, upper: number): number {
  return Math.sqrt(Math.max(lower, upper / 2) * upper) * 1_000;
}

/**
 * The order statistics lie on one side of the target exactly when the share of samples within it does of `q`: so many
 * more would decide that. `null` where the bucket that the target cuts holds the quantile: no number would.
 */
function neededFor(facts: QuantileFacts, { quantile: q, targetMs }: QuantileIndicator, designEffect: number) {
  const n = facts.good;
  const { under, cut } = within(facts, targetMs);
  const ask = (good: number): number => ratioSamplesNeeded({ good, n, target: q, designEffect, alpha });
  if (cut === 0 || under >= q * n) return ask(under);
  return under + cut <= q * n ? ask(under + cut) : null;
}

function within(
  { samplesMs, durations }: Durations,
  targetMs: number,
): { readonly under: number; readonly cut: number } {
  if (samplesMs === null) return countUnder(durations, targetMs / 1_000);
  let low = 0;
  let high = samplesMs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((samplesMs[middle] as number) <= targetMs) low = middle + 1;
    else high = middle;
  }
  return { under: low, cut: 0 };
}

/** For people and gauges: the quantile alone, in milliseconds. */
export function quantileMs(facts: Durations, q: number): number | undefined {
  return facts.good === 0 ? undefined : valueAt(facts, Math.max(1, Math.ceil(q * facts.good)))[2];
}
