/** How many more samples would decide. */
import { binomialCdf, binomialTail } from './binomial.ts';
import { normalQuantile } from './normal.ts';

/** Further samples that anybody would wait for; beyond it the measured value is as good as on the target. */
export const maxNeeded = 1_000_000_000;

/**
 * The least number of samples, all in all, with which it would be decided; minus those that are there. `near` is where
 * to look first.
 */
export function samplesNeeded(n: number, decides: (total: number) => boolean, near = n): number {
  let low = n;
  let high = Math.max(1, n, Math.min(maxNeeded, Math.ceil(near)));
  while (!decides(high)) {
    if (high >= maxNeeded) return maxNeeded;
    low = high;
    high *= 2;
  }
  for (let step = Math.max(1, high >> 3); low < high - step && decides(high - step); step *= 2) high -= step;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (decides(middle)) high = middle;
    else low = middle + 1;
  }
  return Math.max(1, high - n);
}

export type RatioQuestion = {
  readonly good: number;
  readonly n: number;
  readonly target: number;
  readonly designEffect: number;
  /** Two-sided, as of the interval. */
  readonly alpha: number;
};

/** On which side of the target the exact interval lies: by one tail at the target, which is the same and cheaper. */
export function sideOf({ good, n, target, designEffect, alpha }: RatioQuestion): 'above' | 'below' | 'both' {
  if (n === 0) return 'both';
  const [k, effective] = [good / designEffect, n / designEffect];
  if (binomialTail(k, effective, target) <= alpha / 2) return 'above';
  return binomialCdf(k, effective, target) < alpha / 2 ? 'below' : 'both';
}

/** How many more samples would put the interval on one side of the target, if they go on like these. */
export function ratioSamplesNeeded(question: RatioQuestion): number {
  const { good, n, target, designEffect, alpha } = question;
  const measured = n === 0 ? 1 : good / n;
  const decides = (total: number): boolean => sideOf({ ...question, good: measured * total, n: total }) !== 'both';
  if (measured === 1) return samplesNeeded(n, decides, (designEffect * Math.log(alpha / 2)) / Math.log(target));
  const away = Math.abs(measured - target);
  const spread = Math.max(measured * (1 - measured), target * (1 - target));
  const near = away === 0 ? maxNeeded : (normalQuantile(alpha / 2) ** 2 * spread * designEffect) / away ** 2;
  return near >= maxNeeded ? maxNeeded : samplesNeeded(n, decides, near);
}
