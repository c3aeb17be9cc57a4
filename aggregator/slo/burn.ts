/**
 * How fast the error budget goes, over the pairs of windows of the SRE workbook (chapter 5), as an exact test: a pair
 * fires when as many bad results as the long window has would be rarer than `alpha` at exactly the pair's rate, and the
 * short window still burns at that rate or faster. One failed probe of sixty proves nothing; at one a minute a total
 * outage against 99.9 % fires in its fifth minute.
 *
 * The test takes the results in the long window for draws at one failure rate, that of this window: an outage is what it
 * is to find, so bursts are not discounted here as they are in verdicts.
 */
import type { Span } from '../../contract/slo/spans.ts';
import { binomialTail, ratioAtLeast, ratioAtMost } from '../../contract/statistics.ts';
import type { Tally } from './account.ts';

export type Severity = 'page' | 'ticket';

export type BurnPair = {
  readonly severity: Severity;
  readonly longMs: number;
  readonly shortMs: number;
  /** How many times faster than would just spend the budget by the end of the window. */
  readonly factor: number;
};

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Long and short window, and the share of the budget that the long one spends when the pair fires. */
const workbook = [
  { severity: 'page', longMs: hourMs, shortMs: hourMs / 12, budget: 0.02 },
  { severity: 'page', longMs: 6 * hourMs, shortMs: hourMs / 2, budget: 0.05 },
  { severity: 'ticket', longMs: dayMs, shortMs: 2 * hourMs, budget: 0.1 },
  { severity: 'ticket', longMs: 3 * dayMs, shortMs: 6 * hourMs, budget: 0.1 },
] as const;

/** Slower than this is no burning: the budget would last. 28 days have a pair of 0.933. */
const leastFactor = 0.9;

/** Over 30 days: 14.4, 6, 3 and 1. Pairs that a window is too short for are left out: of a day none is left. */
export function burnPairs(windowMs: number): readonly BurnPair[] {
  return workbook
    .map(({ severity, longMs, shortMs, budget }) => ({
      severity,
      longMs,
      shortMs,
      factor: (budget * windowMs) / longMs,
    }))
    .filter(({ factor }) => factor >= leastFactor);
}

/** Whether even a total outage is not as fast. */
export function canNeverFire(pair: Pick<BurnPair, 'factor'>, target: number): boolean {
  return pair.factor * (1 - target) >= 1;
}

/** So seldom does a service that burns at exactly a pair's rate count as faster, at one look. */
export const burnAlpha = 0.01;

export type Burning = {
  readonly pair: BurnPair;
  /** `unknown`: the short window has no samples. */
  readonly state: 'firing' | 'quiet' | 'unknown';
  readonly long: Rate;
  readonly short: Rate;
  /** How likely so many bad results in the long window, or more, would be at exactly the pair's rate. */
  readonly chance: number;
};

export type Rate = {
  readonly bad: number;
  readonly n: number;
  /** Times the rate that just spends the budget: as measured (`null` without samples) and its exact 95 % interval. */
  readonly burn: number | null;
  readonly interval: readonly [number, number];
};

/** `over` gives what a stretch of time before now comes to. */
export function burning(pair: BurnPair, target: number, over: (span: Span) => Tally, nowMs: number): Burning {
  const long = rateOf(over({ fromMs: nowMs - pair.longMs, toMs: nowMs }), target);
  const short = rateOf(over({ fromMs: nowMs - pair.shortMs, toMs: nowMs }), target);
  const limit = pair.factor * (1 - target);
  const chance = limit >= 1 ? 1 : binomialTail(long.bad, long.n, limit);
  const isFast = chance <= burnAlpha && (long.burn ?? 0) > pair.factor;
  const state = short.burn === null ? 'unknown' : isFast && short.burn >= pair.factor ? 'firing' : 'quiet';
  return { pair, state, long, short, chance };
}

/** What is not known to be bad does not burn. */
export function rateOf({ good, unsure, n }: Tally, target: number): Rate {
  const bad = n - good - unsure;
  const allowed = 1 - target;
  return {
    bad,
    n,
    burn: n === 0 ? null : bad / n / allowed,
    // Made when it is asked for: pairs are looked at all the time, and do without it.
    get interval() {
      if (n === 0) return [0, 1 / allowed] as const;
      return [ratioAtLeast(bad, n, 0.025) / allowed, ratioAtMost(bad, n, 0.025) / allowed] as const;
    },
  };
}

/** The least bad results of `n` in the long window with which a pair fires; `null` when no number does. */
export function leastToFire(n: number, pair: Pick<BurnPair, 'factor'>, target: number): number | null {
  const limit = pair.factor * (1 - target);
  if (limit >= 1 || binomialTail(n, n, limit) > burnAlpha) return null;
  let low = Math.min(n, Math.floor(n * limit) + 1);
  let high = n;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (binomialTail(middle, n, limit) <= burnAlpha) high = middle;
    else low = middle + 1;
  }
  return low;
}
