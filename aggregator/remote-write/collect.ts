import { type Cut, type CutFamily, familiesOf } from '../metrics/cut.ts';
import type { Sample } from '../metrics/exposition.ts';
import { type Described, type NativeHistogram, type PointValue, type Series, seriesOf } from './point.ts';

/** A sample as it is in a cut. `ownMs`: when it was taken, where it did not come about here and now. */
export type Collected = { readonly series: Series; readonly value: PointValue; readonly ownMs: number | null };

/** A family that knows its histograms as such, beside their classic buckets. */
type MayBeNative = CutFamily & {
  natives?(): Iterable<{ readonly labels: Sample['labels']; readonly histogram: NativeHistogram }>;
};

export type Wanted = {
  /** Names of families or of their samples; empty: everything. */
  readonly keep: readonly string[];
  /** Histograms whole, where they are known whole; else as their classic buckets. */
  readonly native: boolean;
};

/** Everything in the cut that is wanted. */
export function* collected(cut: Cut, wanted: Wanted): Generator<Collected, void, undefined> {
  const keep = new Set(wanted.keep);
  for (const family of familiesOf(cut) as readonly MayBeNative[]) {
    const whole = keep.size === 0 || keep.has(family.name);
    const { name, type, help } = family;
    const described: Described = { name, type, help };
    if (wanted.native && whole && type === 'histogram' && family.natives !== undefined) {
      for (const { labels, histogram } of family.natives()) {
        yield { series: seriesOf(name, labels, described, true), value: histogram, ownMs: null };
      }
      continue;
    }
    for (const sample of family.samples()) {
      if (!whole && !keep.has(sample.name)) continue;
      const { labels, value, atMs } = sample;
      yield { series: seriesOf(sample.name, labels, described), value, ownMs: atMs ?? null };
    }
  }
}
