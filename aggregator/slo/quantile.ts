import type { QuantileIndicator } from '../../contract/objective.ts';
import { quantileRanks, quantileSamplesNeeded, ratioSamplesNeeded } from '../../contract/statistics.ts';
import { formatMs } from '../../contract/units.ts';
import { boundsOfRank, countUnder, type Histogram } from '../slices/histogram.ts';
import type { Timing } from './cells.ts';
import { alpha, type Reading } from './reading.ts';

export type Durations = {
  /** Good results. */
  readonly good: number;
  readonly durations: Histogram;
  /** Sorted; `null` where some are only known by their histogram. */
  readonly samplesMs: Float64Array | null;
};
export type QuantileFacts = Durations & {
  /** Results that were bad: slower than any that was good. */
  readonly bad: number;
  /** So many samples count as one. */
  readonly designEffect: number;
  /** The same, region by region; absent where that is not known. */
  readonly regions?: ReadonlyMap<string, Timing>;
};

/**
 * A quantile of how long all samples took, with the order statistics that contain it. A bad one has no duration that says
 * how long a user waited for an answer, and none came: it ranks after all good ones, so that an outage is never fast. Where single durations are
 * not kept any more, the bounds of their buckets stand for them, which widens the interval by a bucket (9 %).
 */
export function judgeQuantile(indicator: QuantileIndicator, facts: QuantileFacts): Reading {
  const { quantile: q, targetMs: target } = indicator;
  const n = facts.good + facts.bad;
  const effect = Math.min(facts.designEffect, Math.max(1, n));
  const name = nameOf(q);
  const measured = n === 0 ? null : finite(valueAt(facts, Math.max(1, Math.ceil(q * n)))[2]);
  const ranks = quantileRanks(n, q, alpha, effect);
  if (ranks === undefined) {
    const needed = Math.max(1, Math.ceil(quantileSamplesNeeded(q, alpha) * effect) - n);
    const shown = n === 0 ? 'no samples yet' : `${name} of ${n} samples is ${shownMs(measured)}`;
    const because = `${shown}, too few to say; ${needed} more are needed for ${name} at 95 %, want at most ${formatMs(target)}`;
    return { status: 'inconclusive', because, measured, target, n, interval: null, needed };
  }
  const [lower, upper] = [valueAt(facts, ranks[0])[0], valueAt(facts, ranks[1])[1]];
  const status = upper <= target ? 'pass' : lower > target ? 'fail' : 'inconclusive';
  const interval = finite(upper) === null ? null : ([lower, upper] as const);
  const needed = status === 'inconclusive' ? neededFor(facts, indicator, effect) : null;
  const because =
    `${name} of ${n} samples is ${shownMs(measured)}, 95 % interval ${shownMs(finite(lower))} to ${shownMs(finite(upper))}, ` +
    `want at most ${formatMs(target)}${effect > 1 ? `; ${Math.ceil(effect)} samples count as one, as long as a burst may be` : ''}` +
    `${toldBad(facts.bad)}` +
    `${needed === null ? '' : `; ${needed} more samples would decide`}` +
    `${status === 'inconclusive' && needed === null ? '; the target lies within the bucket that holds it' : ''}`;
  return { status, because, measured, target, n, interval, needed };
}

/** `p99.9`. */
export function nameOf(q: number): string {
  return `p${Number((q * 100).toFixed(3))}`;
}

/** Of a quantile, where `null` is a failure. */
export function shownMs(valueMs: number | null): string {
  return valueMs === null ? 'a failure' : formatMs(valueMs);
}

/** In a phrase of its own after the numbers; empty of none. */
export function toldBad(bad: number): string {
  return bad === 0 ? '' : `; ${bad} of them failed, which is slower than any duration`;
}

/** `null` of a failure: no number says how slow it is. */
export function finite(valueMs: number): number | null {
  return Number.isFinite(valueMs) ? valueMs : null;
}

/** Lower bound, upper bound and best value in milliseconds of the sample at this rank; infinite of one that was bad. */
function valueAt(facts: Durations, rank: number): readonly [number, number, number] {
  if (rank > facts.good) return [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
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
  const n = facts.good + facts.bad;
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

/** For people and gauges: the quantile of good results alone, in milliseconds. */
export function quantileMs(facts: Durations, q: number): number | undefined {
  return facts.good === 0 ? undefined : valueAt(facts, Math.max(1, Math.ceil(q * facts.good)))[2];
}
