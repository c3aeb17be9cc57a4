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

/** The slices of time that the longest burst can spoil: one more than it is long, as it begins within one. */
export function slicesInBurst(longestMs: number, sliceMs: number): number {
  return Math.ceil(longestMs / sliceMs - 1e-9) + 1;
}

/** Blocks of samples, summed up. */
export type Blocks = {
  readonly good: number;
  readonly bad: number;
  /** How many have samples. */
  readonly blocks: number;
  /** Over the blocks, bad² / (good + bad). */
  readonly squares: number;
};

/**
 * How much more blocks of samples differ than chance would have them (Pearson's chi-squared over its degrees of
 * freedom, which is the variance of block counts over the binomial one); 1 unless that is significant (three sigma).
 */
export function crowdingOf({ good, bad, blocks, squares }: Blocks): number {
  if (bad === 0 || good === 0 || blocks < 2) return 1;
  const n = good + bad;
  // Σ (bad - size r)² / (size r (1-r)) with r = bad / n, multiplied out.
  const chiSquared = ((squares - (bad * bad) / n) * n * n) / (bad * good);
  const freedom = blocks - 1;
  return chiSquared > freedom + 3 * Math.sqrt(2 * freedom) ? Math.min(n, chiSquared / freedom) : 1;
}
