/** Beside a quantile over several regions, the region that is worst by itself: a sum hides it. */
import type { QuantileIndicator } from '../../contract/objective.ts';
import { formatMs } from '../../contract/units.ts';
import type { WorstRegion } from '../../contract/verdict.ts';
import type { Timing } from './cells.ts';
import { judgeQuantile, shownMs } from './quantile.ts';

/**
 * The one with the highest quantile (one that lies among its failures is higher than any), by its own samples and their own interval, which does not allow for its having been
 * picked. `undefined` with results of fewer than two regions.
 */
export function worstRegion(
  indicator: QuantileIndicator,
  regions: ReadonlyMap<string, Timing>,
  designEffect: number,
): WorstRegion | undefined {
  // Where nobody knows the region, there is none to name.
  const named = [...regions].filter(([region]) => region !== '');
  if (named.length < 2) return undefined;
  const all = named.map(([region, { durations, bad }]) => {
    const facts = { good: durations.count, bad, durations, samplesMs: null, designEffect };
    const { status, measured, interval, n } = judgeQuantile(indicator, facts);
    return { region, status, measured, interval, n };
  });
  const slowness = ({ measured }: WorstRegion): number => measured ?? Number.POSITIVE_INFINITY;
  return all.reduce((worst, one) => (slowness(one) > slowness(worst) ? one : worst));
}

export function toldWorst({ region, status, measured, interval, n }: WorstRegion): string {
  const none = status === 'inconclusive' ? 'too few to say' : 'failures among its bounds';
  const bounds = interval === null ? none : `${formatMs(interval[0])} to ${formatMs(interval[1])}`;
  return `worst is ${region}: ${shownMs(measured)} (${bounds}, ${n} samples)`;
}
