/**
 * Failures that come in bursts. An exact interval takes samples for independent, and an outage is one event, however
 * many samples it spoils. So a number of samples, the design effect, is counted as one: the interval is that of
 * k / effect in n / effect (Korn and Graubard 1998, "Confidence intervals for proportions with small expected number of
 * positive counts estimated from survey data", Survey Methodology 24).
 *
 * Stated: outages of a length L that begin independently of each other, at a low rate, spoil a number of results whose
 * variance is the rate times the sum, over all moments at which one may begin, of the square of how many results lie in
 * the L after it. Cut time into blocks as long as L, wherever the first one begins: on average over that, the sum over the
 * blocks of size² / n is exactly so many times the variance of n independent results. That is Kish's design effect of
 * clusters of unequal size that share their fate (Kish 1965, "Survey Sampling", 5.4 and 8.2; Σ size² / n is its value at
 * an intraclass correlation of 1). At an even rate it is the results in one burst; where the rate changes, those of the
 * busy time weigh more. Shorter outages have less. It is safe also before the first one was seen. Measured: what blocks
 * of samples show; it cannot know of a burst that has not come yet.
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

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/**
 * How long the blocks are in which results are counted for a stated burst: at least as long as it, whole minutes, and
 * such that an hour is whole blocks or a block whole hours, so that merged slices lie in blocks.
 */
export function burstBlockMs(longestMs: number): number {
  const dividesHour = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60].map((minutes) => minutes * minuteMs);
  return dividesHour.find((blockMs) => blockMs >= longestMs) ?? Math.ceil(longestMs / hourMs) * hourMs;
}

/**
 * The design effect of `n` results that come to this sum of size² over blocks of `burstBlockMs`; from 1 to `n`. A burst
 * shorter than a minute finds as much of the other results of a minute as it is of it: they are not told apart, and each
 * check and vantage has a moment of its own in a round.
 */
export function statedEffect(squares: number, n: number, longestMs: number): number {
  return n <= 0 ? 1 : Math.max(1, Math.min(n, shareOf(squares / n, longestMs)));
}

function shareOf(inBlock: number, longestMs: number): number {
  return 1 + (inBlock - 1) * Math.min(1, longestMs / minuteMs);
}

/**
 * The same of rounds of `perRound` results at an even rate, in a long window: the size of blocks squared, on average over
 * where they begin, over their mean size.
 */
export function evenEffect(longestMs: number, everyMs: number, perRound: number): number {
  const blockMs = burstBlockMs(longestMs);
  const later = Math.floor(blockMs / everyMs);
  // Two rounds that are k apart share a block with a chance of 1 - k everyMs / blockMs.
  const inBlock = perRound * (1 + 2 * later - (everyMs * later * (later + 1)) / blockMs);
  return Math.max(1, shareOf(inBlock, longestMs));
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
