/** What spans several aggregators: verdicts and the fleet, from the engine that all of them write to. */
import type { FleetAgent } from '../../contract/api.ts';
import type { Clock } from '../../contract/clock.ts';
import { messageOf } from '../../contract/failure.ts';
import type { Objective } from '../../contract/objective.ts';
import type { Span } from '../../contract/slo/spans.ts';
import type { Verdict } from '../../contract/verdict.ts';
import { doubtIn } from '../slo/doubt.ts';
import { evidenceOf } from '../slo/evidence.ts';
import type { WindowFacts } from '../slo/facts.ts';
import { judge, type Witnesses } from '../slo/judge.ts';
import { overStretch, type Stretch } from '../slo/stretch.ts';
import { EngineTrouble, type PromqlOptions, promql } from './client.ts';
import { type SpanningFacts, spanningFacts } from './facts.ts';
import { type Counted, countsOf, type Seen, seenAgents } from './fleet.ts';

export type SpanningOne = {
  readonly objective: Objective;
  readonly verdict: Verdict;
  readonly slices: WindowFacts['slices'];
  /** The end of the newest piece that has results that came, at most the moment judged; `null` of none. */
  readonly newestMs: number | null;
};

export type Spanning = {
  /** Never rejects for the engine's sake: without it every verdict is inconclusive, and says why. */
  verdicts(atMs: number, sinceMs?: number | null): Promise<readonly Verdict[]>;
  one(id: string, atMs: number, asked?: Partial<Stretch>): Promise<SpanningOne | undefined>;
  /** Own agents as they are here, the others as their aggregators wrote of them. `trouble`: why those are not in it. */
  fleet(
    own: readonly FleetAgent[],
  ): Promise<{ readonly agents: readonly FleetAgent[]; readonly trouble: string | null }>;
};

export type SpanningDeps = {
  readonly clock: Clock;
  objectives(): readonly Objective[];
  /** How often checks of this name are made now; `null`: nobody makes them. */
  everyMs(check: string): number | null;
  /** Whether the objective's check is made from that vantage now. */
  makes(objective: Objective, vantage: string): boolean;
  /** The time of drills that this aggregator was told of, merged. */
  drilled(): readonly Span[];
};

export function spanning(options: PromqlOptions & { readonly ca: string | null }, deps: SpanningDeps): Spanning {
  const { clock } = deps;
  const engine = promql(options, clock);

  async function judged(objective: Objective, atMs: number, seen: Promise<readonly Seen[]>) {
    try {
      const everyMs = deps.everyMs(objective.check);
      const facts = await spanningFacts(objective, { atMs, everyMs }, engine);
      const { slices, newestMs } = facts;
      const evidence = evidenceOf(objective, facts, deps.drilled());
      if (evidence.kind === 'untold') {
        return { objective, verdict: unknown(objective, atMs, untold(evidence.because)), slices, newestMs };
      }
      const witnesses = witnessesOf(objective, await seen, facts, deps.makes);
      const doubt = doubtIn(objective, { atMs, slices: [wholeOf(facts)], newestMs, everyMs });
      // An aggregator that is away may still bring what it has: nothing here is final.
      return {
        objective,
        verdict: judge(objective, evidence, { atMs, witnesses, final: false, doubt }),
        slices,
        newestMs,
      };
    } catch (error) {
      if (!(error instanceof EngineTrouble)) throw error;
      return { objective, verdict: unknown(objective, atMs, error.message), slices: [], newestMs: null };
    }
  }
  /** Whoever awaits it hears of trouble; nobody may, when the facts were in trouble first. */
  function seenAt(atMs: number): Promise<readonly Seen[]> {
    const found = seenAgents(engine, atMs);
    found.catch(() => undefined);
    return found;
  }
  return {
    async verdicts(atMs, sinceMs = null) {
      const seen = seenAt(atMs);
      const asked = deps.objectives().map((objective) => overStretch(objective, { atMs, sinceMs, target: null }));
      const all = await Promise.all(asked.map((objective) => judged(objective, atMs, seen)));
      return all.map(({ verdict }) => verdict);
    },
    async one(id, atMs, { sinceMs = null, target = null } = {}) {
      const objective = deps.objectives().find((other) => other.id === id);
      if (objective === undefined) return undefined;
      return await judged(overStretch(objective, { atMs, sinceMs, target }), atMs, seenAt(atMs));
    },
    async fleet(own) {
      try {
        const [seen, counts] = await Promise.all([seenAgents(engine, clock.nowMs()), countsOf(engine, clock.nowMs())]);
        return { agents: united(own, seen, counts), trouble: null };
      } catch (error) {
        return { agents: own, trouble: messageOf(error) };
      }
    },
  };
}

/**
 * Who contributes is who brought a result of the check lately; whoever is connected and makes other checks is no witness.
 * A vantage may be silent together with its aggregator, and then nobody says that it is missing: those that were seen, or
 * whose results are in the window, are known too, as long as they are to make the check.
 */
function witnessesOf(
  objective: Objective,
  seen: readonly Seen[],
  { expected, heard, vantages }: SpanningFacts,
  makes: SpanningDeps['makes'],
): Witnesses {
  const { region, from } = objective;
  const counted = seen.filter((one) => region === null || from === 'all' || one.region === region);
  const named = [...counted.map(({ vantage }) => vantage), ...vantages];
  const connected = new Set(seen.flatMap((one) => (one.connected ? [one.vantage] : [])));
  const absent = new Set(seen.flatMap(({ vantage }) => (connected.has(vantage) ? [] : [vantage])));
  return {
    known: new Set([...expected, ...named.filter((vantage) => makes(objective, vantage))]).size,
    healthy: [...heard].filter((vantage) => !absent.has(vantage)).length,
  };
}

/** The window as one piece: pieces in which an aggregator was silent are not in the others. */
function wholeOf({ fromMs, atMs, good, bad, missing }: SpanningFacts): WindowFacts['slices'][number] {
  return { atMs: fromMs, widthMs: atMs - fromMs, good, bad, missing };
}

const untold = (what: string): string =>
  `sums over several aggregators do not tell ${what}: ask the one that counts it (?scope=own)`;

function unknown({ id, indicator }: Objective, atMs: number, because: string): Verdict {
  const target = 'targetMs' in indicator ? indicator.targetMs : indicator.target;
  const nothing = { measured: null, n: 0, interval: null, needed: null, missing: 0 } as const;
  return { id, status: 'inconclusive', because, target, at: atMs, final: false, ...nothing };
}

/** Ours are known to the second; of the others the newest word counts. Counts are of all aggregators where known. */
function united(
  own: readonly FleetAgent[],
  seen: readonly Seen[],
  counts: ReadonlyMap<string, Counted>,
): readonly FleetAgent[] {
  const here = own.filter(({ elsewhere }) => elsewhere !== true);
  const names = new Set(here.map(({ agent }) => agent));
  const others = seen
    .filter(({ agent }) => !names.has(agent))
    .map((agent): FleetAgent => ({ ...agent, clock: null, expected: 0, missing: 0 }));
  return [...here, ...others].map((agent) => ({ ...agent, ...(counts.get(agent.vantage) ?? {}) }));
}
