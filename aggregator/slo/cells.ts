/** Slices of all series under an objective, put together into cells: what an indicator makes of ten seconds or an hour. */
import type { Indicator } from '../../contract/objective.ts';
import { emptyHistogram, type Histogram, mergeInto } from '../slices/histogram.ts';
import { type Counts, missingIn, type Slice } from '../slices/slice.ts';
import { underIn } from '../slices/spread.ts';
import type { Lie } from './clumps.ts';

export type Cell = {
  readonly atMs: number;
  readonly widthMs: number;
  good: number;
  bad: number;
  unsure: number;
  missing: number;
  /** Of an hour, for objectives that state their longest burst. */
  lie?: Lie;
  /** Of a minute of a merged hour, which knows its minutes. */
  readonly isPart?: true;
};

/** `missing`: what came, and is neither good nor bad to the indicator. */
export type Events = {
  readonly good: number;
  readonly bad: number;
  readonly unsure: number;
  readonly missing?: number;
};

/** What the counts of one region in one slice say to an indicator. */
export type Read = (counts: Counts) => Events;

export function readerOf(indicator: Indicator): Read {
  switch (indicator.kind) {
    case 'latency-under':
      return (counts) => withinLimit(counts, underIn(counts, indicator.limitMs));
    case 'residency':
      return residencyOf;
    default:
      return ({ good, bad }) => ({ good, bad, unsure: 0 });
  }
}

export function withinLimit({ good, bad }: Tally, [under, cut]: readonly [number, number]): Events {
  return { good: under, bad: bad + good - under - cut, unsure: cut };
}

/** An answer that keeps the rule is good, and one that breaks it bad; an attempt that got neither shows neither. */
export function residencyOf({ good, bad, leaks = 0 }: Tally): Events {
  return { good, bad: leaks, unsure: 0, missing: bad - leaks };
}

type Tally = Pick<Counts, 'good' | 'bad' | 'leaks'>;

/** One slice of a series under the objective. */
export type Found = {
  readonly slice: Slice;
  /** Whether what is missing in it was asked of the objective's region. */
  readonly asked: boolean;
};

export type Where = { readonly atMs: number; readonly widthMs: number; readonly region: string | null };

/** `undefined` when nothing came and nothing is missing. */
export function cellOf(found: Iterable<Found>, where: Where, read: Read): Cell | undefined {
  const { atMs, widthMs, region } = where;
  const cell: Cell = { atMs, widthMs, good: 0, bad: 0, unsure: 0, missing: 0 };
  for (const { slice, asked } of found) {
    if (asked) cell.missing += missingIn(slice);
    for (const [name, counts] of slice.regions) {
      if (region !== null && name !== region) continue;
      const events = read(counts);
      cell.good += events.good;
      cell.bad += events.bad;
      cell.unsure += events.unsure;
      cell.missing += events.missing ?? 0;
    }
  }
  return cell.good + cell.bad + cell.unsure + cell.missing === 0 ? undefined : cell;
}

/** How long good results took, and how many were bad: to a quantile those took longer than any. */
export type Timing = { readonly durations: Histogram; bad: number };

export type DurationsCell = {
  readonly atMs: number;
  readonly widthMs: number;
  /** By the region that was asked, or that the name led to. */
  readonly regions: ReadonlyMap<string, Timing>;
  readonly missing: number;
};

/** `undefined` when nothing came and nothing is missing. */
export function durationsOf(found: Iterable<Found>, { atMs, widthMs, region }: Where): DurationsCell | undefined {
  const regions = new Map<string, Timing>();
  let missing = 0;
  for (const { slice, asked } of found) {
    if (asked) missing += missingIn(slice);
    for (const [name, counts] of slice.regions) {
      if (counts.durations.count + counts.bad > 0 && (region === null || name === region)) addTo(regions, name, counts);
    }
  }
  return regions.size === 0 && missing === 0 ? undefined : { atMs, widthMs, regions, missing };
}

export function addTo(regions: Map<string, Timing>, region: string, { durations, bad }: Timing): void {
  let sum = regions.get(region);
  if (sum === undefined) {
    sum = { durations: emptyHistogram(), bad: 0 };
    regions.set(region, sum);
  }
  mergeInto(sum.durations, durations);
  sum.bad += bad;
}
