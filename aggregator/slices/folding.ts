/** Slices to and from what the store keeps. */
import { type PackedSlices, unpackSlices } from '../store/packed-slices.ts';
import type { AgentRow, Fold, RegionRow, SliceId, SliceRow } from '../store/rows.ts';
import { toText } from './histogram.ts';
import { emptySlice, type Slice } from './slice.ts';
import { spreadText } from './spread.ts';
import { StoredCounts } from './stored-counts.ts';
import type { Change, SliceTable } from './table.ts';
import { tierWidthsMs } from './tiers.ts';

export type Folding = {
  /** Whether all changes are written; `false` when it was what failed before, and the rest is for the next time. */
  fold(throughId: number, agents: readonly AgentRow[]): Promise<boolean>;
};

/**
 * A fold that fails is not lost: it is written before any other, as it was, and what changed meanwhile stays in the table.
 * So a disk that is full for long makes it no larger.
 */
export function folding(slices: SliceTable, write: (fold: Fold) => Promise<void>): Folding {
  let failed: Fold | null = null;

  function taken(throughId: number, agents: readonly AgentRow[]): Fold {
    const changed: SliceRow[] = [];
    const removed: SliceId[] = [];
    for (const change of slices.takeChanges()) {
      const slice = sliceOf(change);
      if (slice === undefined) removed.push(idOf(change));
      else changed.push(rowOf(change, slice));
    }
    return { throughId, changed, removed, agents };
  }

  return {
    async fold(throughId, agents) {
      const fold = failed ?? taken(throughId, agents);
      const wasFailed = failed !== null;
      failed = fold;
      await write(fold);
      failed = null;
      return !wasFailed;
    },
  };
}

export function restoreSlices(slices: SliceTable, stored: PackedSlices): void {
  unpackSlices(stored, (row) => {
    const slice = emptySlice(row.atMs, row.widthMs);
    slice.expected = row.expected;
    slice.remainder = row.remainder;
    slice.spread = row.minutes ?? null;
    const leaks = row.leaks === undefined ? {} : (JSON.parse(row.leaks) as { readonly [region: string]: number });
    let came = 0;
    let missingCame = 0;
    for (const { region, good, bad, missing, from, length } of row.regions) {
      const none = missing === '{}' ? 0 : sumOfText(missing);
      came += good + bad + none;
      missingCame += none;
      const counts = new StoredCounts(good, bad, missing, { all: stored.numbers, from, length });
      if (leaks[region] !== undefined) counts.leaks = leaks[region];
      slice.regions.set(region, counts);
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
  const minutes = sealed(slice);
  const leaks = [...slice.regions].flatMap(([region, counts]) =>
    counts.leaks ? [[region, counts.leaks] as const] : [],
  );
  const regions = [...slice.regions].map(([region, counts]): RegionRow => {
    const { good, bad, missing, durations } = counts;
    return { region, good, bad, missing: Object.fromEntries(missing), durations: toText(durations) };
  });
  return {
    ...idOf(change),
    expected,
    remainder,
    regions,
    ...(minutes !== null && { minutes }),
    ...(leaks.length > 0 && { leaks: JSON.stringify(Object.fromEntries(leaks)) }),
  };
}

/** A spread that was written is kept as its text, which is much smaller. */
function sealed(slice: Slice): string | null {
  const { spread = null } = slice;
  if (spread === null) return null;
  const text = typeof spread === 'string' ? spread : spreadText(spread);
  slice.spread = text;
  return text;
}
