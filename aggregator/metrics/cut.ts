/** One consistent cut over everything that the aggregator exposes, whatever it is then written as. */
import type { Family, FamilyType, Sample } from './exposition.ts';
import type { Slot } from './layout.ts';
import { classicBuckets, histogramSum } from './layout.ts';
import type { Child, SeriesCut, SeriesFamily } from './series.ts';
import { wholeFamilies } from './whole.ts';

export type Cut = {
  /** On the aggregator's clock: of all samples without a time of their own. */
  readonly atMs: number;
  readonly series: SeriesCut;
  /** Vantages that are gone: their series end. */
  readonly goneVantages: ReadonlySet<string>;
  /** What is computed when somebody looks, and what regions and the process say of themselves. */
  readonly families: readonly Family[];
};

/** Counted by us: `children` has only those that are shown. Or given as samples, then whole by its type. */
export type CutFamily = { readonly name: string; readonly type: FamilyType; readonly help: string } & (
  | { readonly children: readonly Child[] }
  | { readonly samples: readonly Sample[] }
);

/** No two have a series of the same name. */
export function familiesOf(cut: Cut): readonly CutFamily[] {
  const taken = new Set<string>();
  const own = cut.series.families.map((family) => shownOf(family, cut.goneVantages));
  for (const { name, type } of own) for (const one of namesOf(name, type)) taken.add(one);
  const others = cut.families.flatMap(wholeFamilies).filter(({ name, type }) => {
    // A name that two sides give is taken from the first: families must be whole.
    const names = namesOf(name, type);
    if (names.some((one) => taken.has(one))) return false;
    for (const one of names) taken.add(one);
    return true;
  });
  return [...own, ...others];
}

function shownOf({ entry, children }: SeriesFamily, gone: ReadonlySet<string>): CutFamily {
  const { name, type, help } = entry;
  const shown = children.filter(({ vantage }) => vantage === null || !gone.has(vantage));
  return { name, type, help, children: shown };
}

const suffixes: Readonly<Record<FamilyType, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  untyped: [''],
  summary: ['', '_sum', '_count'],
  histogram: ['', '_bucket', '_sum', '_count'],
};

/** Every name that a family takes for itself. */
function namesOf(name: string, type: FamilyType): readonly string[] {
  return suffixes[type].map((suffix) => name + suffix);
}

/** Counts up to and with each classic bucket; the last is the count of all. */
export function cumulativeCounts(values: Float64Array, slot: Slot): readonly number[] {
  const counts: number[] = [];
  let count = 0;
  for (let bucket = 0; bucket < classicBuckets; bucket += 1) {
    count += values[slot + bucket] ?? 0;
    counts.push(count);
  }
  return counts;
}

/** In the order of the child's lines. */
export function childValues({ slot, starts }: Child, values: Float64Array, type: FamilyType): readonly number[] {
  if (type !== 'histogram') return starts.map((_start, line) => values[slot + line] ?? 0);
  const counts = cumulativeCounts(values, slot);
  return [...counts, histogramSum(values, slot), counts.at(-1) ?? 0];
}
