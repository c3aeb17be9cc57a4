/** All slices, in memory: ten seconds wide, later a minute, later an hour. */

import type { MissingReason, Outcome } from '../../contract/result.ts';
import type { Span } from '../../contract/slo/spans.ts';
import { sampleBook } from './samples.ts';
import {
  blurred,
  type Counted,
  type Counts,
  cameIn,
  count,
  countsOf,
  emptySlice,
  excuse,
  type Slice,
  type Sums,
  sumsOf,
} from './slice.ts';
import { emptySpread } from './spread.ts';
import { type SumBook, sumBook } from './sums.ts';
import { type Boundaries, compactTiers, type Edges, edgesOf, sliceWidthMs, tierAt, tierWidthsMs } from './tiers.ts';
import { slotVersions } from './versions.ts';

export type SeriesKey = {
  readonly checkId: string;
  readonly vantage: string;
  /** The burst that asked for them; empty for ordinary rounds. */
  readonly burst: string;
};
export type Series = SeriesKey & { readonly tiers: readonly Map<number, Slice>[] };
/** A slice that changed since it was last written, or was removed. */
export type Change = { readonly series: Series; readonly tier: number; readonly atMs: number };

/** Where results of one key and region count whose time is in `[fromMs, toMs)`, while the table's epoch is the same. */
export type OpenCounts = {
  readonly key: SeriesKey;
  readonly counts: Counts;
  /** That it was opened for, and that it counts as. */
  readonly region: string;
  readonly into: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly epoch: number;
};

export type SliceTable = {
  add(key: SeriesKey, atMs: number, result: Counted): void;
  /** Found once for many results: looking up the slice of each would be dear. */
  open(key: SeriesKey, atMs: number, region: string): OpenCounts;
  count(open: OpenCounts, outcome: Outcome, missing: MissingReason | null, durationMs: number): void;
  /** Another when slices were written or merged: what was open has to be opened again. */
  epoch(): number;
  /** Declares how many were expected in the slice of ten seconds at `atMs`; returns how many of them did not come. */
  expect(key: SeriesKey, atMs: number, results: number, reason: MissingReason): number;
  /** One that was bad becomes missing; of which region, or `null` when there is none. Makes no slice. */
  excuse(key: SeriesKey, region: string, atMs: number): string | null;
  /** Of the bad ones there, so many more are leaks, or fewer. */
  leaked(key: SeriesKey, region: string, atMs: number, results: 1 | -1): void;
  series(): Iterable<Series>;
  /** Another when slices of ten seconds at `atMs` may have changed; `null` while results may be counted into them unseen. */
  version(atMs: number): number | null;
  /** Of ordinary rounds, by vantage. */
  sums(): (vantage: string) => Sums;
  of(key: SeriesKey): Series | undefined;
  /** Puts back what was stored; `summed`: what `sumsOf` says of it. */
  restore(key: SeriesKey, slice: Slice, summed: Sums): void;
  /** Merges old slices into longer ones and forgets the oldest. */
  compact(nowMs: number): void;
  /** What has to be written: for the store alone. */
  takeChanges(): readonly Change[];
  /** What changed, came back or went since the last call: for verdicts alone. */
  takeTouched(): Iterable<Change>;
  /** No slice is merged over the beginning or the end of one of these, in any order: they are counted apart. */
  protect(spans: readonly Span[]): void;
  /** Limits of latency that hours which are merged from now on tell apart, minute by minute. */
  distinguish(limitsMs: readonly number[]): void;
};

/** Read at each use. */
export type SliceLimits = {
  readonly retentionMs: number;
  /** Durations kept one by one, over all slices; the oldest go first and leave their histogram. */
  readonly maxSamples: number;
};

/** Regions that one slice tells apart; what is beyond is counted as one: who asks and who answers may make up names. */
const maxRegions = 64;
const overflowRegion = '__overflow__';

