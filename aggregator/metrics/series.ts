/**
 * Every counter of every label set in one array of numbers: a copy of it is a consistent cut over all of them, however
 * long it then takes to write it out. The text of labels is made once.
 */
import { catalogue, type MetricEntry, type MetricKey } from '../../contract/catalogue.ts';
import { type Label, lineStart } from './exposition.ts';

/** Where a label set's numbers begin. */
export type Slot = number;

/** Upper bounds in seconds, at what people set limits to. */
export const durationBounds = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.4, 0.5, 0.75, 1, 1.2, 1.5, 2, 3, 5, 10, 30,
] as const;

export type Child = {
  readonly labels: readonly Label[];
  readonly slot: Slot;
  /** One for each line, up to its value. */
  readonly starts: readonly string[];
  /** Whose series end when the vantage is gone; `null`: nobody's. */
  readonly vantage: string | null;
};

export type SeriesTable = {
  /** The place of this label set, made when it is new; the shared overflow place when there are too many. */
  slot(metric: MetricKey, values: readonly string[]): Slot;
  add(slot: Slot, amount: number): void;
  /** Of a histogram. */
  observe(slot: Slot, seconds: number): void;
  /** Of a summary. */
  sum(slot: Slot, seconds: number): void;
  cut(): SeriesCut;
};
export type SeriesCut = {
  readonly values: Float64Array;
  readonly families: readonly { readonly entry: MetricEntry; readonly children: readonly Child[] }[];
};

const overflowLabel = '__overflow__';

export function seriesTable(maxChildrenPerMetric = 50_000): SeriesTable {
  const numbers = growingNumbers();
  const families = new Map<MetricKey, { entry: MetricEntry; children: Child[]; slots: Map<string, Slot> }>();

  function family(metric: MetricKey) {
    let known = families.get(metric);
    if (known === undefined) {
      known = { entry: catalogue[metric], children: [], slots: new Map() };
      families.set(metric, known);
    }
    return known;
  }

  function slot(metric: MetricKey, labelValues: readonly string[]): Slot {
    const { entry, children, slots } = family(metric);
    const id = labelValues.join('\u0000');
    const known = slots.get(id);
    if (known !== undefined) return known;
    if (children.length >= maxChildrenPerMetric && labelValues.some((value) => value !== overflowLabel)) {
      numbers.add(slot('seriesOverflow', []), 1);
      return slot(
        metric,
        labelValues.map(() => overflowLabel),
      );
    }
    const labels = entry.labels.map((name, index): Label => [name, labelValues[index] ?? '']);
    const starts = startsOf(entry, labels);
    const made = numbers.reserve(starts.length);
    const vantage = labels.find(([name]) => name === 'vantage')?.[1] ?? null;
    children.push({ labels, slot: made, starts, vantage });
    slots.set(id, made);
    return made;
  }

  return {
    slot,
    add: numbers.add,
    observe(at, seconds) {
      let bucket = 0;
      while (bucket < durationBounds.length && seconds > (durationBounds[bucket] as number)) bucket += 1;
      numbers.add(at + bucket, 1);
      numbers.add(at + durationBounds.length + 1, seconds);
    },
    sum(at, seconds) {
      numbers.add(at, seconds);
      numbers.add(at + 1, 1);
    },
    cut: () => ({
      values: numbers.copy(),
      families: [...families.values()].map(({ entry, children }) => ({ entry, children: [...children] })),
    }),
  };
}

function growingNumbers() {
  let values = new Float64Array(4_096);
  let used = 0;
  return {
    reserve(count: number): Slot {
      if (used + count > values.length) {
        const larger = new Float64Array(Math.max(values.length * 2, used + count));
        larger.set(values);
        values = larger;
      }
      used += count;
      return used - count;
    },
    add(at: Slot, amount: number): void {
      values[at] = (values[at] ?? 0) + amount;
    },
    copy: (): Float64Array => values.slice(0, used),
  };
}

/** A histogram has a line for each bucket, the last without bound, then its sum and its count. */
function startsOf(entry: MetricEntry, labels: readonly Label[]): readonly string[] {
  switch (entry.type) {
    case 'counter':
    case 'gauge':
      return [lineStart(entry.name, labels)];
    case 'summary':
      return [lineStart(`${entry.name}_sum`, labels), lineStart(`${entry.name}_count`, labels)];
    case 'histogram':
      return [
        ...[...durationBounds, Number.POSITIVE_INFINITY].map((bound) =>
          lineStart(`${entry.name}_bucket`, [...labels, ['le', canonical(bound)]]),
        ),
        lineStart(`${entry.name}_sum`, labels),
        lineStart(`${entry.name}_count`, labels),
      ];
  }
}

/** How `le` is written by everybody since Prometheus 3: as a float. */
export function canonical(bound: number): string {
  if (bound === Number.POSITIVE_INFINITY) return '+Inf';
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}
