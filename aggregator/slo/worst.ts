/** Beside a quantile over several regions, the region that is worst by itself: a sum hides it. */
import type { QuantileIndicator } from '../../contract/objective.ts';
import { formatMs } from '../../contract/units.ts';
import type { WorstRegion } from '../../contract/verdict.ts';
import type { Histogram } from '../slices/histogram.ts';
import { judgeQuantile } from './quantile.ts';

/**
 * The one with the highest quantile, by its own samples and their own interval, which does not allow for its having been
 * picked. `undefined` with results of fewer than two regions.
 */
export function worstRegion(
  indicator: QuantileIndicator,
  regions: ReadonlyMap<string, Histogram>,
  designEffect: number,
): WorstRegion | undefined {
  // Where nobody knows the region, there is none to name.
  const named = [...regions].filter(([region]) => region !== '');
  if (named.length < 2) return undefined;
  const all = named.map(([region, durations]) => {
    const facts = { good: durations.count, durations, samplesMs: null, designEffect };
    const { status, measured, interval, n } = judgeQuantile(indicator, facts);
    return { region, status, measured: measured ?? 0, interval, n };
  });
  return all.reduce((worst, one) => (one.measured > worst.measured ? one : worst));
}

export function toldWorst({ region, measured, interval, n }: WorstRegion): string {
  const bounds = interval === null ? 'too few to say' : `${formatMs(interval[0])} to ${formatMs(interval[1])}`;
  return `worst is ${region}: ${formatMs(measured)} (${bounds}, ${n} samples)`;
}
