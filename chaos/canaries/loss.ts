/** Which acknowledged writes are there, by what was read of the stores. */
import type { Bounds } from '../../contract/bounds.ts';
import type { CanaryLoss, Numbers } from '../../contract/canaries.ts';
import {
  type CanaryAttempt,
  type CanaryFacts,
  type CanaryReading,
  type CanarySetup,
  linesOf,
  numbersIn,
  rangesOf,
} from './facts.ts';
import { lostSpan, type Write } from './span.ts';

/** One number of a sequence, with the attempts that were made to write it. */
export type Acknowledged = {
  readonly seq: number;
  /** Of the attempts that were acknowledged; of all, where none was. */
  readonly startMs: number;
  readonly endMs: number;
  /** Who acknowledged it; empty: nobody did. */
  readonly by: readonly string[];
};

/** What is said of an acknowledgement that does not tell whose it is. */
export const nobodyKnows = '(unknown)';

/** Sequence to its numbers, in their order. */
export function numbersOf(facts: CanaryFacts, { targets }: CanarySetup): ReadonlyMap<string, readonly Acknowledged[]> {
  const sequenceOf = new Map(targets.map(({ name, sequence }) => [name, sequence]));
  const bySequence = Map.groupBy(linesOf(facts, 'attempt'), ({ target }) => sequenceOf.get(target) ?? target);
  return new Map(
    [...bySequence].map(([sequence, attempts]) => {
      const bySeq = Map.groupBy(attempts, ({ seq }) => seq);
      return [sequence, [...bySeq].map(([seq, own]) => numberOf(seq, own)).sort((a, b) => a.seq - b.seq)] as const;
    }),
  );
}

function numberOf(seq: number, attempts: readonly CanaryAttempt[]): Acknowledged {
  const acknowledged = attempts.filter((attempt) => attempt.acknowledged);
  const told = acknowledged.length > 0 ? acknowledged : attempts;
  return {
    seq,
    startMs: Math.min(...told.map(({ startMs }) => startMs)),
    endMs: Math.max(...told.map(({ endMs }) => endMs)),
    by: [...new Set(acknowledged.map(({ by }) => by ?? nobodyKnows))],
  };
}

type StoreRead = {
  readonly region: string;
  readonly mayStore: boolean;
  /** Sequence to what was found; `null` where it was not read. */
  readonly found: ReadonlyMap<string, ReadonlySet<number>> | null;
  readonly doubles: Numbers;
  readonly unread: string | null;
};

/** The last look at each store within a time. */
export type Looked = {
  /** When the first of them began: what was acknowledged by then should be there. */
  readonly sinceMs: number;
  readonly stores: readonly StoreRead[];
};

/** `null` where no store was read within the time. */
export function lookedAt(
  facts: CanaryFacts,
  { stores }: Pick<CanarySetup, 'stores'>,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
): Looked | null {
  const readings = linesOf(facts, 'reading').filter(
    ({ sentMs, receivedMs }) => sentMs >= fromMs && receivedMs <= untilMs,
  );
  const looks = stores.map((store) =>
    storeRead(
      store,
      readings.filter(({ region }) => region === store.region),
    ),
  );
  const sent = looks.flatMap(({ reading }) => (reading === null ? [] : [reading.sentMs]));
  if (sent.length === 0) return null;
  return { sinceMs: Math.min(...sent), stores: looks.map(({ read }) => read) };
}

function storeRead(store: CanarySetup['stores'][number], readings: readonly CanaryReading[]) {
  const last = readings.at(-1);
  const reading = readings.findLast((one) => 'found' in one);
  if (reading === undefined || !('found' in reading)) {
    const unread = last !== undefined && 'failed' in last ? last.failed : 'it was not read';
    return { reading: null, read: { ...store, found: null, doubles: {}, unread } };
  }
  const found = new Map(Object.entries(reading.found).map(([sequence, ranges]) => [sequence, numbersIn(ranges)]));
  return { reading, read: { ...store, found, doubles: reading.doubles, unread: null } };
}

export type Fate = 'kept' | 'missing' | 'unknown';

/** A number is kept if a store has it that may; missing only if all of these were read. */
function fateOf(seq: number, sequence: string, stores: readonly StoreRead[]): Fate {
  const own = stores.filter(({ mayStore }) => mayStore);
  if (own.some(({ found }) => found?.get(sequence)?.has(seq))) return 'kept';
  return own.every(({ found }) => found !== null) ? 'missing' : 'unknown';
}

export function lossOf(numbers: ReadonlyMap<string, readonly Acknowledged[]>, looked: Looked): CanaryLoss {
  const sequences = [...numbers].map(([sequence, all]) => {
    const own = all.filter(({ endMs }) => endMs <= looked.sinceMs);
    const fates = new Map(
      own.map((one) => [one, one.by.length === 0 ? null : fateOf(one.seq, sequence, looked.stores)]),
    );
    const of = (fate: Fate): readonly number[] => own.filter((one) => fates.get(one) === fate).map(({ seq }) => seq);
    const [missing, unknown] = [of('missing'), of('unknown')];
    return {
      sequence,
      missing,
      unknown,
      acknowledged: own.filter(({ by }) => by.length > 0).length,
      span: spanOf(own, fates),
    };
  });
  const spans = sequences.filter(({ acknowledged }) => acknowledged > 0).map(({ span }) => span);
  return {
    span: {
      lowerMs: Math.max(0, ...spans.map(({ lowerMs }) => lowerMs)),
      upperMs: Math.max(0, ...spans.map(({ upperMs }) => upperMs)),
    },
    missing: bySequence(sequences.map(({ sequence, missing }) => [sequence, missing])),
    unknown: bySequence(sequences.map(({ sequence, unknown }) => [sequence, unknown])),
    acknowledged: sequences.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
  };
}

/** What is not known counts for the longest span, and not for the shortest. */
function spanOf(own: readonly Acknowledged[], fates: ReadonlyMap<Acknowledged, Fate | null>): Bounds {
  const writes = (unknown: Write['fate']): readonly Write[] =>
    own.map((one) => {
      const fate = fates.get(one) ?? null;
      const words = { kept: 'kept', missing: 'lost', unknown } as const;
      return { startMs: one.startMs, endMs: one.endMs, fate: fate === null ? 'silent' : words[fate] };
    });
  const best = lostSpan(writes('kept'));
  const worst = lostSpan(writes('lost'));
  return { lowerMs: Math.min(best.lowerMs, worst.lowerMs), upperMs: Math.max(best.upperMs, worst.upperMs) };
}

export function bySequence(pairs: readonly (readonly [string, readonly number[]])[]): Numbers {
  return Object.fromEntries(
    pairs.flatMap(([sequence, own]) => (own.length === 0 ? [] : [[sequence, rangesOf(own)] as const])),
  );
}
