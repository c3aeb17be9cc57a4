/** What each region's store had at the end. */
import type { CanaryReport, CanaryStore } from '../../contract/canaries.ts';
import { type CanaryFacts, type CanarySetup, countOf, linesOf } from './facts.ts';
import { type Acknowledged, bySequence, type Looked } from './loss.ts';

export function storesOf(
  numbers: ReadonlyMap<string, readonly Acknowledged[]>,
  { stores }: Pick<Looked, 'stores'>,
): readonly CanaryStore[] {
  const isThere = (sequence: string, seq: number): boolean =>
    stores.some(({ found }) => found?.get(sequence)?.has(seq));
  return stores.map(({ region, mayStore, found, doubles, unread }) => {
    const gaps = [...numbers].map(([sequence, own]): readonly [string, readonly number[]] => {
      if (found === null || !mayStore) return [sequence, []];
      const acknowledged = own.filter(({ seq, by }) => by.length > 0 && isThere(sequence, seq));
      return [sequence, acknowledged.map(({ seq }) => seq).filter((seq) => !found.get(sequence)?.has(seq))];
    });
    const highest = [...(found ?? [])].map(([sequence, own]) => [sequence, Math.max(...own)] as const);
    return { region, unread, highest: Object.fromEntries(highest), gaps: bySequence(gaps), doubles };
  });
}

/** How many were in a store that a residency rule forbids them, at the worst reading. */
export function forbiddenIn(facts: CanaryFacts, { stores }: CanarySetup): CanaryReport['forbidden'] {
  const forbidden = stores.filter(({ mayStore }) => !mayStore);
  const counts = forbidden.map(({ region }) => {
    const readings = linesOf(facts, 'reading').filter((reading) => reading.region === region);
    return [
      region,
      Math.max(0, ...readings.map((reading) => ('found' in reading ? countOf(reading.found) : 0))),
    ] as const;
  });
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}
