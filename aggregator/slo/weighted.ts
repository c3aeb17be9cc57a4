/**
 * A quantile over several regions of which each counts for a stated share, however often it is probed: where so much of
 * the weighted distribution lies below. Its interval holds the values that are not refuted: at a bound of a bucket the
 * weighted share of results below is tested against the quantile (contract/statistics/weighted.ts), and the test of one
 * value needs no allowance for the others, because shares only grow with the value.
 */
import type { QuantileIndicator, Weighting } from '../../contract/objective.ts';
import {
  logWeightedCdf,
  logWeightedTail,
  quantileSamplesNeeded,
  type Stratum,
  weightedShare,
} from '../../contract/statistics.ts';
import { formatMs } from '../../contract/units.ts';
import { countUnder, emptyHistogram, upperBound, zeroThreshold } from '../slices/histogram.ts';
import type { Timing } from './cells.ts';
import { finite, middleMs, nameOf, shownMs, toldBad } from './quantile.ts';
import { alpha, type Reading } from './reading.ts';

export type WeightedFacts = {
  readonly regions: ReadonlyMap<string, Timing>;
  /** So many samples count as one, in whichever regions they are: one outage may be in all of them. */
  readonly designEffect: number;
};

const logAlpha = Math.log(alpha / 2);

export function judgeWeighted(indicator: QuantileIndicator, { by, weights }: Weighting, facts: WeightedFacts): Reading {
  const { quantile: q, targetMs: target } = indicator;
  const groups = groupsOf(weights, facts);
  const n = sizeOf(groups);
  const name = `${nameOf(q)} of ${groups.length} regions, ${by === 'equal' ? 'each counted the same' : 'by traffic'},`;
  const told = `${toldBad(groups.reduce((sum, { bad }) => sum + bad, 0))}${toldSilent(groups)}`;
  const bounds = boundsIn(groups);
  const measured = measuredMs(groups, bounds, q);
  const { lowerMs, upperMs } = unrefuted(groups, bounds, q);
  const status = upperMs <= target ? 'pass' : lowerMs >= target ? 'fail' : 'inconclusive';
  const isOpen = status === 'inconclusive';
  const needed = isOpen ? neededFor(groups, indicator) : null;
  const shown = n === 0 ? `${name} has no samples yet` : `${name} is ${shownMs(measured)} in ${n} samples`;
  if (isOpen && (n === 0 || lowerMs === 0 || upperMs === Number.POSITIVE_INFINITY)) {
    const because = `${shown}, too few to say${moreOf(needed)}, want at most ${formatMs(target)}${told}`;
    return { status, because, measured, target, n, interval: null, needed };
  }
  const interval = Number.isFinite(upperMs) ? ([lowerMs, upperMs] as const) : null;
  const because =
    `${shown}, 95 % interval ${shownMs(finite(lowerMs))} to ${shownMs(finite(upperMs))}, ` +
    `want at most ${formatMs(target)}${isOpen ? moreOf(needed) : ''}` +
    `${isOpen && needed === null ? '; the target lies within the bucket that holds it' : ''}${told}`;
  return { status, because, measured, target, n, interval, needed };
}

/** The bounds of buckets between which no value is refuted: from 0 where none is, to beyond all where failures may be it. */
function unrefuted(groups: readonly Group[], bounds: readonly number[], q: number) {
  const isTooLow = (seconds: number): boolean => logWeightedCdf(strataAt(groups, seconds), q) <= logAlpha;
  const upper = first(bounds, (seconds) => logWeightedTail(strataAt(groups, seconds), q) <= logAlpha);
  const lower = first(bounds, (seconds) => !isTooLow(seconds)) - 1;
  // Above the longest duration there are failures alone: where even that is too low, the quantile is one of them.
  const lowerMs = isTooLow(Number.MAX_VALUE) ? Number.POSITIVE_INFINITY : (bounds[lower] ?? 0) * 1_000;
  return { lowerMs, upperMs: (bounds[upper] ?? Number.POSITIVE_INFINITY) * 1_000 };
}

function toldSilent(groups: readonly Group[]): string {
  const silent = groups.filter(({ n }) => n === 0).map(({ region }) => region);
  return silent.length === 0 ? '' : `; ${silent.join(', ')} ${silent.length === 1 ? 'has' : 'have'} no samples`;
}

type Group = {
  readonly region: string;
  readonly weight: number;
  readonly designEffect: number;
  /** Good and bad ones. */
  readonly n: number;
} & Timing;

function sizeOf(groups: readonly Group[]): number {
  return groups.reduce((sum, { n }) => sum + n, 0);
}

/** Results of regions that have no weight are not in it. */
function groupsOf(weights: Weighting['weights'], { regions, designEffect }: WeightedFacts): readonly Group[] {
  const all = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  return Object.entries(weights).map(([region, weight]) => {
    const { durations, bad } = regions.get(region) ?? { durations: emptyHistogram(), bad: 0 };
    return { region, weight: weight / all, designEffect, durations, bad, n: durations.count + bad };
  });
}

/** Bounds of buckets, in seconds, at which any region has results. */
function boundsIn(groups: readonly Group[]): readonly number[] {
  const bounds = new Set<number>();
  for (const { durations } of groups) {
    if (durations.zero > 0) bounds.add(zeroThreshold);
    for (const index of durations.buckets.keys()) bounds.add(upperBound(index - 1)).add(upperBound(index));
  }
  return [...bounds].sort((a, b) => a - b);
}

function strataAt(groups: readonly Group[], seconds: number, inCut = false): readonly Stratum[] {
  return groups.map(({ weight, designEffect, durations, n }) => {
    const { under, cut } = countUnder(durations, seconds);
    const effect = Math.max(1, Math.min(designEffect, n));
    return { weight, n: n / effect, k: (under + (inCut ? cut : 0)) / effect };
  });
}

/** The first of the sorted values that the claim holds for, by its index; it holds for all after it. */
function first(values: readonly number[], holds: (value: number) => boolean): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(values[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Of the regions that have samples; `null` where it is a failure. */
function measuredMs(groups: readonly Group[], bounds: readonly number[], q: number): number | null {
  const heard = groups.filter(({ n }) => n > 0);
  const whole = heard.reduce((sum, { weight }) => sum + weight, 0);
  if (whole === 0) return null;
  const at = first(bounds, (seconds) => weightedShare(strataAt(heard, seconds)) >= q * whole - 1e-12);
  const upper = bounds[at];
  return upper === undefined ? null : middleMs(bounds[at - 1] ?? 0, upper);
}

/** The bound is a power of the number of samples: so many more of the same decide. `null` where no number would. */
function neededFor(groups: readonly Group[], { quantile: q, targetMs }: QuantileIndicator): number | null {
  const seconds = targetMs / 1_000;
  const n = sizeOf(groups);
  if (groups.some((group) => group.n === 0)) {
    // A region that is silent has to be heard first: as many of each as one alone would take.
    const effect = groups[0]?.designEffect ?? 1;
    return n > 0 ? null : Math.ceil(quantileSamplesNeeded(q, alpha) * effect) * groups.length;
  }
  const tail = logWeightedTail(strataAt(groups, seconds), q);
  const log = tail < 0 ? tail : logWeightedCdf(strataAt(groups, seconds, true), q);
  return log < 0 ? Math.max(1, Math.ceil(n * (logAlpha / log - 1))) : null;
}

function moreOf(needed: number | null): string {
  return needed === null ? '' : `; ${needed} more samples would decide`;
}
