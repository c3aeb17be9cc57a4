/** Totals over restarts: those of slices that are there, and of those that are gone, which are kept apart. */
import type { MissingReason } from '../../contract/result.ts';
import { fromText, mergeInto, toText } from '../slices/histogram.ts';
import type { SliceLimits, SliceTable } from '../slices/table.ts';
import { tierWidthsMs } from '../slices/tiers.ts';
import { addSlice, regionOf, summed, type Total, type TotalBook, totalBook } from './totals.ts';

export type KeptTotals = {
  /** To be used in place of the table that was given. */
  readonly slices: SliceTable;
  rows(): Iterable<Total>;
};

export type KeptDeps = {
  readonly keeping: Pick<SliceLimits, 'retentionMs'>;
  /** What `save` was given last. */
  readonly saved: string | null;
  /** On disk before anything that is asked of the disk later. */
  save(text: string): void;
};

const hourMs = tierWidthsMs[2] ?? 3_600_000;

/** `throughMs`: all slices before it are in the sums. A kill between saving and forgetting counts nothing twice. */
type Gone = { throughMs: number; readonly book: TotalBook };

export function keptTotals(table: SliceTable, deps: KeptDeps): KeptTotals {
  const gone = goneFrom(deps.saved);
  const book = totalBook();
  for (const total of gone.book.rows()) addTotal(book.of(total.checkId, total.vantage), total);
  const slices = summed(table, book);
  return {
    rows: book.rows,
    slices: {
      ...slices,
      restore(key, slice, sums) {
        table.restore(key, slice, sums);
        if (key.burst === '' && slice.atMs >= gone.throughMs) addSlice(book.of(key.checkId, key.vantage), slice);
      },
      compact(nowMs) {
        // The hour that the end of retention falls into goes as a whole.
        const throughMs = Math.ceil((nowMs - deps.keeping.retentionMs) / hourMs) * hourMs;
        if (addGone(gone, table, throughMs)) deps.save(textOf(gone));
        table.compact(nowMs);
      },
    },
  };
}

/** Adds what is about to be forgotten; whether there was anything. */
function addGone(gone: Gone, table: SliceTable, throughMs: number): boolean {
  let found = false;
  for (const series of table.series()) {
    if (series.burst !== '') continue;
    for (const slice of series.tiers.flatMap((tier) => [...tier.values()])) {
      if (slice.atMs < gone.throughMs || slice.atMs >= throughMs) continue;
      addSlice(gone.book.of(series.checkId, series.vantage), slice);
      found = true;
    }
  }
  if (found) gone.throughMs = throughMs;
  return found;
}

function addTotal(target: Total, other: Total): void {
  for (const [region, { good, bad, durations }] of other.regions) {
    const sum = regionOf(target, region);
    sum.good += good;
    sum.bad += bad;
    mergeInto(sum.durations, durations);
  }
  for (const [reason, results] of other.missing) {
    target.missing.set(reason, (target.missing.get(reason) ?? 0) + results);
  }
}

type Stored = {
  readonly throughMs: number;
  readonly totals: readonly {
    readonly checkId: string;
    readonly vantage: string;
    readonly regions: readonly (readonly [string, number, number, string])[];
    readonly missing: readonly (readonly [MissingReason, number])[];
  }[];
};

function textOf({ throughMs, book }: Gone): string {
  const totals = [...book.rows()].map(({ checkId, vantage, regions, missing }) => ({
    checkId,
    vantage,
    regions: [...regions].map(([region, { good, bad, durations }]) => [region, good, bad, toText(durations)] as const),
    missing: [...missing],
  }));
  return JSON.stringify({ throughMs, totals } satisfies Stored);
}

function goneFrom(saved: string | null): Gone {
  const gone: Gone = { throughMs: 0, book: totalBook() };
  if (saved === null) return gone;
  const stored = JSON.parse(saved) as Stored;
  gone.throughMs = stored.throughMs;
  for (const { checkId, vantage, regions, missing } of stored.totals) {
    const total = gone.book.of(checkId, vantage);
    for (const [region, good, bad, durations] of regions) {
      total.regions.set(region, { good, bad, durations: fromText(durations) });
    }
    for (const [reason, results] of missing) total.missing.set(reason, results);
  }
  return gone;
}
