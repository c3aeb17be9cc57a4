/** What others say is shown under its type only when it keeps the promises of that type; untyped otherwise. */
import type { Family, Label, Sample } from './exposition.ts';

/** Samples of one histogram or summary: alike in all labels but `le` or `quantile`. */
export type Group = { readonly labels: readonly Label[]; readonly samples: readonly Sample[] };

/** The family itself, its samples in order; or one untyped family for each name, where it is not whole. */
export function wholeFamilies(family: Family): readonly Family[] {
  if (family.samples.length === 0) return [];
  switch (family.type) {
    case 'gauge':
    case 'untyped':
      return byName(family);
    case 'counter':
      return family.samples.every((sample) => sample.name === family.name && sample.value >= 0)
        ? [family]
        : byName(family);
    case 'summary':
    case 'histogram': {
      const groups = groupsOf(family);
      const isWhole = family.type === 'histogram' ? isHistogram : isSummary;
      if (!groups.every((group) => isWhole(family.name, group))) return byName(family);
      return [{ ...family, samples: groups.flatMap(({ samples }) => samples) }];
    }
  }
}

/** A gauge stays one; of all others nobody knows what they are. */
function byName(family: Family): readonly Family[] {
  const names = Map.groupBy(family.samples, ({ name }) => name);
  if (names.size === 1 && names.has(family.name) && family.type === 'gauge') return [family];
  return [...names].map(([name, samples]) => ({ ...family, name, type: 'untyped' as const, samples }));
}

/** The samples of each label set, buckets by their bound. */
export function groupsOf(family: Pick<Family, 'type' | 'samples'>): readonly Group[] {
  const apart = family.type === 'histogram' ? 'le' : 'quantile';
  const groups = Map.groupBy(family.samples, ({ labels }) =>
    JSON.stringify(labels.filter(([name]) => name !== apart).sort(([a], [b]) => (a < b ? -1 : 1))),
  );
  return [...groups.values()].map((samples) => ({
    labels: (samples[0]?.labels ?? []).filter(([name]) => name !== apart),
    samples: [...samples].sort((a, b) => order(a, apart) - order(b, apart)),
  }));
}

/** Buckets and quantiles by their bound, then the rest as they came. */
function order({ labels }: Sample, apart: string): number {
  const bound = boundOf(labels, apart);
  return bound === undefined ? Number.MAX_VALUE : Math.min(bound, Number.MAX_VALUE / 2);
}

export function boundOf(labels: readonly Label[], apart: string): number | undefined {
  const text = labels.find(([name]) => name === apart)?.[1];
  if (text === undefined || text === '') return undefined;
  return text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
}

function isHistogram(name: string, { samples }: Group): boolean {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
  const bounds = buckets.map(({ labels }) => boundOf(labels, 'le') ?? Number.NaN);
  const counts = buckets.map(({ value }) => value);
  return (
    samples.length === buckets.length + 2 &&
    samples.filter((sample) => sample.name === `${name}_sum`).length === 1 &&
    samples.some((sample) => sample.name === `${name}_count` && sample.value === counts.at(-1)) &&
    bounds.at(-1) === Number.POSITIVE_INFINITY &&
    bounds.every((bound, index) => !(bound <= (bounds[index - 1] ?? Number.NEGATIVE_INFINITY)) && bound >= 0) &&
    counts.every((count, index) => count >= (counts[index - 1] ?? 0) && Number.isSafeInteger(count)) &&
    sameTime(samples)
  );
}

function isSummary(name: string, { samples }: Group): boolean {
  const quantiles = samples.filter((sample) => sample.name === name);
  const of = (suffix: string): readonly Sample[] => samples.filter((sample) => sample.name === name + suffix);
  const [count, ...counts] = of('_count');
  return (
    count !== undefined &&
    counts.length === 0 &&
    of('_sum').length === 1 &&
    samples.length === quantiles.length + 2 &&
    Number.isSafeInteger(count.value) &&
    count.value >= 0 &&
    quantiles.every(({ labels }) => (boundOf(labels, 'quantile') ?? -1) >= 0) &&
    sameTime(samples)
  );
}

function sameTime(samples: readonly Sample[]): boolean {
  return samples.every(({ atMs }) => atMs === samples[0]?.atMs);
}
