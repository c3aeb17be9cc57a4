/** All that one vantage recorded for one entry name, on that vantage's clock. */
import type { StoredResult } from '../../contract/api.ts';
import type { ClientClass } from '../../contract/result.ts';
import type { BurstCheck, DrillFacts } from '../facts.ts';
import { type Answer, type Attempt, answersOf, attemptsOf } from './attempt.ts';
import { clockOf, type VantageClock } from './clock.ts';
import { shareOf } from './names.ts';

export type VantageRecord = {
  readonly vantage: string;
  readonly clock: VantageClock;
  /** At the entry name. */
  readonly client: { readonly [C in ClientClass]: readonly Attempt[] };
  /** At the endpoint of the region taken away, whatever names say. */
  readonly direct: { readonly [C in ClientClass]: readonly Attempt[] };
  readonly authority: readonly Answer[];
  readonly resolver: readonly Answer[];
  /** The share of answers that led to the region before it was taken away; `undefined` when none did. Below 1: weighted. */
  readonly share: number | undefined;
};

/** A record per vantage that made results for this drill. */
export function recordsOf(facts: DrillFacts, entry: string): readonly VantageRecord[] {
  const byVantage = Map.groupBy(facts.results, (result) => result.vantage);
  return [...byVantage]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([vantage, results]) => {
      const clock = clockOf(facts, results);
      return clock === undefined ? [] : [recordOf(facts, entry, { vantage, results, clock })];
    });
}

type Own = { readonly vantage: string; readonly results: readonly StoredResult[]; readonly clock: VantageClock };

function recordOf(facts: DrillFacts, entry: string, own: Own): VantageRecord {
  const { vantage, results, clock } = own;
  const of = (check: BurstCheck, name: string | null): readonly StoredResult[] =>
    results.filter((result) => result.check === check && (name === null || result.entry === name));
  const classes = (of: readonly StoredResult[]): VantageRecord['client'] => ({
    fresh: attemptsOf(
      of.filter((result) => result.client === 'fresh'),
      clock,
    ),
    pooled: attemptsOf(
      of.filter((result) => result.client === 'pooled'),
      clock,
    ),
  });
  const client = classes(of('client', entry));
  const authority = answersOf(of('authority', entry), clock);
  const resolver = answersOf(of('resolver', entry), clock);
  const cut = (answers: readonly Answer[]): readonly Answer[] =>
    answers.filter((answer) => clock.restore === null || answer.endMs <= clock.restore.lowerMs);
  const share = shareOf(cut(authority), facts.region) ?? shareOf(cut(resolver), facts.region);
  return {
    vantage,
    clock,
    client,
    direct: classes(of('direct', null)),
    authority,
    resolver,
    share: share ?? shareOfClients(client.fresh, facts.region, clock),
  };
}

/** Without any dns check: from where fresh clients were led before t0. */
function shareOfClients(fresh: readonly Attempt[], region: string, clock: VantageClock): number | undefined {
  const ahead = fresh.filter((attempt) => attempt.region !== null && attempt.endMs <= clock.t0.lowerMs);
  const hits = ahead.filter((attempt) => attempt.region === region).length;
  return hits === 0 ? undefined : hits / ahead.length;
}
