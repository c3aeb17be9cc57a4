/** One consistent cut over everything that the aggregator exposes, as samples: for `/metrics` and `/federate` alike. */
import type { Family, FamilyType, Label, Sample } from './exposition.ts';
import { type Child, canonical, durationBounds, type SeriesCut } from './series.ts';

export type Cut = {
  /** On the aggregator's clock: of all samples without a time of their own. */
  readonly atMs: number;
  readonly series: SeriesCut;
  /** Vantages that are gone: their series end. */
  readonly goneVantages: ReadonlySet<string>;
  readonly families: readonly Family[];
};

/** A line of the exposition and what it says. `start` is its text up to the value, where that is made already. */
export type CutSample = Sample & { readonly start?: string };
export type CutFamily = {
  readonly name: string;
  readonly type: FamilyType;
  readonly help: string;
  samples(): Iterable<CutSample>;
};

export function familiesOf(cut: Cut): readonly CutFamily[] {
  const taken = new Set<string>();
  const all: CutFamily[] = [];
  for (const { entry, children } of cut.series.families) {
    taken.add(entry.name);
    const samples = (): Iterable<CutSample> => seriesSamples(cut, entry.name, entry.type, children);
    all.push({ name: entry.name, type: entry.type, help: entry.help, samples });
  }
  // A name that two sides give is taken from the first: families must be whole.
  for (const family of cut.families) {
    if (taken.has(family.name)) continue;
    taken.add(family.name);
    all.push({ ...family, samples: () => family.samples });
  }
  return all;
}

function* seriesSamples(
  cut: Cut,
  name: string,
  type: FamilyType,
  children: readonly Child[],
): Generator<CutSample, void, undefined> {
  const { values } = cut.series;
  for (const child of children) {
    if (child.vantage !== null && cut.goneVantages.has(child.vantage)) continue;
    if (type === 'histogram') {
      yield* histogramSamples(values, name, child);
      continue;
    }
    for (let line = 0; line < child.starts.length; line += 1) {
      const suffix = type === 'summary' ? (line === 0 ? '_sum' : '_count') : '';
      const start = child.starts[line] as string;
      yield { name: name + suffix, labels: child.labels, value: values[child.slot + line] ?? 0, start };
    }
  }
}

function* histogramSamples(values: Float64Array, name: string, child: Child): Generator<CutSample, void, undefined> {
  const { labels, slot, starts } = child;
  const buckets = durationBounds.length + 1;
  let count = 0;
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    count += values[slot + bucket] ?? 0;
    const le: Label = ['le', canonical(durationBounds[bucket] ?? Number.POSITIVE_INFINITY)];
    yield { name: `${name}_bucket`, labels: [...labels, le], value: count, start: starts[bucket] as string };
  }
  yield { name: `${name}_sum`, labels, value: values[slot + buckets] ?? 0, start: starts[buckets] as string };
  yield { name: `${name}_count`, labels, value: count, start: starts[buckets + 1] as string };
}
