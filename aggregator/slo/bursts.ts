/**
 * How many samples count as one, because they share their fate, as they show themselves: over blocks as wide as slices
 * are at the far end of such a window. So it comes out the same when it is recomputed later, as long as slices of that
 * width are kept. Blocks are summed up as cells are folded: a window is the difference of two sums.
 */
import { crowdingOf } from '../../contract/statistics.ts';
import { sliceWidthMs, tierKeptMs, tierWidthsMs } from '../slices/tiers.ts';

/** Of all blocks so far; the last one is open. */
export type Crowd = {
  good: number;
  bad: number;
  /** Blocks with samples. */
  blocks: number;
  /** Over the blocks, bad² / (good + bad). */
  squares: number;
  openMs: number;
  openGood: number;
  openBad: number;
};

export function emptyCrowd(): Crowd {
  return { good: 0, bad: 0, blocks: 0, squares: 0, openMs: Number.NEGATIVE_INFINITY, openGood: 0, openBad: 0 };
}

export function blockMsOf(windowMs: number): number {
  const tier = tierKeptMs.findIndex((keptMs) => windowMs <= keptMs);
  return tierWidthsMs[tier === -1 ? 2 : tier] ?? sliceWidthMs;
}

/** Cells come in the order of time. */
export function joinCrowd(
  crowd: Crowd,
  blockMs: number,
  cell: { readonly atMs: number; good: number; bad: number },
): void {
  const startMs = Math.floor(cell.atMs / blockMs) * blockMs;
  if (startMs !== crowd.openMs) {
    closeBlock(crowd);
    crowd.openMs = startMs;
  }
  crowd.openGood += cell.good;
  crowd.openBad += cell.bad;
}

function closeBlock(crowd: Crowd): void {
  const size = crowd.openGood + crowd.openBad;
  if (size === 0) return;
  crowd.good += crowd.openGood;
  crowd.bad += crowd.openBad;
  crowd.blocks += 1;
  crowd.squares += crowd.openBad ** 2 / size;
  crowd.openGood = 0;
  crowd.openBad = 0;
}

/** The design effect of what came between; both are closed by it. 1 unless it is significant. */
export function measuredEffect(to: Crowd, from: Crowd): number {
  closeBlock(to);
  closeBlock(from);
  return crowdingOf({
    good: to.good - from.good,
    bad: to.bad - from.bad,
    blocks: to.blocks - from.blocks,
    squares: to.squares - from.squares,
  });
}
