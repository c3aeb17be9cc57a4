/** What each vantage's resolver has cached, from the answers that a burst has shown. */
import type { StoredResult } from '../../contract/api.ts';
import type { CachedCopy, Range } from './input.ts';

/** What the burst has shown by `atMs`, which is on the aggregator's clock. */
export type Seen = { readonly results: readonly StoredResult[]; readonly atMs: number };

/** Before the burst has shown anything. */
export const nothingSeen: Seen = { results: [], atMs: 0 };

/**
 * For how long from then on the cached answer of each vantage's resolver still leads to the region, and for how long it
 * keeps the next one: a resolver with a minimum of its own tells a longer TTL than the record has.
 */
export function cachedCopies({ results, atMs }: Seen, entry: string, region: string): readonly CachedCopy[] {
  const asked = results.filter(
    (result) => result.check === 'resolver' && result.entry === entry && result.region !== null,
  );
  return [...Map.groupBy(asked, (result) => result.vantage).values()].flatMap((answers) => {
    const ordered = answers.toSorted((a, b) => a.atMs - b.atMs);
    const lasts = copyEnds(ordered);
    if (lasts === undefined || ordered.at(-1)?.region !== region) return [];
    return [{ fromMs: lasts.fromMs - atMs, toMs: lasts.toMs - atMs, lengthMs: lengthOf(ordered) }];
  });
}

/** TTLs are told in whole seconds, rounded one way or the other. */
const roundingMs = 1_000;

/** When the copy seen last runs out: exact to two questions where its refill was seen, else to the rounding of its TTL. */
function copyEnds(answers: readonly StoredResult[]): Range | undefined {
  const newest = answers.at(-1);
  const ttlMs = (newest?.details.ttlSeconds ?? Number.NaN) * 1_000;
  if (newest === undefined || Number.isNaN(ttlMs)) return undefined;
  const rises = (_: StoredResult, index: number): boolean => ttlOf(answers[index]) > ttlOf(answers[index - 1]);
  const refill = answers.findLastIndex(rises);
  const [before, after] = [answers[refill - 1], answers[refill]];
  if (before === undefined || after === undefined) {
    return { fromMs: newest.atMs + ttlMs - roundingMs, toMs: newest.atMs + newest.durationMs + ttlMs + roundingMs };
  }
  // The refill may have been another client's, and its TTL already rounded down.
  const lengthMs = lengthOf(answers);
  return { fromMs: before.atMs + lengthMs, toMs: after.atMs + after.durationMs + lengthMs };
}

/** The most that was ever left of an answer's time. */
function lengthOf(answers: readonly StoredResult[]): number {
  return Math.max(...answers.map(({ details }) => details.ttlSeconds ?? 0)) * 1_000;
}

function ttlOf(result: StoredResult | undefined): number {
  return result?.details.ttlSeconds ?? Number.POSITIVE_INFINITY;
}
