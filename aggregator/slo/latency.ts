import type { Indicator } from '../../contract/objective.ts';
import { quantileRanks, quantileSamplesNeeded, samplesNeeded } from '../../contract/statistics.ts';
import { formatMs } from '../../contract/units.ts';
import { boundsOfRank } from '../slices/histogram.ts';
import type { WindowFacts } from './facts.ts';
import { alpha, type Reading } from './reading.ts';

type Durations = Pick<WindowFacts, 'good' | 'durations' | 'samplesMs'>;
type Latency = Extract<Indicator, { readonly kind: 'latency' }>;

/**
 * A quantile of the durations of good samples, with the order statistics that contain it. Where single durations are
 * not kept any more, the bounds of their buckets stand for them, which widens the interval by a bucket (9 %).
 */
export function judgeLatency(indicator: Latency, facts: WindowFacts): Reading {
  const { quantile: q, targetMs: target } = indicator;
  const n = facts.good;
  const name = `p${Number((q * 100).toFixed(3))}`;
  const measured = n === 0 ? null : valueAt(facts, Math.max(1, Math.ceil(q * n)))[2];
  const ranks = quantileRanks(n, q, alpha);
  if (ranks === undefined || measured === null) {
    const needed = Math.max(1, quantileSamplesNeeded(q, alpha) - n);
    const shown = measured === null ? 'no samples yet' : `${name} of ${n} samples is ${formatMs(measured)}`;
    const because = `${shown}, too few to say; ${needed} more are needed for ${name} at 95 %, want at most ${formatMs(target)}`;
    return { status: 'inconclusive', because, measured, target, n, interval: null, needed };
  }
  const interval = [valueAt(facts, ranks[0])[0], valueAt(facts, ranks[1])[1]] as const;
  const status = interval[1] <= target ? 'pass' : interval[0] > target ? 'fail' : 'inconclusive';
  const needed = status === 'inconclusive' ? neededFor(facts, q, target) : null;
  const because =
    `${name} of ${n} samples is ${formatMs(measured)}, 95 % interval ${formatMs(interval[0])} to ${formatMs(interval[1])}, ` +
    `want at most ${formatMs(target)}${needed === null ? '' : `; ${needed} more samples would decide`}`;
  return { status, because, measured, target, n, interval, needed };
}

/** Lower bound, upper bound and best value in milliseconds of the sample at this rank. */
function valueAt(facts: Durations, rank: number): readonly [number, number, number] {
  const sample = facts.samplesMs === null ? undefined : facts.samplesMs[rank - 1];
  if (sample !== undefined) return [sample, sample, sample];
  const [lower, upper] = boundsOfRank(facts.durations, rank) ?? [0, Number.MAX_VALUE];
  return [lower * 1_000, upper * 1_000, Math.sqrt(Math.max(lower, upper / 2) * upper) * 1_000];
}

/** With more samples the ranks move towards the quantile; the same samples, so many times over, show where they get. */
function neededFor(facts: WindowFacts, q: number, target: number): number {
  const n = facts.good;
  return samplesNeeded(n, (total) => {
    const ranks = quantileRanks(total, q, alpha);
    if (ranks === undefined) return false;
    const [low, high] = ranks.map((rank) => Math.min(n, Math.max(1, Math.ceil((rank / total) * n)))) as [
      number,
      number,
    ];
    return valueAt(facts, high)[1] <= target || valueAt(facts, low)[0] > target;
  });
}

/** For people and gauges: the quantile alone, in milliseconds. */
export function quantileMs(facts: Durations, q: number): number | undefined {
  return facts.good === 0 ? undefined : valueAt(facts, Math.max(1, Math.ceil(q * facts.good)))[2];
}
