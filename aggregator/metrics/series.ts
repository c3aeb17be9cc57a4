/**
 * Every counter of every label set in one array of numbers: a copy of it is a consistent cut over all of them, however
 * long it then takes to write it out. The text of labels is made once.
 */
import { catalogue, type MetricEntry, type MetricKey } from '../../contract/catalogue.ts';
import type { Label } from './exposition.ts';
import { countAt, type Numbers, type Origin, observeAt, type Slot, sizes } from './layout.ts';
import { cleanValue, type LabelLimits, labelGuard } from './limits.ts';
import { labelText } from './lines.ts';
import { originBook } from './origins.ts';
import { traceBook } from './traces.ts';

export type Child = {
  readonly labels: readonly Label[];
  readonly slot: Slot;
  /** The same as they are written between braces. */
  readonly text: string;
  /** The vantage with which it ends; `null`: it goes on. */
  readonly vantage: string | null;
  /** Since when it counts. */
  readonly createdMs: number;
};

export type SeriesTable = {
  /** The place of this label set, made when it is new; a shared overflow place when there are too many. */
  slot(metric: MetricKey, values: readonly string[]): Slot;
  /** Of a counter. */
  add(slot: Slot, amount: number, origin?: Origin): void;
  /** Of a histogram. */
  observe(slot: Slot, seconds: number, origin?: Origin): void;
  /** Of a summary. */
  sum(slot: Slot, seconds: number): void;
  /** The number of a boot of an agent, for `Origin`. */
  bootOf(agent: string, boot: string): number;
  /** The result is in a trace. */
  traced(origin: Origin, traceId: string): void;
  /** That have series which end with them. */
  vantages(): ReadonlySet<string>;
  cut(): SeriesCut;
};
export type SeriesFamily = { readonly entry: MetricEntry; readonly children: readonly Child[] };
export type SeriesCut = {
  readonly values: Float64Array;
  readonly families: readonly SeriesFamily[];
  /** What an exemplar is called; `undefined` when its boot is forgotten, or the name would be too long. */
  nameOf(origin: Origin): string | undefined;
  /** The trace that the result is in; `undefined` when it is in none, or long ago. */
  traceOf(origin: Origin): string | undefined;
  /** Whoever has the cut does not look at it any more: the next one is written where this one stands. */
  release(): void;
};

type Options = { readonly limits?: LabelLimits; nowMs?(): number };

export function seriesTable({ limits, nowMs = () => 0 }: Options = {}): SeriesTable {
  const numbers = growingNumbers();
  const origins = originBook();
  const traces = traceBook();
  const vantages = new Set<string>();
  const guard = labelGuard(limits);
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
    const id = labelValues.join('\u0000');
    return family(metric).slots.get(id) ?? newSlot(metric, labelValues, id);
  }

  /** A value that cannot be written is written otherwise: then another label set may be meant that is known. */
  function newSlot(metric: MetricKey, labelValues: readonly string[], id: string): Slot {
    const { entry, children, slots } = family(metric);
    const clean = labelValues.map(cleanValue);
    const shown = guard.admit(entry, clean, children.length);
    if (shown !== clean) numbers.bump(slot('seriesOverflow', [entry.name]), 1);
    if (shown.some((value, index) => value !== labelValues[index])) return slot(metric, shown);
    const labels = entry.labels.map((name, index): Label => [name, shown[index] ?? '']);
    const made = numbers.reserve(sizes[entry.type]);
    const vantage = entry.outlivesVantage ? null : (labels.find(([name]) => name === 'vantage')?.[1] ?? null);
    if (vantage !== null) vantages.add(vantage);
    children.push({ labels, slot: made, text: flat(labelText(labels)), vantage, createdMs: nowMs() });
    slots.set(id, made);
    return made;
  }

  return {
    slot,
    add: (at, amount, origin) => countAt(numbers.values, at, amount, origin),
    observe: (at, seconds, origin) => observeAt(numbers, at, seconds, origin),
    sum(at, seconds) {
      numbers.bump(at, seconds);
      numbers.bump(at + 1, 1);
    },
    bootOf: origins.number,
    traced: traces.note,
    vantages: () => vantages,
    cut: () => ({
      ...numbers.copy(),
      families: [...families.values()].map(({ entry, children }) => ({ entry, children: [...children] })),
      nameOf: origins.name,
      traceOf: traces.of,
    }),
  };
}

type Copy = Pick<SeriesCut, 'values' | 'release'>;

function growingNumbers(): Numbers & { bump(at: Slot, amount: number): void; copy(): Copy } {
  let used = 0;
  /** That nobody looks at any more: a new one for each scrape would wait for the collector, megabytes at a time. */
  let spare: Float64Array | undefined;
  return {
    values: new Float64Array(4_096),
    reserve(count) {
      if (used + count > this.values.length) {
        const larger = new Float64Array(Math.max(Math.ceil(this.values.length * 1.5), used + count));
        larger.set(this.values);
        this.values = larger;
      }
      used += count;
      return used - count;
    },
    bump(at, amount) {
      this.values[at] = (this.values[at] ?? 0) + amount;
    },
    copy() {
      let own = spare !== undefined && spare.length >= used ? spare : new Float64Array(Math.ceil(used * headroom));
      spare = undefined;
      own.set(this.values.subarray(0, used));
      return {
        values: own.subarray(0, used),
        release() {
          // Once: what was given back may belong to somebody else the next time.
          if (own.length > 0) spare = own;
          own = new Float64Array();
        },
      };
    },
  };
}

/** So that a few more series do not make a copy useless. */
const headroom = 1.1;

/** In one piece: the engine keeps a text that was put together in pieces, until somebody looks into it. */
function flat(text: string): string {
  return Buffer.from(text).toString();
}

/** How `le` is written by everybody since Prometheus 3: as a float. */
export function canonical(bound: number): string {
  if (bound === Number.POSITIVE_INFINITY) return '+Inf';
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}
