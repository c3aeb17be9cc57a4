/** Queries made from the catalogue, so that a name or a label that it does not have cannot get into one. */
import type { MetricEntry } from '../../../contract/catalogue.ts';

/** Label to operator and quoted value, as `is` and its like make them. */
export type Wants = Readonly<Record<string, string>>;
type Part = '' | '_bucket' | '_sum' | '_count';

export const is = (value: string): string => `=${quoted(value)}`;
export const isNot = (value: string): string => `!=${quoted(value)}`;
/** The values that are chosen in a variable of the dashboard. */
export const chosen = (variable: string): string => `=~"$${variable}"`;
export const among = (values: readonly string[]): string =>
  `=~${quoted(values.map((value) => value.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'))}`;

function quoted(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

export function select(entry: MetricEntry, wants: Wants = {}, part: Part = ''): string {
  for (const label of Object.keys(wants))
    if (!entry.labels.includes(label)) throw new Error(`${entry.name} has no label ${label}`);
  const matchers = Object.entries(wants).map(([label, want]) => `${label}${want}`);
  return `${entry.name}${part}${matchers.length === 0 ? '' : `{${matchers.join(',')}}`}`;
}

export const rate = (series: string): string => `rate(${series}[$__rate_interval])`;
/** Over all that the dashboard shows. */
export const increase = (series: string): string => `increase(${series}[$__range])`;
export const total = (by: readonly string[], of: string): string => `sum by (${by.join(', ')}) (${of})`;
export const highest = (by: readonly string[], of: string): string => `max by (${by.join(', ')}) (${of})`;

/** The first of them that gives anything, for each label set. Each on a line of its own, so that a test can ask them apart. */
export const either = (...alternatives: readonly string[]): string => alternatives.join('\nor\n');
/** 0 rather than nothing. */
export const orZero = (of: string): string => either(of, 'vector(0)');

/** What part of `all` they are: 0 where there are none of them. */
export const share = (of: string, all: string): string => `(${of} or 0 * ${all}) / ${all}`;

/** 1 for the first of the values of a label whose series is 1, 2 for the second, and so on: one line with states. */
export function coded(
  entry: MetricEntry,
  wants: Wants,
  label: string,
  values: readonly string[],
  by: readonly string[],
) {
  const terms = values.map((value, index) => {
    const one = highest(by, select(entry, { ...wants, [label]: is(value) }));
    return index === 0 ? one : `${index + 1} * ${one}`;
  });
  return terms.join('\n+ ');
}

/** A quantile of a histogram: from native buckets where Prometheus has them, otherwise from classic ones. */
export function quantile(
  q: number,
  entry: MetricEntry,
  { by, wants, window }: { readonly by: readonly string[]; readonly wants: Wants; readonly window: string },
): string {
  const classic = total([...by, 'le'], `rate(${select(entry, wants, '_bucket')}[${window}])`);
  const native = total(by, `rate(${select(entry, wants)}[${window}])`);
  return either(`histogram_quantile(${q}, ${native})`, `histogram_quantile(${q}, ${classic})`);
}
