/** What spans several aggregators: verdicts and the fleet, from the engine that all of them write to. */
import type { FleetAgent } from '../../contract/api.ts';
import type { Clock } from '../../contract/clock.ts';
import { messageOf } from '../../contract/failure.ts';
import type { Objective } from '../../contract/objective.ts';
import type { Verdict } from '../../contract/verdict.ts';
import { doubtOf } from '../slo/doubt.ts';
import { evidenceOf } from '../slo/evidence.ts';
import type { WindowFacts } from '../slo/facts.ts';
import { judge, type Witnesses } from '../slo/judge.ts';
import { overStretch, type Stretch } from '../slo/stretch.ts';
import { EngineTrouble, type PromqlOptions, promql } from './client.ts';
import { spanningFacts } from './facts.ts';
import { type Counted, countsOf, type Seen, seenAgents } from './fleet.ts';

export type SpanningOne = {
  readonly objective: Objective;
  readonly verdict: Verdict;
  readonly slices: WindowFacts['slices'];
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
};

export function spanning(options: PromqlOptions & { readonly ca: string | null }, deps: SpanningDeps): Spanning {
  const { clock } = deps;
  const engine = promql(options, clock);

  async function judged(objective: Objective, atMs: number, seen: Promise<readonly Seen[]>) {
    try {
      const facts = await spanningFacts(objective, atMs, engine);
      // An aggregator that is away may still bring what it has: nothing here is final.
      const evidence = evidenceOf(objective, facts);
      const witnesses = witnessesOf(await seen, facts.vantages);
      const doubt = evidence && doubtOf(objective, evidence, deps.everyMs(objective.check));
      const about = { atMs, witnesses, final: false, doubt: doubt ?? null };
      const verdict = evidence === undefined ? unknown(objective, atMs, untold) : judge(objective, evidence, about);
      return { objective, verdict, slices: facts.slices };
    } catch (error) {
      if (!(error instanceof EngineTrouble)) throw error;
      return { objective, verdict: unknown(objective, atMs, error.message), slices: [] };
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

/** Those whose results are in the window are known too, however long they have been silent. */
function witnessesOf(seen: readonly Seen[], inWindow: readonly string[]): Witnesses {
  const names = (some: readonly Seen[]): readonly string[] => some.map(({ vantage }) => vantage);
  const healthy = new Set(names(seen.filter(({ connected }) => connected)));
  return { known: new Set([...names(seen), ...inWindow]).size, healthy: healthy.size };
}

const untold = 'sums over several aggregators do not tell it: ask the one that counts it (?scope=own)';

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