export function sliceTable(limits: SliceLimits): SliceTable {
  const table = new Map<string, Series>();
  const samples = sampleBook(limits.maxSamples);
  const sums = sumBook();
  const changes = changeBook(sums);
  let epoch = 0;
  let boundaries: Boundaries = [0, 0];
  let edgesMs: Edges = [];
  let limitsMs: readonly number[] = [];

  function seriesOf(key: SeriesKey): Series {
    const id = idOf(key);
    let series = table.get(id);
    if (series === undefined) {
      series = { ...key, tiers: tierWidthsMs.map(() => new Map()) };
      table.set(id, series);
    }
    return series;
  }

  /** The slice that is about to be changed. */
  function sliceAt(key: SeriesKey, timeMs: number): Slice {
    const series = seriesOf(key);
    const tier = tierAt(series, timeMs, boundaries, edgesMs);
    const slice = changes.changed(series, timeMs, tier);
    return tier === 2 ? blurred(slice) : slice;
  }

  /** The slice that others are merged into. A new hour knows its minutes, from all that it is made of. */
  function sliceInto(series: Series, timeMs: number, tier: number): Slice {
    const slice = changes.changed(series, timeMs, tier);
    if (tier === 2 && slice.spread === undefined && series.burst === '') slice.spread = emptySpread(limitsMs);
    return slice;
  }

  /** Where the region is counted in the slice at that time; `null` when nothing is. Makes no slice. */
  function countedAs(
    key: SeriesKey,
    region: string,
    atMs: number,
  ): { readonly into: string; readonly bad: number } | null {
    const series = table.get(idOf(key));
    const tier = tierAt(series, atMs, boundaries, edgesMs);
    const widthMs = tierWidthsMs[tier] as number;
    const known = series?.tiers[tier]?.get(Math.floor(atMs / widthMs) * widthMs);
    const into = known?.regions.has(region) === true ? region : overflowRegion;
    const counts = known?.regions.get(into);
    return counts === undefined ? null : { into, bad: counts.bad };
  }

  function open(key: SeriesKey, atMs: number, region: string): OpenCounts {
    const slice = sliceAt(key, atMs);
    const into = slice.regions.has(region) || slice.regions.size < maxRegions ? region : overflowRegion;
    const known = slice.regions.has(into);
    const counts = countsOf(slice, into, slice.widthMs === sliceWidthMs);
    if (!known) samples.opened(counts);
    // Beside a wide slice there may be a narrower one.
    const fromMs = Math.floor(atMs / sliceWidthMs) * sliceWidthMs;
    return { key, counts, region, into, fromMs, toMs: fromMs + sliceWidthMs, epoch };
  }

  function countOne({ counts }: OpenCounts, outcome: Outcome, missing: MissingReason | null, durationMs: number): void {
    if (count(counts, outcome, missing, durationMs)) samples.added();
  }

  return {
    add: (key, atMs, { region, outcome, missing, durationMs }) =>
      countOne(open(key, atMs, region), outcome, missing, durationMs),
    open,
    count: countOne,
    epoch: () => epoch,
    expect(key, atMs, results, reason) {
      const slice = sliceAt(key, atMs);
      slice.expected += results;
      slice.remainder = reason;
      return Math.min(results, Math.max(0, slice.expected - cameIn(slice)));
    },
    excuse(key, region, atMs) {
      const known = countedAs(key, region, atMs);
      if (known === null || known.bad === 0) return null;
      const counts = sliceAt(key, atMs).regions.get(known.into);
      if (counts !== undefined) excuse(counts, 1);
      return known.into;
    },
    leaked(key, region, atMs, results) {
      const known = countedAs(key, region, atMs);
      const counts = known === null ? undefined : sliceAt(key, atMs).regions.get(known.into);
      if (counts !== undefined) counts.leaks = Math.max(0, (counts.leaks ?? 0) + results);
    },
    series: () => table.values(),
    version: changes.version,
    of: (key) => table.get(idOf(key)),
    sums() {
      changes.sumUp();
      return changes.sums;
    },
    restore(key, slice, summed) {
      if (key.burst === '') sums.put(key.vantage, slice, summed);
      const series = seriesOf(key);
      const tier = tierWidthsMs.indexOf(slice.widthMs);
      series.tiers[tier]?.set(slice.atMs, slice);
      changes.restored({ series, tier, atMs: slice.atMs }, slice);
    },
    compact(nowMs) {
      epoch += 1;
      boundaries = compactTiers(nowMs, limits.retentionMs, table.values(), {
        into: sliceInto,
        limitsMs,
        edgesMs,
        gone(series, tier, slice) {
          changes.gone(series, tier, slice);
          for (const counts of slice.regions.values()) samples.closed(counts);
        },
      });
      for (const [id, series] of table) if (series.tiers.every((tier) => tier.size === 0)) table.delete(id);
    },
    takeChanges() {
      epoch += 1;
      return changes.take();
    },
    takeTouched() {
      epoch += 1;
      return changes.takeTouched();
    },
    protect(spans) {
      edgesMs = edgesOf(spans);
    },
    distinguish(limits) {
      limitsMs = limits;
    },
  };
}

/** Slices that changed, and those that are gone: what has to be written, and what verdicts have to look at again. */
function changeBook(sums: SumBook) {
  const changes = new Map<Slice, Change>();
  let touched = new Map<Slice, Change>();
  let removed: Change[] = [];
  const versions = slotVersions();
  return {
    version: versions.of,
    restored(change: Change, slice: Slice): void {
      versions.changed(change.tier, change.atMs);
      touched.set(slice, change);
    },
    /** The slice of that tier at that time, made when it is new. */
    changed(series: Series, timeMs: number, tier: number): Slice {
      const widthMs = tierWidthsMs[tier] as number;
      const atMs = Math.floor(timeMs / widthMs) * widthMs;
      let slice = series.tiers[tier]?.get(atMs);
      if (slice === undefined) {
        slice = emptySlice(atMs, widthMs);
        series.tiers[tier]?.set(atMs, slice);
      }
      if (!changes.has(slice)) {
        changes.set(slice, { series, tier, atMs });
        versions.opened(tier, atMs);
      }
      if (!touched.has(slice)) touched.set(slice, { series, tier, atMs });
      return slice;
    },
    gone(series: Series, tier: number, slice: Slice): void {
      changes.delete(slice);
      versions.gone(tier, slice.atMs);
      removed.push({ series, tier, atMs: slice.atMs });
      touched.set(slice, { series, tier, atMs: slice.atMs });
      if (series.burst === '') sums.gone(series.vantage, slice);
    },
    sums: sums.of,
    /** Brings the sums up to date: what has not changed since the last time is in them. */
    sumUp(): void {
      for (const [slice, { series }] of changes)
        if (series.burst === '') sums.put(series.vantage, slice, sumsOf(slice));
    },
    take(): readonly Change[] {
      this.sumUp();
      const taken = [...removed, ...changes.values()];
      changes.clear();
      versions.closed();
      removed = [];
      return taken;
    },
    takeTouched(): Iterable<Change> {
      const taken = touched;
      touched = new Map();
      return taken.values();
    },
  };
}

function idOf(key: SeriesKey): string {
  return `${key.checkId}\u0000${key.vantage}\u0000${key.burst}`;
}
