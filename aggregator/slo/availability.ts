import type { Indicator } from '../../contract/objective.ts';
import { ratioInterval } from '../../contract/statistics.ts';
import { formatRatio } from '../../contract/units.ts';
import type { SliceCounts, WindowFacts } from './facts.ts';
import { maxNeeded, samplesNeeded } from './needed.ts';
import { alpha, type Reading } from './reading.ts';

type Availability = Extract<Indicator, { readonly kind: 'availability' }>;

/**
 * Share of good samples, with its exact interval (Clopper-Pearson). That assumes independent samples, and outages come
 * in bursts: where bad samples crowd into few slices more than chance explains, as many samples count as the slices
 * show to be worth, and the sentence says so.
 */
export function judgeAvailability({ target }: Availability, facts: WindowFacts): Reading {
  const { good, bad } = facts;
  const n = good + bad;
  if (n === 0) {
    const needed = samplesNeeded(0, (total) => ratioInterval(total, total, alpha)[0] >= target);
    const because = `no samples yet, want at least ${needed} to show ${formatRatio(target)}`;
    return { status: 'inconclusive', because, measured: null, target, n, interval: null, needed };
  }
  const measured = good / n;
  const crowding = crowdingOf(facts.slices, n, bad);
  const interval = intervalOf(good, n, crowding);
  const status = statusOf(interval, target);
  const needed = status === 'inconclusive' ? neededFor(measured, n, target, crowding) : null;
  const [lower, upper] = interval.map((bound) => formatRatio(bound));
  const effective = crowding > 1 ? `, worth ${Math.round(n / crowding)} because failures come in bursts` : '';
  const because =
    `${formatRatio(measured)} of ${n} samples good${effective}, 95 % interval ${lower} to ${upper}, ` +
    `want at least ${formatRatio(target)}${needed === null ? '' : `; ${needed} more samples would decide`}`;
  return { status, because, measured, target, n, interval, needed };
}

/** Exact while that is cheap; for very many samples by the normal approximation, which is as good there. */
function neededFor(measured: number, n: number, target: number, crowding: number): number {
  const away = Math.abs(measured - target);
  const spread = Math.max(measured * (1 - measured), target * (1 - target));
  const roughly = away === 0 ? maxNeeded : Math.ceil((normalQuantile ** 2 * spread * crowding) / away ** 2);
  if (roughly > exactUpTo) return Math.min(maxNeeded, Math.max(1, roughly - n));
  return samplesNeeded(
    n,
    (total) => statusOf(intervalOf(measured * total, total, crowding), target) !== 'inconclusive',
  );
}

/** Two-sided, for `alpha`. */
const normalQuantile = 1.959964;
const exactUpTo = 100_000;

function intervalOf(good: number, n: number, crowding: number): readonly [number, number] {
  const effective = n / crowding;
  const effectiveGood = good >= n ? effective : good / crowding;
  return ratioInterval(effectiveGood, effective, alpha);
}

function statusOf([lower, upper]: readonly [number, number], target: number): Reading['status'] {
  if (lower >= target) return 'pass';
  return upper < target ? 'fail' : 'inconclusive';
}

/** How much more the slices differ than chance would have them: 1 unless that is significant (three sigma). */
export function crowdingOf(slices: readonly SliceCounts[], n: number, bad: number): number {
  const counted = slices.filter((slice) => slice.good + slice.bad > 0);
  const ratio = bad / n;
  if (bad === 0 || bad === n || counted.length < 2) return 1;
  let squares = 0;
  for (const slice of counted) {
    const size = slice.good + slice.bad;
    squares += (slice.bad - size * ratio) ** 2 / (size * ratio * (1 - ratio));
  }
  const freedom = counted.length - 1;
  return squares > freedom + 3 * Math.sqrt(2 * freedom) ? squares / freedom : 1;
}
