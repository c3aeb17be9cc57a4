/** All that one vantage recorded for one entry name, on that vantage's clock. */
import type { StoredResult } from '../../contract/api.ts';
import type { ClientClass } from '../../contract/result.ts';
import type { BurstCheck, DrillFacts } from '../facts.ts';
import { type Answer, type Attempt, answersOf, attemptsOf } from './attempt.ts';
import { clockOf, type VantageClock } from './clock.ts';
import { shareOf } from './names.ts';

export type VantageRecord = {
  readonly vantage: string;
  readonly burstEveryMs: number;
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

/** All that one vantage recorded, sorted by what it asked. */
export type VantageResults = {
  readonly vantage: string;
  readonly burstEveryMs: number;
  readonly clock: VantageClock;
  readonly of: (check: BurstCheck, entry: string | null, client?: ClientClass) => readonly StoredResult[];
};

/** Every vantage that made results for this drill. */
export function vantagesOf(facts: DrillFacts): readonly VantageResults[] {
  const byVantage = Map.groupBy(facts.results, (result) => result.vantage);
  return [...byVantage]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([vantage, results]) => {
      const clock = clockOf(facts, results);
      if (clock === undefined) return [];
      const sorted = Map.groupBy(results, (result) => keyOf(result.check, result.entry, result.client));
      return [
        {
          vantage,
          burstEveryMs: facts.burstEveryMs,
          clock,
          of: (check, entry, client = 'fresh') => sorted.get(keyOf(check, entry, client)) ?? [],
        },
      ];
    });
}

function keyOf(check: string, entry: string | null, client: ClientClass): string {
  return `${check} ${client} ${check === 'direct' ? '' : entry}`;
}

export function recordOf(own: VantageResults, region: string, entry: string): VantageRecord {
  const { vantage, burstEveryMs, clock, of } = own;
  const classes = (check: BurstCheck): VantageRecord['client'] => ({
    fresh: attemptsOf(of(check, entry, 'fresh'), clock),
    pooled: attemptsOf(of(check, entry, 'pooled'), clock),
  });
  const client = classes('client');
  const authority = answersOf(of('authority', entry), clock);
  const resolver = answersOf(of('resolver', entry), clock);
  const cut = (answers: readonly Answer[]): readonly Answer[] =>
    answers.filter((answer) => clock.restore === null || answer.endMs <= clock.restore.lowerMs);
  const share = shareOf(cut(authority), region, 'authority') ?? shareOf(cut(resolver), region, 'cache');
  return {
    vantage,
    burstEveryMs,
    clock,
    client,
    direct: classes('direct'),
    authority,
    resolver,
    share: share ?? shareOfClients(client.fresh, region, clock),
  };
}

/** Without any dns check: from where fresh clients were led before t0. */
function shareOfClients(fresh: readonly Attempt[], region: string, clock: VantageClock): number | undefined {
  const ahead = fresh.filter((attempt) => attempt.region !== null && attempt.endMs <= clock.t0.lowerMs);
  const hits = ahead.filter((attempt) => attempt.region === region).length;
  return hits === 0 ? undefined : hits / ahead.length;
}
