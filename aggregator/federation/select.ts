/** Which series of a cut selectors select: labels are looked at once for all lines of a label set. */
import { type Clock, sleep } from '../../contract/clock.ts';
import { type Cut, type CutFamily, childValues, familiesOf, linesIn } from '../metrics/cut.ts';
import type { Label } from '../metrics/exposition.ts';
import { type NativeHistogram, nativeAt } from '../metrics/layout.ts';
import { type LineShape, labelText, lineShape } from '../metrics/lines.ts';
import type { Matcher, Selector } from './matchers.ts';

/** One name, and how its samples are had; `null`: much was looked at, it is time for others to have their turn. */
export type Named = { readonly name: string } & (
  | { readonly kind: 'values'; samples(): Iterable<Picked | null> }
  | { readonly kind: 'histograms'; samples(): Iterable<PickedHistogram | null> }
);
/** Lines of one label set under one name: one, or one for each bound. */
export type Picked = {
  /** Without bounds. */
  readonly labels: readonly Label[];
  readonly text: string;
  readonly shapes: readonly LineShape[];
  readonly values: readonly number[];
  readonly atMs: number;
};
export type PickedHistogram = {
  readonly labels: readonly Label[];
  readonly histogram: NativeHistogram;
  readonly atMs: number;
};

/** As long as Prometheus looks back. */
const lookbackMs = 300_000;
/** Selectors held against names or labels between two turns of the event loop: some milliseconds, if all are expressions. */
const looksPerTurn = 2_000;

/** Sorted by name. Histograms of base 2 have the name of their family, and only where the reader can have them. */
export async function select(
  cut: Cut,
  selectors: readonly Selector[],
  withHistograms: boolean,
  clock: Clock,
): Promise<readonly Named[]> {
  const all: Named[] = [];
  const isTime = turns();
  for (const family of familiesOf(cut)) {
    all.push(
      ...namedOnce([
        ...ownLines(cut, family, selectors),
        ...(withHistograms ? ownHistograms(cut, family, selectors) : []),
        ...givenSamples(cut, family, selectors),
      ]),
    );
    if (isTime(selectors.length)) await sleep(clock, 0);
  }
  return all.sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}

/** Says after how many looks it is time for a turn. */
function turns(): (looks: number) => boolean {
  let sum = 0;
  return (looks) => {
    sum += looks;
    if (sum < looksPerTurn) return false;
    sum = 0;
    return true;
  };
}

/** What we count and what others gave under one name stands together. */
function namedOnce(all: readonly Named[]): readonly Named[] {
  const made = new Map<string, Named>();
  for (const one of all) {
    const known = made.get(`${one.kind} ${one.name}`);
    if (known?.kind !== 'values' || one.kind !== 'values') made.set(`${one.kind} ${one.name}`, one);
    else {
      const samples = function* (): Generator<Picked | null, void, undefined> {
        yield* known.samples();
        yield* one.samples();
      };
      made.set(`values ${one.name}`, { kind: 'values', name: one.name, samples });
    }
  }
  return [...made.values()];
}

function ownLines(cut: Cut, family: CutFamily, selectors: readonly Selector[]): readonly Named[] {
  if (family.children.length === 0) return [];
  const lines = linesIn(family);
  return [...new Set(lines.map(({ name }) => name))].flatMap((name): readonly Named[] => {
    const wanted = selecting(selectors, name);
    if (wanted.length === 0) return [];
    return [{ kind: 'values', name, samples: () => linesOf(cut, family, wanted, name) }];
  });
}

function* linesOf(
  cut: Cut,
  family: CutFamily,
  wanted: readonly Selector[],
  name: string,
): Generator<Picked | null, void, undefined> {
  const { atMs, series } = cut;
  const isTime = turns();
  const lines = [...linesIn(family).entries()]
    .filter(([, line]) => line.name === name)
    // Ours have no instance: an empty one keeps the scraper from putting its own in its place.
    .map(([index, { bound }]) => ({ index, shape: lineShape(name, bound, noInstance) }));
  const asks = wanted.some((selector) => selector.some(({ label }) => label === 'le'));
  const all = lines.map(({ shape }) => shape);
  for (const child of family.children) {
    if (isTime(wanted.length)) yield null;
    const holding = wanted.filter((selector) => holds(selector, child.labels, notBound));
    if (holding.length === 0) continue;
    const values = childValues(child, series.values, family.type);
    const picked = asks
      ? lines.filter(({ shape }) => holding.some((one) => holdsBound(one, shape.bound ?? '')))
      : lines;
    yield {
      labels: child.labels,
      text: child.text,
      shapes: asks ? picked.map(({ shape }) => shape) : all,
      values: picked.map(({ index }) => values[index] ?? 0),
      atMs,
    };
  }
}

const noInstance: readonly Label[] = [['instance', '']];

function holdsBound(selector: Selector, bound: string): boolean {
  return selector.every((one) => one.label !== 'le' || one.matches(bound));
}

function ownHistograms(cut: Cut, family: CutFamily, selectors: readonly Selector[]): readonly Named[] {
  const { name, type, children } = family;
  const wanted = type === 'histogram' ? selecting(selectors, name) : [];
  if (wanted.length === 0) return [];
  const isTime = turns();
  const samples = function* (): Generator<PickedHistogram | null, void, undefined> {
    for (const { labels, slot } of children) {
      if (isTime(wanted.length)) yield null;
      if (!wanted.some((selector) => holds(selector, labels))) continue;
      yield { labels, histogram: nativeAt(cut.series.values, slot), atMs: cut.atMs };
    }
  };
  return [{ kind: 'histograms', name, samples }];
}

function givenSamples(cut: Cut, family: CutFamily, selectors: readonly Selector[]): readonly Named[] {
  const names = Map.groupBy(family.samples, ({ name }) => name);
  return [...names].flatMap(([name, samples]): readonly Named[] => {
    const wanted = selecting(selectors, name);
    if (wanted.length === 0) return [];
    const shapes = [lineShape(name, null)];
    const isTime = turns();
    const picked = function* (): Generator<Picked | null, void, undefined> {
      for (const { labels, value, atMs = cut.atMs } of samples) {
        if (isTime(wanted.length)) yield null;
        if (atMs < cut.atMs - lookbackMs || !wanted.some((selector) => holds(selector, labels))) continue;
        const hasInstance = labels.some(([label]) => label === 'instance');
        const shown: readonly Label[] = hasInstance ? labels : [...labels, ['instance', '']];
        yield { labels: shown, text: labelText(shown), shapes, values: [value], atMs };
      }
    };
    return [{ kind: 'values', name, samples: picked }];
  });
}

/** Selectors that may select series of this name. */
function selecting(selectors: readonly Selector[], name: string): readonly Selector[] {
  return selectors.filter((selector) => selector.every(({ label, matches }) => label !== '__name__' || matches(name)));
}

const notBound = ({ label }: Matcher): boolean => label !== 'le';

function holds(selector: Selector, labels: readonly Label[], asked: (one: Matcher) => boolean = () => true): boolean {
  return selector.every((one) => {
    if (one.label === '__name__' || !asked(one)) return true;
    // A label that is not there has the empty value.
    return one.matches(labels.find(([name]) => name === one.label)?.[1] ?? '');
  });
}
