/** One consistent cut over everything that the aggregator exposes: as lines for `/metrics`, as samples for `/federate`. */
import {
  type Family,
  type FamilyType,
  type Format,
  formatValue,
  type Label,
  type Sample,
  sampleLine,
} from './exposition.ts';
import { type Child, canonical, durationBounds, type SeriesCut } from './series.ts';

export type Cut = {
  /** On the aggregator's clock: of all samples without a time of their own. */
  readonly atMs: number;
  readonly series: SeriesCut;
  /** Vantages that are gone: their series end. */
  readonly goneVantages: ReadonlySet<string>;
  readonly families: readonly Family[];
};

/** Lines that belong together, and how many they are. */
export type Piece = { readonly text: string; readonly lines: number };
export type CutFamily = {
  readonly name: string;
  readonly type: FamilyType;
  readonly help: string;
  samples(): Iterable<Sample>;
  pieces(format: Format): Iterable<Piece>;
};

export function familiesOf(cut: Cut): readonly CutFamily[] {
  const all = new Map<string, CutFamily>();
  for (const { entry, children } of cut.series.families) {
    const { name, type, help } = entry;
    const shown = children.filter(({ vantage }) => vantage === null || !cut.goneVantages.has(vantage));
    const { values } = cut.series;
    all.set(name, {
      name,
      type,
      help,
      samples: () => shown.flatMap((child) => childSamples(child, values, name, type)),
      pieces: () => mapped(shown, (child) => childPiece(child, values, type)),
    });
  }
  for (const family of cut.families) {
    const given: CutFamily = {
      ...family,
      samples: () => family.samples,
      pieces: (format) => mapped(family.samples, (sample) => ({ text: sampleLine(sample, format), lines: 1 })),
    };
    const known = all.get(family.name);
    all.set(family.name, known === undefined ? given : joined(known, given));
  }
  return [...all.values()];
}

/** A name that several sides give is one family; one that is of another type there is not the same, and is left out. */
function joined(first: CutFamily, other: CutFamily): CutFamily {
  if (first.type !== other.type && first.type !== 'untyped' && other.type !== 'untyped') return first;
  return {
    name: first.name,
    type: first.type === 'untyped' ? other.type : first.type,
    help: first.help === '' ? other.help : first.help,
    *samples() {
      yield* first.samples();
      yield* other.samples();
    },
    *pieces(format) {
      yield* first.pieces(format);
      yield* other.pieces(format);
    },
  };
}

/** One at a time, as they are read: all at once would be as large as the exposition. */
function* mapped<T, U>(all: readonly T[], of: (one: T) => U): Generator<U, void, undefined> {
  for (const one of all) yield of(one);
}

const buckets = durationBounds.length + 1;
const bucketLabels = [...durationBounds, Number.POSITIVE_INFINITY].map((bound): Label => ['le', canonical(bound)]);

/** In the order of the child's lines. */
function childValues({ slot, starts }: Child, values: Float64Array, type: FamilyType): readonly number[] {
  if (type !== 'histogram') return starts.map((_start, line) => values[slot + line] ?? 0);
  const shown: number[] = [];
  let count = 0;
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    count += values[slot + bucket] ?? 0;
    shown.push(count);
  }
  shown.push(values[slot + buckets] ?? 0, count);
  return shown;
}

function childPiece(child: Child, values: Float64Array, type: FamilyType): Piece {
  let text = '';
  for (const [line, value] of childValues(child, values, type).entries()) {
    text += `${child.starts[line] ?? ''}${formatValue(value)}\n`;
  }
  return { text, lines: child.starts.length };
}

function childSamples(child: Child, values: Float64Array, name: string, type: FamilyType): readonly Sample[] {
  const { labels } = child;
  return childValues(child, values, type).map((value, line): Sample => {
    if (type === 'summary') return { name: `${name}${line === 0 ? '_sum' : '_count'}`, labels, value };
    if (type !== 'histogram') return { name, labels, value };
    const le = bucketLabels[line];
    if (le !== undefined) return { name: `${name}_bucket`, labels: [...labels, le], value };
    return { name: `${name}${line === buckets ? '_sum' : '_count'}`, labels, value };
  });
}
