/** A ledger as it is when all has been well for as long as it looks back, for incidents to be written into. */
import type { Objective } from '../../../contract/objective.ts';
import { sliceWidthMs } from '../../../contract/slo/spans.ts';
import { roundsBetween } from '../../slices/rounds.ts';
import { emptyCounts, emptySlice, type Slice } from '../../slices/slice.ts';
import { emptySpread, type Spread } from '../../slices/spread.ts';
import { tierKeptMs } from '../../slices/tiers.ts';
import { type Ledger, ledgerOf } from '../ledger.ts';
import { nothingApart } from '../lines.ts';
import { windowAt } from '../window.ts';
import type { Probed } from './incident.ts';

export type Stage = {
  readonly ledger: Ledger;
  /** So many results of the ten seconds at `atMs` are there. */
  write(atMs: number, results: { readonly good: number; readonly bad: number }): void;
  /** As if nothing had happened in `[fromMs, toMs)`. */
  clear(fromMs: number, toMs: number): void;
};

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** The longest window of a pair. */
const lookBackMs = 72 * hourMs;

/** Filled from before the windows of `startMs` up to `endMs`, in slices as wide as an aggregator has them at `startMs`. */
export function stageOf(objective: Objective, probed: Probed, startMs: number, endMs: number): Stage {
  // What was excluded, and drills, are other days.
  const ledger = ledgerOf(objective, () => nothingApart);
  const region = objective.region ?? '';

  function put(atMs: number, widthMs: number, { good, bad }: { readonly good: number; readonly bad: number }): void {
    const slice = emptySlice(atMs, widthMs);
    slice.expected = good + bad;
    const counts = emptyCounts(null);
    // Quick ones: what an incident makes of a result is bad, slow or not.
    slice.regions.set(region, { ...counts, good, bad, durations: { ...counts.durations, count: good, zero: good } });
    if (widthMs === hourMs) slice.spread = spreadIn(slice);
    ledger.put({ atMs, widthMs }, good + bad === 0 ? [] : [{ slice, asked: true }]);
  }

  /** An hour knows its minutes, as one that was merged does. */
  function spreadIn({ atMs }: Slice): Spread {
    const parts = Array.from({ length: hourMs / minuteMs }, (_, minute) => {
      const startMs = atMs + minute * minuteMs;
      const results = roundsBetween(probed.everyMs, startMs, startMs + minuteMs) * probed.streams.length;
      return results === 0 ? undefined : [results, 0, 0];
    });
    return { ...emptySpread([]), regions: new Map([[region, parts]]) };
  }

  function fill(fromMs: number, toMs: number, widthMs: number): void {
    for (let atMs = fromMs; atMs < toMs; atMs += widthMs) {
      const rounds = roundsBetween(probed.everyMs, atMs, atMs + widthMs);
      if (rounds > 0 || widthMs === sliceWidthMs) put(atMs, widthMs, { good: rounds * probed.streams.length, bad: 0 });
    }
  }

  const floor = (ms: number, widthMs: number): number => Math.floor(ms / widthMs) * widthMs;
  const minutesFromMs = floor(startMs - tierKeptMs[1], hourMs);
  const slicesFromMs = floor(startMs - tierKeptMs[0], minuteMs);
  fill(floor(Math.min(windowAt(objective, startMs).fromMs, startMs - lookBackMs), hourMs), minutesFromMs, hourMs);
  fill(minutesFromMs, slicesFromMs, minuteMs);
  fill(slicesFromMs, endMs, sliceWidthMs);
  return {
    ledger,
    write: (atMs, results) => put(atMs, sliceWidthMs, results),
    clear: (fromMs, toMs) => fill(fromMs, toMs, sliceWidthMs),
  };
}
