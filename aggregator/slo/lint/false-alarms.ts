/**
 * How often a pair of windows can fire although the service is exactly at its target, in failures that begin
 * independently of each other: what the method promises, as a bound.
 *
 * An alarm begins with a failure, and with one that brings the long window to the least m that fires, or the short one
 * to the least s that still burns, the other being there: had both been over it before, it would have been firing. Of N
 * probes a year that fail with a chance of p, the expected number of such failures is N p times the chance that the
 * others in the windows are just so many (Mecke's formula); they are binomial, and those of the short window are a part
 * of the long one's.
 */
import { binomialTail, logGamma } from '../../../contract/statistics.ts';
import { type BurnPair, leastToFire } from '../burn.ts';
import { stepsIn } from './steps.ts';

/** A mean one. */
export const yearMs = 365.2425 * 86_400_000;

type Pair = Pick<BurnPair, 'longMs' | 'shortMs' | 'factor'>;

/** The most alarms of a pair in a mean year at exactly `target`; 0 for one that never fires. */
export function falseAlarmsPerYear(pair: Pair, target: number, stepMs: number): number {
  const p = 1 - target;
  const n = stepsIn(pair.longMs, stepMs);
  const least = leastToFire(n, pair, target);
  if (least === null) return 0;
  const inShort = Math.max(1, stepsIn(pair.shortMs, stepMs));
  const leastShort = Math.max(1, Math.ceil(inShort * pair.factor * p - 1e-9));
  const others = inShort - 1;
  const rest = n - inShort;
  // The short one comes to its least, the long one is there or comes to its own; then: the long one comes to its least,
  // the short one was there before.
  let chance = binomialChance(leastShort - 1, others, p) * binomialTail(least - leastShort, rest, p);
  for (let short = leastShort; short < least && short <= others; short += 1) {
    chance += binomialChance(short, others, p) * binomialChance(least - 1 - short, rest, p);
  }
  return (yearMs / stepMs) * p * Math.min(1, chance);
}

/**
 * The same where failures come in outages of `samplesInBurst` probes each. Where one such outage is enough each of them
 * is an alarm, and no false one; where it takes several, the last one has the others in its window or reaching into it.
 */
export function burstAlarmsPerYear(pair: Pair, target: number, stepMs: number, samplesInBurst: number): number {
  const n = stepsIn(pair.longMs, stepMs);
  const least = leastToFire(n, pair, target);
  if (least === null) return 0;
  const chance = (1 - target) / samplesInBurst;
  const others = Math.ceil(least / samplesInBurst) - 1;
  return (yearMs / stepMs) * chance * binomialTail(others, n + samplesInBurst - 2, chance);
}

/** P(X = k) for X ~ Bin(n, p). */
function binomialChance(k: number, n: number, p: number): number {
  if (k < 0 || k > n) return 0;
  const ways = logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
  return Math.exp(ways + k * Math.log(p) + (n - k) * Math.log1p(-p));
}
