/** Histograms over time, for quantiles of any window. */
import { emptyHistogram, type Histogram, mergeInto } from '../slices/histogram.ts';
import type { DurationsCell } from './cells.ts';
import { type Apart, lineOf } from './lines.ts';
import type { Fold } from './timeline.ts';

type Spectrum = { readonly durations: Histogram; missing: number };

/** What is left out, and what drills broke where they are left out too, is in none of it. */
export function spectrum(apart: () => Apart, countsDrills: boolean): Fold<DurationsCell, Spectrum> {
  return {
    start: () => ({ durations: emptyHistogram(), missing: 0 }),
    copy({ durations, missing }) {
      return { durations: { ...durations, buckets: new Map(durations.buckets) }, missing };
    },
    step(state, cell) {
      const { line } = lineOf(apart(), cell);
      if (line === 'excluded' || (line === 'drills' && !countsDrills)) return;
      mergeInto(state.durations, cell.durations);
      state.missing += cell.missing;
    },
  };
}

export function spectrumBetween(to: Spectrum, from: Spectrum): Spectrum {
  const durations = emptyHistogram();
  for (const [index, count] of to.durations.buckets) {
    const rest = count - (from.durations.buckets.get(index) ?? 0);
    if (rest > 0) durations.buckets.set(index, rest);
  }
  durations.count = to.durations.count - from.durations.count;
  durations.zero = to.durations.zero - from.durations.zero;
  durations.sum = to.durations.sum - from.durations.sum;
  return { durations, missing: to.missing - from.missing };
}
