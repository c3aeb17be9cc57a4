/** A share of something against its target: by the exact interval, allowing for bursts, buckets and what is missing. */
import type { MissingPolicy } from '../../contract/objective.ts';
import { ratioAtLeast, ratioAtMost, ratioSamplesNeeded, sideOf } from '../../contract/statistics.ts';
import { formatRatio } from '../../contract/units.ts';
import type { Could, Status } from '../../contract/verdict.ts';
import { type Account, extremes, type Tally, tallied } from './account.ts';
import { alpha, type Reading } from './reading.ts';

export type RatioFacts = {
  readonly account: Account;
  readonly policy: MissingPolicy;
  /** So many samples count as one. */
  readonly designEffect: number;
  /** What is counted: `samples`, `slices of 1 min`. */
  readonly noun: string;
};

export function judgeRatio(target: number, facts: RatioFacts): Reading {
  const tally = tallied(facts.account, facts.policy);
  const { good, unsure, n } = tally;
  const { designEffect, noun } = facts;
  if (n === 0) {
    const needed = ratioSamplesNeeded({ good: 0, n: 0, target, designEffect, alpha });
    const because = `no ${noun} yet, want at least ${needed} to show ${formatRatio(target)}`;
    return { status: 'inconclusive', because, measured: null, target, n, interval: null, needed };
  }
  const effect = Math.min(designEffect, n);
  const interval = intervalOf(tally, effect);
  const status = statusOf(tally, target, effect);
  const measured = (good + unsure / 2) / n;
  // What is unsure stays so with any number of samples: then it is not they that are lacking.
  const lacking = unsure === 0 && status === 'inconclusive';
  const needed = lacking ? ratioSamplesNeeded({ good, n, target, designEffect: effect, alpha }) : null;
  const [lower, upper] = interval.map((bound) => formatRatio(bound));
  const because = [
    `${formatRatio(measured)} of ${n} ${noun} good${effect > 1 ? `, worth ${worth(n / effect)} because failures come in bursts` : ''}, ` +
      `95 % interval ${lower} to ${upper}, want at least ${formatRatio(target)}`,
    ...(needed === null ? [] : [`${needed} more ${noun} would decide`]),
    ...(unsure > 0 ? [`of ${unsure} it is not known whether they were good`] : []),
  ].join('; ');
  const could = couldBe(facts, target);
  return { status, because, measured, target, n, interval, needed, ...(could === undefined ? {} : { could }) };
}

/** At least `good` and at most `good + unsure` were good: each bound is that of its own case. */
function intervalOf({ good, unsure, n }: Tally, effect: number): readonly [number, number] {
  const lower = ratioAtLeast(good / effect, n / effect, alpha / 2);
  return [lower, ratioAtMost((good + unsure) / effect, n / effect, alpha / 2)];
}

export function statusOf({ good, unsure, n }: Tally, target: number, designEffect: number): Status {
  const side = (of: number): string => sideOf({ good: of, n, target, designEffect, alpha });
  if (side(good) === 'above') return 'pass';
  return side(good + unsure) === 'below' ? 'fail' : 'inconclusive';
}

/** What the verdict would be if all that is missing had been bad, and good. */
function couldBe({ account, policy, designEffect }: RatioFacts, target: number): Could | undefined {
  if (account.missing === 0) return undefined;
  const [worst, best] = extremes(account);
  // Had it all come there would be more in a burst, by as much as there would be more at all.
  const more = (n: number): number => (designEffect > 1 ? Math.max(1, n / Math.max(1, tallied(account, policy).n)) : 1);
  const of = (tally: Tally) => ({
    measured: tally.good / tally.n,
    status: statusOf(tally, target, Math.min(designEffect * more(tally.n), tally.n)),
  });
  return { worst: of(worst), best: of(best) };
}

function worth(samples: number): string {
  return samples >= 10 ? String(Math.round(samples)) : samples.toFixed(1);
}
