/** A burst cut into rounds that are long enough to judge by. */
import type { StoredResult } from '../../contract/api.ts';

/** One round of a burst asks each vantage once: a stray failure would be a whole sick round. So many are taken together. */
const shortestStretchMs = 500;

/** What all vantages saw in one stretch of time. */
export type Stretch = {
  /** At least half of the vantages had mostly good answers. Those with none but missing samples are not counted. */
  readonly well: boolean;
  readonly good: number;
  readonly bad: number;
  readonly missing: number;
};

/**
 * The stretches of one check's burst, the newest first; the one that still goes on is left out. An attempt that hangs
 * has no result yet: a vantage of which less than half of the results are in is not well, however good those are.
 */
export function stretchesOf(results: readonly StoredResult[], everyMs: number): readonly Stretch[] {
  const lengthMs = Math.max(shortestStretchMs, everyMs);
  const expected = Math.floor(lengthMs / everyMs);
  const byStretch = Map.groupBy(results, ({ atMs }) => Math.floor(atMs / lengthMs));
  const vantages = new Set(results.map(({ vantage }) => vantage)).size;
  // A far vantage's answers may come later than a whole stretch: then judge when the slowest seen would be in.
  const slowestMs = results.reduce((most, { durationMs }) => Math.max(most, durationMs), 0);
  const latestMs = results.reduce((most, { atMs }) => Math.max(most, atMs), 0);
  const newest = Math.floor((latestMs - Math.max(0, slowestMs - lengthMs)) / lengthMs);
  const oldest = Math.min(...byStretch.keys());
  const stretches: Stretch[] = [];
  for (let index = newest - 1; index >= oldest; index -= 1) {
    stretches.push(stretchOf(byStretch.get(index) ?? [], expected, vantages));
  }
  return stretches;
}

function stretchOf(results: readonly StoredResult[], expected: number, vantages: number): Stretch {
  let [wellVantages, blindVantages] = [0, 0];
  for (const own of Map.groupBy(results, ({ vantage }) => vantage).values()) {
    const { good, bad } = countsOf(own);
    if (own.length * 2 < expected) continue;
    if (good + bad === 0) blindVantages += 1;
    else if (good > bad) wellVantages += 1;
  }
  const well = wellVantages > 0 && wellVantages * 2 >= vantages - blindVantages;
  return { well, ...countsOf(results) };
}

function countsOf(results: readonly StoredResult[]): Omit<Stretch, 'well'> {
  const count = (wanted: StoredResult['outcome']): number => results.filter(({ outcome }) => outcome === wanted).length;
  return { good: count('good'), bad: count('bad'), missing: count('missing') };
}
