/** How many samples count as one, because they share their fate, where the objective does not state it. */
import { crowdingOf } from '../../contract/statistics.ts';
import { sliceWidthMs, tierKeptMs, tierWidthsMs } from '../slices/tiers.ts';
import type { Timed } from './timeline.ts';

type Counted = Timed & { readonly good: number; readonly bad: number };

/**
 * As samples show, over blocks as wide as slices are at the far end of such a window: so it comes out the same when
 * it is recomputed later, as long as slices of that width are kept.
 */
export function measuredEffect(cells: Iterable<Counted>, windowMs: number): number {
  const widthMs = blockMs(windowMs);
  const blocks = new Map<number, { good: number; bad: number }>();
  let bad = 0;
  for (const cell of cells) {
    const atMs = Math.floor(cell.atMs / widthMs) * widthMs;
    const block = blocks.get(atMs);
    if (block === undefined) blocks.set(atMs, { good: cell.good, bad: cell.bad });
    else {
      block.good += cell.good;
      block.bad += cell.bad;
    }
    bad += cell.bad;
  }
  return bad === 0 ? 1 : crowdingOf([...blocks.values()]);
}

function blockMs(windowMs: number): number {
  const tier = tierKeptMs.findIndex((keptMs) => windowMs <= keptMs);
  return tierWidthsMs[tier === -1 ? 2 : tier] ?? sliceWidthMs;
}
