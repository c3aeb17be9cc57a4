import { type Cut, type CutFamily, childValues, familiesOf, linesIn } from '../metrics/cut.ts';
import type { Label } from '../metrics/exposition.ts';
import { nativeAt } from '../metrics/layout.ts';
import { type Described, type PointValue, type Series, seriesOf } from './point.ts';

/** A sample as it is in a cut. `ownMs`: when it was taken, where it did not come about here and now. */
export type Collected = { readonly series: Series; readonly value: PointValue; readonly ownMs: number | null };

export type Wanted = {
  /** Names of families or of their samples; empty: everything. */
  readonly keep: readonly string[];
  /** Histograms whole, where they are known whole; else as their classic buckets. */
  readonly native: boolean;
  /** Added to every series; in place of labels of the same name. */
  readonly labels?: readonly Label[];
};

/** Everything in the cut that is wanted. */
export function* collected(cut: Cut, wanted: Wanted): Generator<Collected, void, undefined> {
  const { labels = [] } = wanted;
  if (labels.length === 0) return yield* unlabelled(cut, wanted);
  const names = new Set(labels.map(([name]) => name));
  for (const one of unlabelled(cut, wanted)) {
    const own = one.series.labels.filter(([name]) => !names.has(name));
    const name = own.find(([label]) => label === '__name__')?.[1] ?? '';
    yield { ...one, series: seriesOf(name, [...own, ...labels], one.series.family, one.series.native) };
  }
}

function* unlabelled(cut: Cut, wanted: Wanted): Generator<Collected, void, undefined> {
  const keep = new Set(wanted.keep);
  for (const family of familiesOf(cut)) {
    const whole = keep.size === 0 || keep.has(family.name);
    const { name, type, help } = family;
    const described: Described = { name, type, help };
    if (wanted.native && whole && type === 'histogram') yield* histogramsOf(cut, family, described);
    else yield* linesOf(cut, family, described, (line) => whole || keep.has(line));
    for (const { name: line, labels, value, atMs } of family.samples) {
      if (!whole && !keep.has(line)) continue;
      yield { series: seriesOf(line, labels, described), value, ownMs: atMs ?? null };
    }
  }
}

function* histogramsOf(cut: Cut, { children, name }: CutFamily, described: Described): Generator<Collected> {
  for (const { labels, slot } of children) {
    const value = nativeAt(cut.series.values, slot);
    yield { series: seriesOf(name, labels, described, true), value, ownMs: null };
  }
}

function* linesOf(
  cut: Cut,
  family: CutFamily,
  described: Described,
  isWanted: (line: string) => boolean,
): Generator<Collected> {
  const lines = linesIn(family);
  for (const child of family.children) {
    for (const [index, value] of childValues(child, cut.series.values, family.type).entries()) {
      const line = lines[index];
      if (line === undefined || !isWanted(line.name)) continue;
      const labels: readonly Label[] = line.bound === null ? child.labels : [...child.labels, ['le', line.bound]];
      yield { series: seriesOf(line.name, labels, described), value, ownMs: null };
    }
  }
}
