/** Histograms over time, region by region, for quantiles of any window. */
import { emptyHistogram, type Histogram } from '../slices/histogram.ts';
import { addTo, type DurationsCell, type Timing } from './cells.ts';
import { type Apart, lineOf } from './lines.ts';
import type { Fold } from './timeline.ts';

type Spectrum = { readonly regions: Map<string, Timing>; missing: number };

/** What is left out, and what drills broke where they are left out too, is in none of it. */
export function spectrum(apart: () => Apart, countsDrills: boolean): Fold<DurationsCell, Spectrum> {
  return {
    start: () => ({ regions: new Map(), missing: 0 }),
    copy({ regions, missing }) {
      const copied = new Map<string, Timing>();
      for (const [region, { durations, bad }] of regions) {
        copied.set(region, { durations: { ...durations, buckets: new Map(durations.buckets) }, bad });
      }
      return { regions: copied, missing };
    },
    step(state, cell) {
      const { line } = lineOf(apart(), cell);
      if (line === 'excluded' || (line === 'drills' && !countsDrills)) return;
      for (const [region, timing] of cell.regions) addTo(state.regions, region, timing);
      state.missing += cell.missing;
    },
  };
}

/** What came between; regions of which nothing did are not in it. */
export function spectrumBetween(to: Spectrum, from: Spectrum): Spectrum {
  const regions = new Map<string, Timing>();
  for (const [region, timing] of to.regions) {
    const before = from.regions.get(region);
    const rest = before === undefined ? timing : timingBetween(timing, before);
    if (rest.durations.count + rest.bad > 0) regions.set(region, rest);
  }
  return { regions, missing: to.missing - from.missing };
}

function timingBetween(to: Timing, from: Timing): Timing {
  return { durations: histogramBetween(to.durations, from.durations), bad: to.bad - from.bad };
}

function histogramBetween(to: Histogram, from: Histogram): Histogram {
  const durations = emptyHistogram();
  for (const [index, count] of to.buckets) {
    const rest = count - (from.buckets.get(index) ?? 0);
    if (rest > 0) durations.buckets.set(index, rest);
  }
  durations.count = to.count - from.count;
  durations.zero = to.zero - from.zero;
  durations.sum = to.sum - from.sum;
  return durations;
}
