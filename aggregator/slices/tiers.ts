import { sliceWidthMs } from '../../contract/slo/spans.ts';
import { mergeSlice, type Slice } from './slice.ts';
import { spreadWith } from './spread.ts';

export { sliceWidthMs };
export const tierWidthsMs: readonly number[] = [sliceWidthMs, 60_000, 3_600_000];
/** How long slices stay as narrow as they are. */
export const tierKeptMs: readonly [number, number] = [2 * 3_600_000, 2 * 86_400_000];

type Tiered = { readonly tiers: readonly Map<number, Slice>[] };
type Moves<S extends Tiered> = {
  into(series: S, timeMs: number, tier: number): Slice;
  gone(series: S, tier: number, slice: Slice): void;
  /** Limits of latency that hours tell apart, minute by minute. */
  readonly limitsMs: readonly number[];
  /** Whether the slice is not to be merged with those around it. */
  stays(slice: Slice): boolean;
};

/** Which width a time falls into, given from when on slices are narrow: `[ten seconds, a minute]`. */
export function tierOf(timeMs: number, boundaries: readonly [number, number]): number {
  if (timeMs >= boundaries[0]) return 0;
  return timeMs >= boundaries[1] ? 1 : 2;
}

/** Merges what is too old for its width, forgets what is too old altogether, and returns the new boundaries. */
export function compactTiers<S extends Tiered>(
  nowMs: number,
  retentionMs: number,
  all: Iterable<S>,
  moves: Moves<S>,
): readonly [number, number] {
  const boundaries = [floorTo(nowMs - tierKeptMs[0], 1), floorTo(nowMs - tierKeptMs[1], 2)] as const;
  for (const series of all) {
    for (const tier of [0, 1] as const) {
      for (const [atMs, slice] of series.tiers[tier] ?? []) {
        if (atMs >= boundaries[tier]) continue;
        const isTooOld = atMs < nowMs - retentionMs;
        if (!isTooOld && moves.stays(slice)) continue;
        if (!isTooOld) merge(moves.into(series, atMs, tierOf(atMs, boundaries)), slice, moves.limitsMs);
        series.tiers[tier]?.delete(atMs);
        moves.gone(series, tier, slice);
      }
    }
    for (const [atMs, slice] of series.tiers[2] ?? []) {
      if (atMs >= nowMs - retentionMs) continue;
      series.tiers[2]?.delete(atMs);
      moves.gone(series, 2, slice);
    }
  }
  return boundaries;
}

function merge(target: Slice, slice: Slice, limitsMs: readonly number[]): void {
  target.spread = spreadWith(target, slice, limitsMs);
  mergeSlice(target, slice);
}

/** Slices that lie in the window, or reach into it from its beginning. */
export function* slicesIn(series: Tiered, fromMs: number, toMs: number): Generator<Slice, void, undefined> {
  for (const [index, tier] of series.tiers.entries()) {
    const widthMs = tierWidthsMs[index] as number;
    const firstMs = Math.floor(fromMs / widthMs) * widthMs;
    if ((toMs - firstMs) / widthMs > tier.size) {
      for (const slice of tier.values()) if (slice.atMs + slice.widthMs > fromMs && slice.atMs < toMs) yield slice;
      continue;
    }
    // A few out of many are asked for one by one.
    for (let atMs = firstMs; atMs < toMs; atMs += widthMs) {
      const slice = tier.get(atMs);
      if (slice !== undefined && atMs + widthMs > fromMs) yield slice;
    }
  }
}

function floorTo(timeMs: number, tier: 1 | 2): number {
  const widthMs = tierWidthsMs[tier] as number;
  return Math.floor(timeMs / widthMs) * widthMs;
}
