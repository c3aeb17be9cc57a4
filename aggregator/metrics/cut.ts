/** One consistent cut over everything that the aggregator exposes, whatever it is then written as. */

import type { Family, FamilyType, Sample } from './exposition.ts';
import type { Slot } from './layout.ts';
import { classicBuckets, durationBounds, histogramSum } from './layout.ts';
import type { Child, SeriesCut, SeriesFamily } from './series.ts';
import { canonical } from './series.ts';
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

/** `children` are counted by us, only those that are shown; `samples` were given by others, whole by the type. */
export type CutFamily = {
  readonly name: string;
  readonly type: FamilyType;
  readonly help: string;
  readonly children: readonly Child[];
  readonly samples: readonly Sample[];
};

/** Each name stands once, and no two have a series of the same name. */
export function familiesOf(cut: Cut): readonly CutFamily[] {
  const all = new Map<string, CutFamily>();
  const taken = new Set<string>();
  const add = (family: CutFamily): void => {
    const known = all.get(family.name);
    if (known !== undefined) {
      const type = commonType(known, family);
      // What is of another type here and there is not the same: the first has the name.
      if (type !== undefined) all.set(family.name, { ...known, type, samples: known.samples.concat(family.samples) });
      return;
    }
    const names = namesOf(family.name, family.type);
    if (names.some((one) => taken.has(one))) return;
    for (const one of names) taken.add(one);
    all.set(family.name, family);
  };
  for (const family of cut.series.families) add(shownOf(family, cut.goneVantages));
  for (const family of cut.families.flatMap(wholeFamilies)) add({ ...family, children: [] });
  return [...all.values()];
}

/** Single values of different types are joined as untyped; ours stay what they are. */
function commonType(known: CutFamily, other: CutFamily): FamilyType | undefined {
  if (known.type === other.type) return known.type;
  const areValues = [known, other].every(({ type }) => type !== 'histogram' && type !== 'summary');
  if (!areValues) return undefined;
  return known.children.length > 0 ? known.type : 'untyped';
}

function shownOf({ entry, children }: SeriesFamily, gone: ReadonlySet<string>): CutFamily {
  const { name, type, help } = entry;
  const shown = children.filter(({ vantage }) => vantage === null || !gone.has(vantage));
  return { name, type, help, children: shown, samples: [] };
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
export function childValues({ slot }: Child, values: Float64Array, type: FamilyType): readonly number[] {
  if (type === 'summary') return [values[slot] ?? 0, values[slot + 1] ?? 0];
  if (type !== 'histogram') return [values[slot] ?? 0];
  const counts = cumulativeCounts(values, slot);
  return [...counts, histogramSum(values, slot), counts.at(-1) ?? 0];
}

const bounds = [...durationBounds, Number.POSITIVE_INFINITY].map(canonical);

/** One line of a label set that we count: its name, and its bound where it is a bucket. In the order of `childValues`. */
export type Line = { readonly name: string; readonly bound: string | null };

export function linesIn({ name, type }: Pick<CutFamily, 'name' | 'type'>): readonly Line[] {
  const line = (suffix: string): Line => ({ name: name + suffix, bound: null });
  if (type === 'summary') return [line('_sum'), line('_count')];
  if (type !== 'histogram') return [line('')];
  return [...bounds.map((bound) => ({ name: `${name}_bucket`, bound })), line('_sum'), line('_count')];
}
