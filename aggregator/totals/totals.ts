/**
 * What was ever counted, beside the slices: sums that only go on, over restarts and over the end of old slices. Two of
 * them taken at two moments tell what was counted between, also by somebody who saw only some of the moments.
 */
import type { MissingReason } from '../../contract/result.ts';
import { emptyHistogram, type Histogram, mergeInto, observe } from '../slices/histogram.ts';
import { absentIn, type Slice } from '../slices/slice.ts';
import type { Series, SeriesKey, SliceTable } from '../slices/table.ts';
import { tierWidthsMs } from '../slices/tiers.ts';

export type Total = {
  readonly checkId: string;
  readonly vantage: string;
  readonly regions: Map<string, { good: number; bad: number; readonly durations: Histogram }>;
  /** That never came among them. */
  readonly missing: Map<MissingReason, number>;
};

export type TotalBook = {
  rows(): Iterable<Total>;
  of(checkId: string, vantage: string): Total;
};

export function totalBook(): TotalBook {
  const totals = new Map<string, Total>();
  return {
    rows: () => totals.values(),
    of(checkId, vantage) {
      const id = `${checkId}\u0000${vantage}`;
      const known = totals.get(id);
      if (known !== undefined) return known;
      const total = { checkId, vantage, regions: new Map(), missing: new Map() };
      totals.set(id, total);
      return total;
    },
  };
}

export function regionOf(total: Total, region: string) {
  const known = total.regions.get(region) ?? { good: 0, bad: 0, durations: emptyHistogram() };
  total.regions.set(region, known);
  return known;
}

function addMissing(total: Total, reason: MissingReason, results: number): void {
  if (results !== 0) total.missing.set(reason, (total.missing.get(reason) ?? 0) + results);
}

/** Adds all of a slice. */
export function addSlice(total: Total, slice: Slice): void {
  for (const [region, counts] of slice.regions) {
    const sum = regionOf(total, region);
    sum.good += counts.good;
    sum.bad += counts.bad;
    mergeInto(sum.durations, counts.durations);
    for (const [reason, results] of counts.missing) addMissing(total, reason, results);
  }
  addMissing(total, slice.remainder, absentIn(slice));
}

/** The same table, whose changes are summed on their way in. Bursts are not: nobody expects them. */
export function summed(slices: SliceTable, book: TotalBook): SliceTable {
  /** Runs a change to the slice at that time, and counts by how much what is absent from it has changed. */
  function watched<T>(key: SeriesKey, atMs: number, change: () => T): T {
    if (key.burst !== '') return change();
    const total = book.of(key.checkId, key.vantage);
    for (const slice of slicesAt(slices.of(key), atMs)) addMissing(total, slice.remainder, -absentIn(slice));
    const changed = change();
    for (const slice of slicesAt(slices.of(key), atMs)) addMissing(total, slice.remainder, absentIn(slice));
    return changed;
  }

  const countOne: SliceTable['count'] = (open, outcome, missing, durationMs) => {
    const { key, fromMs, into } = open;
    watched(key, fromMs, () => slices.count(open, outcome, missing, durationMs));
    if (key.burst !== '') return;
    const total = book.of(key.checkId, key.vantage);
    const sum = regionOf(total, into);
    if (outcome === 'missing') addMissing(total, missing ?? 'bad-sample', 1);
    else sum[outcome] += 1;
    if (outcome === 'good') observe(sum.durations, durationMs / 1_000);
  };

  return {
    ...slices,
    add: (key, atMs, { region, outcome, missing, durationMs }) =>
      countOne(slices.open(key, atMs, region), outcome, missing, durationMs),
    count: countOne,
    expect: (key, atMs, results, reason) => watched(key, atMs, () => slices.expect(key, atMs, results, reason)),
    excuse(key, region, atMs) {
      const into = slices.excuse(key, region, atMs);
      if (into === null || key.burst !== '') return into;
      const total = book.of(key.checkId, key.vantage);
      regionOf(total, into).bad -= 1;
      addMissing(total, 'bad-sample', 1);
      return into;
    },
  };
}

/** Those that a change at that time may touch: one a width. */
function slicesAt(series: Series | undefined, timeMs: number): readonly Slice[] {
  if (series === undefined) return [];
  return tierWidthsMs.flatMap((widthMs, tier) => {
    const slice = series.tiers[tier]?.get(Math.floor(timeMs / widthMs) * widthMs);
    return slice === undefined ? [] : [slice];
  });
}
