/** Exact intervals for few samples. Both assume independent samples: outages come in bursts, so say how samples were blocked. */

/** Log of the gamma function for x > 0 (Lanczos, g = 7, n = 9): relative error below 1e-14. */
export function logGamma(x: number): number {
  const coefficients = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  let sum = coefficients[0] as number;
  for (let index = 1; index < 9; index += 1) sum += (coefficients[index] as number) / (shifted + index);
  const t = shifted + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** The regularised incomplete beta function I_x(a, b), by its continued fraction (Lentz). */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1), tiny);
  let result = d;
  for (let m = 1; m <= 10_000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d, tiny);
    c = nonZero(1 + even / c, tiny);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d, tiny);
    c = nonZero(1 + odd / c, tiny);
    result *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return result;
}

function nonZero(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}

/** P(X <= k) for X ~ Bin(n, p). */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  return k >= n ? 1 : incompleteBeta(1 - p, n - k, k + 1);
}

/** Clopper-Pearson: contains the true ratio with a probability of at least 1 - alpha, for `k` of `n`. `[0, 1]` for n = 0. */
export function ratioInterval(k: number, n: number, alpha: number): readonly [number, number] {
  if (n === 0) return [0, 1];
  const lower = k === 0 ? 0 : bisect((p) => 1 - binomialCdf(k - 1, n, p) - alpha / 2);
  const upper = k === n ? 1 : bisect((p) => alpha / 2 - binomialCdf(k, n, p));
  return [lower, upper];
}

/** The zero in [0, 1] of a function that grows. */
function bisect(grows: (p: number) => number): number {
  let lower = 0;
  let upper = 1;
  for (let step = 0; step < 200 && upper - lower > 1e-15; step += 1) {
    const middle = (lower + upper) / 2;
    if (grows(middle) < 0) lower = middle;
    else upper = middle;
  }
  return (lower + upper) / 2;
}

/**
 * Ranks (1-based, into the sorted samples) whose order statistics contain the quantile `q` with a probability of at
 * least 1 - alpha: P(l <= B < u), B ~ Bin(n, q). `undefined` with too few samples for either side.
 */
export function quantileRanks(n: number, q: number, alpha: number): readonly [number, number] | undefined {
  if (q ** n > alpha / 2 || (1 - q) ** n > alpha / 2) return undefined;
  const lower = largest(0, n, (rank) => binomialCdf(rank - 1, n, q) <= alpha / 2);
  const upper = n + 1 - largest(0, n, (rank) => 1 - binomialCdf(n - rank, n, q) <= alpha / 2);
  return lower >= 1 && upper <= n ? [lower, upper] : undefined;
}

/** The largest whole number in [from, to] that holds; what holds for a number holds for all below it. */
function largest(from: number, to: number, holds: (value: number) => boolean): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The quantile `q` of sorted samples, at rank ceil(q * n); `undefined` of none. */
export function quantile(sorted: readonly number[], q: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
}

/** The least n for which `quantileRanks` has an answer. */
export function quantileSamplesNeeded(q: number, alpha: number): number {
  return Math.ceil(Math.log(alpha / 2) / Math.log(Math.max(q, 1 - q)));
}
