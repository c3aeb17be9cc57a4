/** What is kept of a server's metrics, and with which labels. Pure. */
import type { Family, Label, Sample } from '../metrics/exposition.ts';
import type { Selector } from './matchers.ts';
import type { FederateOptions } from './server-options.ts';

export type Labelling = Pick<FederateOptions, 'name' | 'region' | 'honorLabels'> & {
  /** `null`: the server has been asked for no more than is wanted. */
  readonly selectors: readonly Selector[] | null;
};

/**
 * Every series gets the label `source`, the name of the server, so that those of two servers are never the same one; and
 * `region`, where the server has one. Samples without a time have that of the reading. Throws for a series that has a
 * label twice. A series that comes twice is taken once.
 */
export function labelled(families: readonly Family[], how: Labelling, readAtMs: number): readonly Family[] {
  const ours: readonly Label[] = [
    ...(how.region === null ? [] : [['region', how.region] as const]),
    ['source', how.name],
  ];
  return families.flatMap((family) => {
    const samples = new Map<string, Sample>();
    for (const sample of family.samples) {
      refuseTwice(sample);
      if (how.selectors !== null && !how.selectors.some((selector) => selects(selector, sample))) continue;
      const labels = how.honorLabels ? honored(sample.labels, ours) : exported(sample.labels, ours);
      const id = JSON.stringify([sample.name, labels]);
      if (!samples.has(id)) samples.set(id, { ...sample, labels, atMs: sample.atMs ?? readAtMs });
    }
    return samples.size === 0 ? [] : [{ ...family, samples: [...samples.values()] }];
  });
}

/** Its own label wins, also when it is empty: that is how Prometheus says that a series is to have none. */
function honored(labels: readonly Label[], ours: readonly Label[]): readonly Label[] {
  const added = ours.filter(([name]) => !labels.some(([own]) => own === name));
  return [...labels.filter(([, value]) => value !== ''), ...added];
}

/** Ours wins; its own is kept under another name. */
function exported(labels: readonly Label[], ours: readonly Label[]): readonly Label[] {
  const filled = labels.filter(([, value]) => value !== '');
  const taken = new Set([...filled, ...ours].map(([name]) => name));
  const moved = filled.map(([name, value]): Label => {
    if (!ours.some(([own]) => own === name)) return [name, value];
    let free = `exported_${name}`;
    while (taken.has(free)) free = `exported_${free}`;
    taken.add(free);
    return [free, value];
  });
  return [...moved, ...ours];
}

function refuseTwice({ name, labels }: Sample): void {
  if (new Set(labels.map(([label]) => label)).size < labels.length) {
    throw new Error(`a series of ${name} has a label twice`);
  }
}

function selects(selector: Selector, { name, labels }: Sample): boolean {
  return selector.every(({ label, matches }) =>
    matches(label === '__name__' ? name : (labels.find(([own]) => own === label)?.[1] ?? '')),
  );
}
