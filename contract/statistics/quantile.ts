/** Quantiles by order statistics: no distribution is assumed, only that a sample says nothing of the next. */
import { binomialCdf, binomialTail } from './binomial.ts';

/**
 * Ranks (1-based, into the sorted samples) whose order statistics contain the quantile `q` with a probability of at
 * least 1 - alpha: P(l <= B < u), B ~ Bin(n, q). `undefined` with too few samples for either side. With a `designEffect`
 * so many samples count as one (`bursts.ts`): the tails are those of n / designEffect samples.
 */
export function quantileRanks(
  n: number,
  q: number,
  alpha: number,
  designEffect = 1,
): readonly [number, number] | undefined {
  const effective = n / designEffect;
  if (q ** effective > alpha / 2 || (1 - q) ** effective > alpha / 2) return undefined;
  const spread = (2 * Math.sqrt(n * q * (1 - q) * designEffect) + 1) | 0;
  const belowTail = (rank: number): boolean =>
    rank <= 0 || binomialCdf((rank - 1) / designEffect, effective, q) <= alpha / 2;
  const aboveTail = (rank: number): boolean => rank > n || binomialTail(rank / designEffect, effective, q) <= alpha / 2;
  const lower = largest({ from: 0, to: n, near: Math.floor(n * q) - spread, spread }, belowTail);
  const upper =
    n + 1 - largest({ from: 0, to: n, near: n - Math.ceil(n * q) - spread, spread }, (at) => aboveTail(n + 1 - at));
  return lower >= 1 && upper <= n ? [lower, upper] : undefined;
}

type Range = { readonly from: number; readonly to: number; readonly near: number; readonly spread: number };

/** The largest whole number in [from, to] that holds, sought from `near` on; what holds for a number holds for all below it. */
function largest({ from, to, near, spread }: Range, holds: (value: number) => boolean): number {
  let low = from;
  let high = to;
  let at = Math.min(to, Math.max(from, near));
  for (let step = spread; low < high && at > low && at <= high; step *= 2) {
    if (holds(at)) {
      low = at;
      at = Math.min(high, at + step);
      if (low === high) break;
    } else {
      high = at - 1;
      at = Math.max(low, at - step);
    }
    if (high - low <= step) break;
  }
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
