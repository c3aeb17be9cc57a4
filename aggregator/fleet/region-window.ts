/**
 * What answered for each region in the last five minutes, ten seconds by ten seconds. Only slices that may have changed
 * since the last look are summed up again: a look costs as much as came since, not as much as there is.
 */
import { emptyHistogram, type Histogram, mergeInto } from '../slices/histogram.ts';
import type { Counts } from '../slices/slice.ts';
import type { Series } from '../slices/table.ts';
import { sliceWidthMs } from '../slices/tiers.ts';
import type { CheckRow } from '../store/rows.ts';

export type Tally = {
  good: number;
  bad: number;
  /** Of good results. */
  readonly durations: Histogram;
  /** The same in milliseconds, one by one; `null` when they are too many, or not known. */
  samplesMs: number[] | null;
};

export type RegionWindowDeps = {
  series(): Iterable<Series>;
  check(id: string): CheckRow;
  /** Another when what `check` gives may have changed. */
  epoch(): number;
  vantageRegion(vantage: string): string | null;
  /** Another when what was counted in the slices of ten seconds at that time may have changed; `null` while it may change. */
  version(atMs: number): number | null;
};

/** Whom the results are of: by checks that ask this region or by others, from its own vantages or from afar. */
export type Group = 'asking-own' | 'asking-afar' | 'other-own' | 'other-afar';

export type RegionWindow = {
  /** Which regions have checks of their own. */
  readonly asked: ReadonlySet<string>;
  /** Of these groups together. */
  sum(region: string, groups: readonly Group[]): Tally;
};

const windowMs = 300_000;
/** Per ten seconds: of more, a bucket is as good as the sample itself. */
const maxSamples = 300;

type Slot = ReadonlyMap<string, ReadonlyMap<Group, Tally>>;
type Kept = { readonly version: number; readonly slot: Slot };

/** Slices that begin in the five minutes before `nowMs`, of ordinary http checks. */
export function regionWindows(deps: RegionWindowDeps): (nowMs: number) => RegionWindow {
  let kept = new Map<number, Kept>();
  let keptFor = '';

  return (nowMs) => {
    const rows = [...deps.series()].flatMap((series) => rowOf(series, deps));
    const regions = new Map(rows.map(({ series: { vantage } }) => [vantage, deps.vantageRegion(vantage)]));
    const shape = JSON.stringify([deps.epoch(), ...regions]);
    const before = shape === keptFor ? kept : new Map<number, Kept>();
    kept = new Map();
    keptFor = shape;
    const slots: Slot[] = [];
    for (let atMs = floorTo(nowMs - windowMs); atMs <= nowMs; atMs += sliceWidthMs) {
      const version = deps.version(atMs);
      const known = before.get(atMs);
      const slot = known !== undefined && known.version === version ? known.slot : sumUp(rows, atMs, regions);
      if (version !== null) kept.set(atMs, { version, slot });
      slots.push(slot);
    }
    return {
      asked: new Set(rows.flatMap(({ asks }) => asks ?? [])),
      sum(region, groups) {
        const sum = emptyTally();
        for (const slot of slots) {
          const of = slot.get(region);
          for (const group of groups) {
            const tally = of?.get(group);
            if (tally !== undefined) addTo(sum, tally);
          }
        }
        return sum;
      },
    };
  };
}

type Row = { readonly series: Series; readonly asks: string | null };

function rowOf(series: Series, { check }: RegionWindowDeps): readonly Row[] {
  const { kind, region } = check(series.checkId);
  return series.burst === '' && kind === 'http' ? [{ series, asks: region }] : [];
}

function sumUp(rows: readonly Row[], atMs: number, regions: ReadonlyMap<string, string | null>): Slot {
  const slot = new Map<string, Map<Group, Tally>>();
  for (const { series, asks } of rows) {
    const slice = series.tiers[0]?.get(atMs);
    if (slice === undefined) continue;
    const from = regions.get(series.vantage);
    for (const [region, counts] of slice.regions) {
      let groups = slot.get(region);
      if (groups === undefined) {
        groups = new Map();
        slot.set(region, groups);
      }
      const group: Group = `${asks === region ? 'asking' : 'other'}-${from === region ? 'own' : 'afar'}`;
      let tally = groups.get(group);
      if (tally === undefined) {
        tally = emptyTally();
        groups.set(group, tally);
      }
      addTo(tally, counts);
      if ((tally.samplesMs?.length ?? 0) > maxSamples) tally.samplesMs = null;
    }
  }
  return slot;
}

function emptyTally(): Tally {
  return { good: 0, bad: 0, durations: emptyHistogram(), samplesMs: [] };
}

function addTo(tally: Tally, { good, bad, durations, samplesMs }: Pick<Counts, keyof Tally>): void {
  tally.good += good;
  tally.bad += bad;
  mergeInto(tally.durations, durations);
  if (samplesMs === null || samplesMs.length !== good) tally.samplesMs = null;
  if (tally.samplesMs === null) return;
  for (const sample of samplesMs ?? []) tally.samplesMs.push(sample);
}

function floorTo(timeMs: number): number {
  return Math.floor(timeMs / sliceWidthMs) * sliceWidthMs;
}
