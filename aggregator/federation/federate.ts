/** `GET /federate`: the newest sample of every series that a selector selects, as Prometheus gives it. */
import { type Cut, familiesOf } from '../metrics/cut.ts';
import { formatValue, type Label, lineStart, type Sample } from '../metrics/exposition.ts';
import type { Selector } from './matchers.ts';

/** As long as Prometheus looks back. */
const lookbackMs = 300_000;

/** Sorted by name; every family untyped, every sample with its time in milliseconds. Empty without a match. */
export function federate(cut: Cut, selectors: readonly Selector[]): string {
  const lines = new Map<string, string[]>();
  for (const family of familiesOf(cut)) {
    if (!selectors.some((selector) => mayName(selector, family.name))) continue;
    for (const sample of family.samples()) {
      const atMs = sample.atMs ?? cut.atMs;
      if (atMs < cut.atMs - lookbackMs || !selectors.some((selector) => selects(selector, sample))) continue;
      const known = lines.get(sample.name) ?? [];
      lines.set(sample.name, known);
      known.push(
        `${lineStart(sample.name, withInstance(sample.labels))}${formatValue(sample.value)} ${Math.round(atMs)}\n`,
      );
    }
  }
  return [...lines.keys()]
    .sort()
    .map((name) => `# TYPE ${name} untyped\n${(lines.get(name) ?? []).join('')}`)
    .join('');
}

/** Whether any sample of a family can have the name that is selected: spares looking at the others. */
function mayName(selector: Selector, family: string): boolean {
  return selector.every(
    ({ label, matches }) =>
      label !== '__name__' || ['', '_bucket', '_sum', '_count', '_created'].some((suffix) => matches(family + suffix)),
  );
}

function selects(selector: Selector, sample: Sample): boolean {
  return selector.every(({ label, matches }) => {
    if (label === '__name__') return matches(sample.name);
    // A label that is not there has the empty value.
    return matches(sample.labels.find(([name]) => name === label)?.[1] ?? '');
  });
}

/** An empty instance keeps the scraper from putting its own in its place. */
function withInstance(labels: readonly Label[]): readonly Label[] {
  return labels.some(([name]) => name === 'instance') ? labels : [...labels, ['instance', '']];
}
