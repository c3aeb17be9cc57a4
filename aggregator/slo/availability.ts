import type { Indicator } from '../../contract/objective.ts';
import { crowdingOf, ratioIntervalInBursts, ratioSamplesNeeded } from '../../contract/statistics.ts';
import { formatRatio } from '../../contract/units.ts';
import type { WindowFacts } from './facts.ts';
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
    const needed = ratioSamplesNeeded({ good: 0, n: 0, target, designEffect: 1, alpha });
    const because = `no samples yet, want at least ${needed} to show ${formatRatio(target)}`;
    return { status: 'inconclusive', because, measured: null, target, n, interval: null, needed };
  }
  const measured = good / n;
  const crowding = crowdingOf(facts.slices);
  const interval = ratioIntervalInBursts(good, n, crowding, alpha);
  const status = statusOf(interval, target);
  const needed =
    status === 'inconclusive' ? ratioSamplesNeeded({ good, n, target, designEffect: crowding, alpha }) : null;
  const [lower, upper] = interval.map((bound) => formatRatio(bound));
  const effective = crowding > 1 ? `, worth ${Math.round(n / crowding)} because failures come in bursts` : '';
  const because =
    `${formatRatio(measured)} of ${n} samples good${effective}, 95 % interval ${lower} to ${upper}, ` +
    `want at least ${formatRatio(target)}${needed === null ? '' : `; ${needed} more samples would decide`}`;
  return { status, because, measured, target, n, interval, needed };
}

function statusOf([lower, upper]: readonly [number, number], target: number): Reading['status'] {
  if (lower >= target) return 'pass';
  return upper < target ? 'fail' : 'inconclusive';
}
