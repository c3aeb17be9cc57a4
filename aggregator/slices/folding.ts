/** Slices to and from what the store keeps. */
import { type PackedSlices, unpackSlices } from '../store/packed-slices.ts';
import type { AgentRow, Fold, RegionRow, SliceId, SliceRow } from '../store/rows.ts';
import { toText } from './histogram.ts';
import { emptySlice, type Slice } from './slice.ts';
import { StoredCounts } from './stored-counts.ts';
import type { Change, SliceTable } from './table.ts';
import { tierWidthsMs } from './tiers.ts';

export type Folding = {
  /** Writes all changes since the last time that it worked. */
  fold(throughId: number, agents: readonly AgentRow[]): Promise<void>;
};

/** A fold that fails is not lost: what it held goes into the next. */
export function folding(slices: SliceTable, write: (fold: Fold) => Promise<void>): Folding {
  let changed: readonly SliceRow[] = [];
  let removed: readonly SliceId[] = [];
  return {
    async fold(throughId, agents) {
      const changes = slices.takeChanges().map((change) => ({ change, slice: sliceOf(change) }));
      const rows = changes.flatMap(({ change, slice }) => (slice === undefined ? [] : [rowOf(change, slice)]));
      const gone = changes.filter(({ slice }) => slice === undefined).map(({ change }) => idOf(change));
      changed = [...changed, ...rows];
      removed = [...removed, ...gone];
      const fold = { throughId, changed, removed, agents };
      await write(fold);
      changed = changed.slice(fold.changed.length);
      removed = removed.slice(fold.removed.length);
    },
  };
}

export function restoreSlices(slices: SliceTable, stored: PackedSlices): void {
  unpackSlices(stored, (row) => {
    const slice = emptySlice(row.atMs, row.widthMs);
    slice.expected = row.expected;
    slice.remainder = row.remainder;
    let came = 0;
    let missingCame = 0;
    for (const { region, good, bad, missing, from, length } of row.regions) {
      const none = missing === '{}' ? 0 : sumOfText(missing);
      came += good + bad + none;
      missingCame += none;
      slice.regions.set(region, new StoredCounts(good, bad, missing, { all: stored.numbers, from, length }));
    }
    slices.restore(row, slice, {
      expected: Math.max(row.expected, came),
      missing: missingCame + Math.max(0, row.expected - came),
    });
  });
}

function sumOfText(missing: string): number {
  return Object.values(JSON.parse(missing) as { readonly [reason: string]: number }).reduce((sum, one) => sum + one, 0);
}

function sliceOf({ series, tier, atMs }: Change): Slice | undefined {
  return series.tiers[tier]?.get(atMs);
}

function idOf({ series, tier, atMs }: Change): SliceId {
  const { checkId, vantage, burst } = series;
  return { widthMs: tierWidthsMs[tier] as number, atMs, checkId, vantage, burst };
}

function rowOf(change: Change, slice: Slice): SliceRow {
  const { expected, remainder } = slice;
  const regions = [...slice.regions].map(([region, counts]): RegionRow => {
    const { good, bad, missing, durations } = counts;
    return { region, good, bad, missing: Object.fromEntries(missing), durations: toText(durations) };
  });
  return { ...idOf(change), expected, remainder, regions };
}
