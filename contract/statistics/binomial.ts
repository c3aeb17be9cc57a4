/**
 * The binomial distribution and the exact interval of a ratio. Counts may be fractions: an effective number of samples
 * is one, and the beta distribution carries the tails on between whole counts.
 */
import { betaQuantile, betaTails } from './beta.ts';

/** P(X <= k) for X ~ Bin(n, p). */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  return k >= n ? 1 : betaTails(p, k + 1, n - k).upper;
}

/** P(X >= k) for X ~ Bin(n, p): as a tail of its own, however small. */
export function binomialTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  return k > n ? 0 : betaTails(p, k, n - k + 1).lower;
}

/** Clopper-Pearson: contains the true ratio with a probability of at least 1 - alpha, for `k` of `n`. `[0, 1]` for n = 0. */
export function ratioInterval(k: number, n: number, alpha: number): readonly [number, number] {
  if (n === 0) return [0, 1];
  return [ratioAtLeast(k, n, alpha / 2), ratioAtMost(k, n, alpha / 2)];
}

/** The smallest ratio under which `k` of `n` or more is not rarer than `alpha`: a bound of its own, one-sided. */
export function ratioAtLeast(k: number, n: number, alpha: number): number {
  if (k <= 0) return 0;
  return k >= n ? Math.exp(Math.log(alpha) / n) : betaQuantile('lower', alpha, k, n - k + 1);
}

/** The largest ratio under which `k` of `n` or fewer is not rarer than `alpha`. */
export function ratioAtMost(k: number, n: number, alpha: number): number {
  if (k >= n) return 1;
  return k <= 0 ? -Math.expm1(Math.log(alpha) / n) : betaQuantile('upper', alpha, k + 1, n - k);
}
