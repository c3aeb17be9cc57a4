/**
 * Failures that come in bursts. An exact interval takes samples for independent, and an outage is one event, however
 * many samples it spoils. So a number of samples, the design effect, is counted as one: the interval is that of
 * k / effect in n / effect (Korn and Graubard 1998, "Confidence intervals for proportions with small expected number of
 * positive counts estimated from survey data", Survey Methodology 24).
 *
 * Stated: with bursts of at most L samples that begin independently of each other, the variance of the count is the
 * burst rate times E[length²], at most L times what independent samples have, and exactly that when all last L. An effect
 * of L is therefore safe, also before the first burst was seen. Measured: what blocks of samples show; it cannot know of a burst
 * that has not come yet.
 */
import { ratioInterval } from './binomial.ts';

export function ratioIntervalInBursts(
  k: number,
  n: number,
  designEffect: number,
  alpha: number,
): readonly [number, number] {
  return ratioInterval(k / designEffect, n / designEffect, alpha);
}

/** The samples that the longest burst can spoil, of `n` that were taken over `coveredMs`; at least 1. */
export function samplesInBurst(longestMs: number, n: number, coveredMs: number): number {
  if (n === 0 || coveredMs <= 0) return 1;
  return Math.max(1, Math.min(n, Math.ceil((n * longestMs) / coveredMs - 1e-9)));
}

export type Block = { readonly good: number; readonly bad: number };

/**
 * How much more blocks of samples differ than chance would have them (Pearson's chi-squared over its degrees of
 * freedom, which is the variance of block counts over the binomial one); 1 unless that is significant (three sigma).
 */
export function crowdingOf(blocks: readonly Block[]): number {
  let [good, bad, counted] = [0, 0, 0];
  for (const block of blocks) {
    good += block.good;
    bad += block.bad;
    if (block.good + block.bad > 0) counted += 1;
  }
  if (bad === 0 || good === 0 || counted < 2) return 1;
  const ratio = bad / (good + bad);
  let squares = 0;
  for (const block of blocks) {
    const size = block.good + block.bad;
    if (size > 0) squares += (block.bad - size * ratio) ** 2 / (size * ratio * (1 - ratio));
  }
  const freedom = counted - 1;
  return squares > freedom + 3 * Math.sqrt(2 * freedom) ? Math.min(good + bad, squares / freedom) : 1;
}
