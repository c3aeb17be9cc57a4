/** What the targets saw, and what we say of ourselves, in figures. */
import type { Arrivals } from './targets.ts';

export type Quantiles = { readonly p50: number; readonly p99: number; readonly max: number };

export function quantilesOf(values: readonly number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** By how much the time between two probes of one target departs from a second. */
export function gapDeviations(arrivals: Arrivals): readonly number[] {
  return Object.values(arrivals).flatMap((instants) =>
    instants.slice(1).map((atMs, index) => Math.abs(atMs - (instants[index] ?? Number.NaN) - 1_000)),
  );
}

export function shownQuantiles({ p50, p99, max }: Quantiles): string {
  return [p50, p99, max].map((value) => (Number.isNaN(value) ? '–' : value.toFixed(2))).join(' / ');
}
