import { type Span, sliceWidthMs } from '../../contract/slo/spans.ts';
import { mergeSlice, type Slice } from './slice.ts';
import { spreadWith } from './spread.ts';

export { sliceWidthMs };
export const widestSliceMs = 3_600_000;
export const tierWidthsMs: readonly number[] = [sliceWidthMs, 60_000, widestSliceMs];
/** How long slices stay as narrow as they are. */
export const tierKeptMs: readonly [number, number] = [2 * 3_600_000, 2 * 86_400_000];

type Tiered = { readonly tiers: readonly Map<number, Slice>[] };
type Moves<S extends Tiered> = {
  into(series: S, timeMs: number, tier: number): Slice;
  gone(series: S, tier: number, slice: Slice): void;
  /** Limits of latency that hours tell apart, minute by minute. */
  readonly limitsMs: readonly number[];
  readonly edgesMs: Edges;
};

/** From when on slices are narrow: `[ten seconds, a minute]`. */
export type Boundaries = readonly [number, number];

/** Moments that no slice is merged over, in order, each once: what lies before one counts apart from what lies after. */
export type Edges = readonly number[];

export function edgesOf(spans: readonly Span[]): Edges {
  return [...new Set(spans.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))].sort((a, b) => a - b);
}

/** The widest that a slice of that age may be. */
function tierOfAge(timeMs: number, boundaries: Boundaries): number {
  if (timeMs >= boundaries[0]) return 0;
  return timeMs >= boundaries[1] ? 1 : 2;
}

/** Where in a series that time counts: in the narrowest slice that is there, as what comes late is missing in that. */
export function tierAt(series: Tiered | undefined, timeMs: number, boundaries: Boundaries, edgesMs: Edges): number {
  const widest = tierOfAge(timeMs, boundaries);
  if (widest === 0) return 0;
  for (let tier = 0; tier <= widest; tier += 1) {
    const widthMs = tierWidthsMs[tier] as number;
    if (series?.tiers[tier]?.has(Math.floor(timeMs / widthMs) * widthMs)) return tier;
  }
  return tierOf(timeMs, boundaries, edgesMs);
}

/** By its age, and narrower where a slice of that width would lie over an edge. */
function tierOf(timeMs: number, boundaries: Boundaries, edgesMs: Edges): number {
  let tier = tierOfAge(timeMs, boundaries);
  while (tier > 0 && liesOverEdge(timeMs, tierWidthsMs[tier] as number, edgesMs)) tier -= 1;
  return tier;
}

function liesOverEdge(timeMs: number, widthMs: number, edgesMs: Edges): boolean {
  const fromMs = Math.floor(timeMs / widthMs) * widthMs;
  let low = 0;
  let high = edgesMs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edgesMs[middle] as number) > fromMs) high = middle;
    else low = middle + 1;
  }
  return (edgesMs[low] ?? Number.POSITIVE_INFINITY) < fromMs + widthMs;
}

/** Merges what is too old for its width, forgets what is too old altogether, and returns the new boundaries. */
export function compactTiers<S extends Tiered>(
  nowMs: number,
  retentionMs: number,
  all: Iterable<S>,
  moves: Moves<S>,
): Boundaries {
  const boundaries = [floorTo(nowMs - tierKeptMs[0], 1), floorTo(nowMs - tierKeptMs[1], 2)] as const;
  for (const series of all) {
    for (const tier of [0, 1] as const) {
      for (const [atMs, slice] of series.tiers[tier] ?? []) {
        if (atMs >= boundaries[tier]) continue;
        const isTooOld = atMs < nowMs - retentionMs;
        const wanted = tierOf(atMs, boundaries, moves.edgesMs);
        if (!isTooOld && wanted <= tier) continue;
        if (!isTooOld) merge(moves.into(series, atMs, wanted), slice, moves.limitsMs);
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
