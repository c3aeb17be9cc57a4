/** What each vantage's resolver has cached, from the answers that a burst has shown. */
import type { StoredResult } from '../../contract/api.ts';
import type { CachedCopy, Range } from './input.ts';

/** What the burst has shown by `atMs`, which is on the aggregator's clock. */
export type Seen = { readonly results: readonly StoredResult[]; readonly atMs: number };

/** Before the burst has shown anything. */
export const nothingSeen: Seen = { results: [], atMs: 0 };

type Cached = {
  readonly entry: string;
  /** 0: not known, by what was told. */
  readonly ttlMs: number;
  isStale(region: string): boolean;
};

/**
 * For how long from then on each vantage's resolver keeps its cached answer, and for how long the next one: a resolver
 * with a minimum of its own tells a longer TTL than the record has. `ttlMs`: the record's. `isStale`: whether an answer
 * that leads to this region is one that has to run out; of others nothing is told.
 */
export function cachedCopies(seen: Seen, { entry, isStale, ttlMs }: Cached): readonly CachedCopy[] {
  const { atMs } = seen;
  return [...answersIn(seen, entry).values()].flatMap((ordered) => {
    const region = ordered.at(-1)?.region ?? null;
    if (region === null || !isStale(region)) return [];
    // What led elsewhere before is of another record, with a TTL of its own.
    const other = ordered.findLastIndex((answer) => answer.region !== region);
    const own = ordered.slice(other + 1);
    const copy = { answers: own, before: ordered[other], lengthMs: lengthOf(own, ttlMs) };
    const lasts = copyEnds(copy);
    if (lasts === undefined) return [];
    return [{ fromMs: lasts.fromMs - atMs, toMs: lasts.toMs - atMs, lengthMs: copy.lengthMs }];
  });
}

/** The vantages whose resolver led there last. */
export function vantagesLedTo(region: string, seen: Seen, entry: string): ReadonlySet<string> {
  const led = [...answersIn(seen, entry)].filter(([, ordered]) => ordered.at(-1)?.region === region);
  return new Set(led.map(([vantage]) => vantage));
}

/** What each vantage's resolver told of a name, in the order in which it did. */
function answersIn({ results }: Seen, entry: string): ReadonlyMap<string, readonly StoredResult[]> {
  const asked = results
    .filter((result) => result.check === 'resolver' && result.entry === entry && result.region !== null)
    .sort((a, b) => a.atMs - b.atMs);
  return Map.groupBy(asked, (result) => result.vantage);
}

/** TTLs are told in whole seconds: less by those that the copy has been kept, so that up to one is not left any more. */
const roundingMs = 1_000;

/** Answers that led to one region, and the last before them that led elsewhere, if one did. */
type Copies = {
  readonly answers: readonly StoredResult[];
  readonly before: StoredResult | undefined;
  readonly lengthMs: number;
};

/** When the copy seen last runs out: exact to two questions where its refill was seen, else to the rounding of its TTL. */
function copyEnds({ answers, before: other, lengthMs }: Copies): Range | undefined {
  const newest = answers.at(-1);
  const ttlMs = (newest?.details.ttlSeconds ?? Number.NaN) * 1_000;
  if (newest === undefined || Number.isNaN(ttlMs)) return undefined;
  const refill = Math.max(0, lastRefill(answers));
  const [before, after] = [refill === 0 ? other : answers[refill - 1], answers[refill]];
  if (before === undefined || after === undefined) {
    return { fromMs: newest.atMs + ttlMs - roundingMs, toMs: newest.atMs + newest.durationMs + ttlMs };
  }
  // The refill may have been another client's, and its TTL already rounded down.
  return { fromMs: before.atMs + lengthMs, toMs: after.atMs + after.durationMs + lengthMs };
}

/** That of the record, unless more was ever left of an answer's time, or a refill brought less. */
function lengthOf(answers: readonly StoredResult[], recordMs: number): number {
  const mostMs = answers.reduce((most, { details }) => Math.max(most, details.ttlSeconds ?? 0), 0) * 1_000;
  const isCut = lastRefill(answers) >= 0 && mostMs + roundingMs < recordMs;
  return isCut ? mostMs : Math.max(recordMs, mostMs);
}

/** Where the time that is left rises; -1: nowhere. */
function lastRefill(answers: readonly StoredResult[]): number {
  return answers.findLastIndex((_, index) => ttlOf(answers[index]) > ttlOf(answers[index - 1]));
}

function ttlOf(result: StoredResult | undefined): number {
  return result?.details.ttlSeconds ?? Number.POSITIVE_INFINITY;
}
