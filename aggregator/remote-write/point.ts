/** What is written to a receiver: one sample of one series. */
import type { FamilyType, Label } from '../metrics/exposition.ts';
import type { NativeHistogram } from '../metrics/layout.ts';

/** The series has ended. */
export const stale = Symbol('stale');
export type PointValue = number | NativeHistogram | typeof stale;

export type Described = { readonly name: string; readonly type: FamilyType; readonly help: string };

export type Point = {
  readonly series: Series;
  readonly atMs: number;
  readonly value: PointValue;
};

export type Series = {
  /** The labels as text: equal for equal series. */
  readonly id: string;
  /** Sorted by name, `__name__` among them, none of them empty. */
  readonly labels: readonly Label[];
  readonly family: Described;
  /** Whether its samples are native histograms. */
  readonly native: boolean;
};

/** Prometheus's marker of a series that has ended: a NaN with exactly these bits. */
export const staleBits = 0x7ff0000000000002n;

/** Of both versions of remote write. */
export const metadataTypes: Readonly<Record<FamilyType, number>> = {
  untyped: 0,
  counter: 1,
  gauge: 2,
  histogram: 3,
  summary: 5,
};

export function unitOf(family: Described): string {
  return /_(seconds|bytes|ratio)(_total)?$/.exec(family.name)?.[1] ?? '';
}

export function seriesOf(name: string, labels: readonly Label[], family: Described, native = false): Series {
  const sorted = [
    ['__name__', name] as const,
    ...labels.filter(([label, value]) => value !== '' && label !== '__name__'),
  ];
  sorted.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return { id: JSON.stringify(sorted), labels: sorted, family, native };
}

/** The labels that an id stands for. */
export function labelsOf(id: string): readonly Label[] {
  return JSON.parse(id) as readonly Label[];
}
