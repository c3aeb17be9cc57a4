/** The normal distribution and Student's, for means of a few runs and for first guesses. */
import { betaQuantile, betaTails } from './beta.ts';

/** P(Z <= z). Each tail keeps its relative precision. */
export function normalCdf(z: number): number {
  const tail = normalTail(Math.abs(z));
  return z < 0 ? tail : 1 - tail;
}

/** P(Z > z), z >= 0: by its power series near the middle, by Laplace's continued fraction beyond. */
function normalTail(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 2.5) {
    let term = z;
    let sum = z;
    for (let odd = 3; term > sum * 1e-17; odd += 2) {
      term *= (z * z) / odd;
      sum += term;
    }
    return 0.5 - density * sum;
  }
  let below = 0;
  for (let k = 120; k >= 1; k -= 1) below = k / (z + below);
  return density / (z + below);
}

/** The z with P(Z <= z) = p, 0 < p < 1. */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  // Newton's method on the logarithm of the tail, which bends little.
  let z = -Math.sqrt(-2 * Math.log(2 * p));
  for (let step = 0; step < 60; step += 1) {
    const tail = normalCdf(z);
    const slope = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI) / tail;
    const next = z - Math.log(tail / p) / slope;
    if (Math.abs(next - z) < 1e-15 * Math.max(1, Math.abs(z))) return next;
    z = next;
  }
  return z;
}

/** P(T <= t) for Student's T with `freedom` degrees of freedom. */
export function studentCdf(t: number, freedom: number): number {
  const square = t * t;
  // The smaller of the two shares of x is the one that is known precisely.
  const outer =
    square > freedom
      ? betaTails(freedom / (freedom + square), freedom / 2, 0.5).lower
      : betaTails(square / (freedom + square), 0.5, freedom / 2).upper;
  return t < 0 ? outer / 2 : 1 - outer / 2;
}

/** The t with P(T <= t) = p, 0 < p < 1. */
export function studentQuantile(p: number, freedom: number): number {
  if (p > 0.5) return -studentQuantile(1 - p, freedom);
  if (p === 0.5) return 0;
  // t² / freedom is the ratio of two shares that add up to 1; each is known precisely where it is small.
  const outer = betaQuantile('upper', 2 * p, 0.5, freedom / 2);
  const inner = betaQuantile('lower', 2 * p, freedom / 2, 0.5);
  return -Math.sqrt((freedom * outer) / inner);
}

/** The mean of runs that know nothing of each other, with its interval by Student's distribution; none of fewer than two. */
export function meanInterval(runs: readonly number[], alpha: number): readonly [number, number] | undefined {
  const n = runs.length;
  if (n < 2) return undefined;
  const mean = runs.reduce((sum, run) => sum + run, 0) / n;
  const squares = runs.reduce((sum, run) => sum + (run - mean) ** 2, 0);
  const half = -studentQuantile(alpha / 2, n - 1) * Math.sqrt(squares / (n - 1) / n);
  return [mean - half, mean + half];
}
