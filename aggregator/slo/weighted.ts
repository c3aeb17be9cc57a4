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
import { countUnder, type Histogram, upperBound, zeroThreshold } from '../slices/histogram.ts';
import { middleMs, nameOf } from './quantile.ts';
import { alpha, type Reading } from './reading.ts';

export type WeightedFacts = {
  readonly regions: ReadonlyMap<string, Histogram>;
  /** So many samples count as one, in whichever regions they are: one outage may be in all of them. */
  readonly designEffect: number;
};

const logAlpha = Math.log(alpha / 2);

export function judgeWeighted(indicator: QuantileIndicator, { by, weights }: Weighting, facts: WeightedFacts): Reading {
  const { quantile: q, targetMs: target } = indicator;
  const groups = groupsOf(weights, facts);
  const n = groups.reduce((sum, { durations }) => sum + (durations?.count ?? 0), 0);
  const name = `${nameOf(q)} of ${groups.length} regions, ${by === 'equal' ? 'each counted the same' : 'by traffic'},`;
  const silent = groups.filter(({ durations }) => durations === undefined).map(({ region }) => region);
  const unheard =
    silent.length === 0 ? '' : `; ${silent.join(', ')} ${silent.length === 1 ? 'has' : 'have'} no samples`;
  const bounds = boundsIn(groups);
  const measured = measuredMs(groups, bounds, q);
  const upper = first(bounds, (seconds) => logWeightedTail(strataAt(groups, seconds), q) <= logAlpha);
  const lower = first(bounds, (seconds) => logWeightedCdf(strataAt(groups, seconds), q) > logAlpha) - 1;
  const needed = neededFor(groups, indicator);
  if (measured === null || upper === bounds.length || lower < 0) {
    const shown = measured === null ? `${name} has no samples yet` : `${name} is ${formatMs(measured)} in ${n} samples`;
    const because = `${shown}, too few to say${moreOf(needed)}, want at most ${formatMs(target)}${unheard}`;
    return { status: 'inconclusive', because, measured, target, n, interval: null, needed };
  }
  const interval = [(bounds[lower] as number) * 1_000, (bounds[upper] as number) * 1_000] as const;
  const status = interval[1] <= target ? 'pass' : interval[0] >= target ? 'fail' : 'inconclusive';
  const isOpen = status === 'inconclusive';
  const because =
    `${name} is ${formatMs(measured)} in ${n} samples, 95 % interval ${formatMs(interval[0])} to ${formatMs(interval[1])}, ` +
    `want at most ${formatMs(target)}${isOpen ? moreOf(needed) : ''}` +
    `${isOpen && needed === null ? '; the target lies within the bucket that holds it' : ''}${unheard}`;
  return { status, because, measured, target, n, interval, needed: isOpen ? needed : null };
}

type Group = {
  readonly region: string;
  readonly weight: number;
  readonly designEffect: number;
  /** `undefined` without samples. */
  readonly durations: Histogram | undefined;
};

/** Results of regions that have no weight are not in it. */
function groupsOf(weights: Weighting['weights'], { regions, designEffect }: WeightedFacts): readonly Group[] {
  const all = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  return Object.entries(weights).map(([region, weight]) => {
    const durations = regions.get(region);
    return { region, weight: weight / all, designEffect, durations };
  });
}

/** Bounds of buckets, in seconds, at which any region has results. */
function boundsIn(groups: readonly Group[]): readonly number[] {
  const bounds = new Set<number>();
  for (const { durations } of groups) {
    if (durations === undefined) continue;
    if (durations.zero > 0) bounds.add(zeroThreshold);
    for (const index of durations.buckets.keys()) bounds.add(upperBound(index - 1)).add(upperBound(index));
  }
  return [...bounds].sort((a, b) => a - b);
}

function strataAt(groups: readonly Group[], seconds: number, inCut = false): readonly Stratum[] {
  return groups.map(({ weight, designEffect, durations }) => {
    if (durations === undefined) return { weight, n: 0, k: 0 };
    const { under, cut } = countUnder(durations, seconds);
    const effect = Math.max(1, Math.min(designEffect, durations.count));
    return { weight, n: durations.count / effect, k: (under + (inCut ? cut : 0)) / effect };
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

/** Of the regions that have samples. */
function measuredMs(groups: readonly Group[], bounds: readonly number[], q: number): number | null {
  const heard = groups.filter(({ durations }) => durations !== undefined);
  const whole = heard.reduce((sum, { weight }) => sum + weight, 0);
  if (whole === 0) return null;
  const at = first(bounds, (seconds) => weightedShare(strataAt(heard, seconds)) >= q * whole - 1e-12);
  const upper = bounds[at];
  return upper === undefined ? null : middleMs(bounds[at - 1] ?? 0, upper);
}

/** The bound is a power of the number of samples: so many more of the same decide. `null` where no number would. */
function neededFor(groups: readonly Group[], { quantile: q, targetMs }: QuantileIndicator): number | null {
  const seconds = targetMs / 1_000;
  const n = groups.reduce((sum, { durations }) => sum + (durations?.count ?? 0), 0);
  if (groups.some(({ durations }) => durations === undefined)) {
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
