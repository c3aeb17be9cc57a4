/** A resolver's cache: answers by name and type, each for the network that it holds for, until its TTL ends. */
import type { Answer as WireAnswer } from 'dns-packet';
import type { Rcode } from './message.ts';
import { covers, type Network } from './network.ts';

export type Entry = {
  /** In lower case. */
  readonly name: string;
  readonly type: string;
  /** `null`: holds for everybody. */
  readonly scope: Network | null;
  readonly rcode: Rcode;
  readonly answers: readonly WireAnswer[];
  readonly authorities: readonly WireAnswer[];
  readonly storedAtMs: number;
  readonly expiresAtMs: number;
};

export type AnswerCache = {
  /** What holds for `client` at `nowMs`: the entry of the smallest network that it is in. */
  get(
    question: { readonly name: string; readonly type: string },
    client: Network | null,
    nowMs: number,
  ): Entry | undefined;
  put(entry: Entry): void;
};

/** Holds `capacity` questions; at that bound the one that was stored longest ago goes first. */
export function answerCache(capacity = 10_000): AnswerCache {
  const entries = new Map<string, readonly Entry[]>();

  return {
    get({ name, type }, client, nowMs) {
      // That a name does not exist answers for all its types.
      const stored = [...(entries.get(keyOf(name, type)) ?? []), ...(entries.get(keyOf(name, 'NXDOMAIN')) ?? [])];
      const fits = stored.filter((entry) => nowMs < entry.expiresAtMs && holdsFor(entry, client));
      return fits.reduce<Entry | undefined>(
        (best, entry) => (best && size(best) >= size(entry) ? best : entry),
        undefined,
      );
    },
    put(entry) {
      const key = keyOf(entry.name, entry.rcode === 'NXDOMAIN' ? 'NXDOMAIN' : entry.type);
      const others = (entries.get(key) ?? []).filter(
        (other) => !sameScope(other.scope, entry.scope) && entry.storedAtMs < other.expiresAtMs,
      );
      entries.delete(key);
      // A name that came to be, or that went away, is not remembered both ways.
      if (entry.rcode !== 'NXDOMAIN') entries.delete(keyOf(entry.name, 'NXDOMAIN'));
      entries.set(key, [...others, entry]);
      const oldest = entries.keys().next().value;
      if (entries.size > capacity && oldest !== undefined) entries.delete(oldest);
    },
  };
}

/** The records with what is left of their TTLs, as resolvers tell it: less the whole seconds that they have been kept. */
export function agedRecords(records: readonly WireAnswer[], entry: Entry, nowMs: number): readonly WireAnswer[] {
  const ageMs = nowMs - entry.storedAtMs;
  return records.map((record) =>
    'ttl' in record && record.ttl !== undefined
      ? { ...record, ttl: Math.max(0, record.ttl - Math.floor(ageMs / 1_000)) }
      : record,
  );
}

function keyOf(name: string, type: string): string {
  return `${type} ${name}`;
}

function holdsFor({ scope }: Entry, client: Network | null): boolean {
  return scope === null || (client !== null && covers(scope, client));
}

function size({ scope }: Entry): number {
  return scope?.prefixLength ?? -1;
}

function sameScope(a: Network | null, b: Network | null): boolean {
  if (a === null || b === null) return a === b;
  return a.prefixLength === b.prefixLength && covers(a, b);
}
