/** The metrics of one probe, and how they are written: Prometheus' text format 0.0.4, sorted as its library sorts. */

import { type ProbeMetric, probeMetrics } from './names.ts';
import { promNumber } from './number.ts';

export type Labels = Readonly<Record<string, string>>;
export type Sample = { readonly labels: Labels; readonly value: number };
export type Family = {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly samples: readonly Sample[];
};

export const textFormat = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';

/** All gauges. What was never touched is not there, which dashboards tell from 0. */
export type ProbeMetrics = {
  /** It is there from now on, 0 until set. */
  declare(...names: readonly ProbeMetric[]): void;
  set(name: ProbeMetric, value: number, labels?: Labels): void;
  /** To what it was. */
  add(name: ProbeMetric, value: number, labels?: Labels): void;
  families(): readonly Family[];
};

export function newProbeMetrics(): ProbeMetrics {
  const families = new Map<ProbeMetric, Map<string, { labels: Labels; value: number }>>();
  function sampleOf(name: ProbeMetric, labels: Labels): { value: number } {
    let samples = families.get(name);
    if (samples === undefined) {
      samples = new Map();
      families.set(name, samples);
    }
    const key = JSON.stringify(Object.entries(labels));
    let sample = samples.get(key);
    if (sample === undefined) {
      sample = { labels, value: 0 };
      samples.set(key, sample);
    }
    return sample;
  }
  return {
    declare(...names) {
      for (const name of names) sampleOf(name, {});
    },
    set(name, value, labels = {}) {
      sampleOf(name, labels).value = value;
    },
    add(name, value, labels = {}) {
      sampleOf(name, labels).value += value;
    },
    families: () =>
      [...families].map(([name, samples]) => ({
        name,
        help: probeMetrics[name],
        type: 'gauge' as const,
        samples: [...samples.values()],
      })),
  };
}

/** Families by name, samples by the values of their labels, labels by name. */
export function exposition(families: readonly Family[]): string {
  return families
    .toSorted((a, b) => order(a.name, b.name))
    .map(written)
    .join('');
}

function written({ name, help, type, samples }: Family): string {
  const lines = samples
    .map(({ labels, value }) => ({ pairs: Object.entries(labels).toSorted(([a], [b]) => order(a, b)), value }))
    .toSorted((a, b) => orderOfPairs(a.pairs, b.pairs))
    .map(({ pairs, value }) => `${name}${braced(pairs)} ${promNumber(value)}\n`);
  return `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

type Pairs = readonly (readonly [string, string])[];

function braced(pairs: Pairs): string {
  if (pairs.length === 0) return '';
  return `{${pairs.map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`).join(',')}}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function orderOfPairs(a: Pairs, b: Pairs): number {
  for (const [index, [, value]] of a.entries()) {
    const difference = order(value, b[index]?.[1] ?? '');
    if (difference !== 0) return difference;
  }
  return 0;
}

/** By bytes, not by anybody's alphabet. */
function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
