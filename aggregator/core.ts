/** The parts, as the HTTP side sees them. */
import type { Core } from './api/core.ts';
import type { Complain } from './complaints.ts';
import { refusing } from './connections.ts';
import type { Engine } from './engine.ts';
import type { Sources } from './federation/sources.ts';
import { type Committer, maxWaiting } from './ingest/committer.ts';
import type { AgentServer } from './ingest/server.ts';
import type { ProcessMetrics } from './metrics/process.ts';
import { takeCut } from './metrics/scrape.ts';
import type { AggregatorDeps, AggregatorOptions, Plan } from './options.ts';
import { type Spanning, spanning } from './promql/spanning.ts';
import type { Records } from './records.ts';
import { checksAt } from './slices/settle.ts';
import { isAsked } from './slo/witnesses.ts';
import type { Store } from './store/store.ts';
import type { TotalsDeps } from './totals/families.ts';

export type CoreParts = {
  readonly options: AggregatorOptions;
  readonly deps: AggregatorDeps;
  readonly store: Store;
  readonly engine: Engine;
  readonly records: Records;
  readonly sources: Sources;
  readonly process: ProcessMetrics;
  readonly committer: Committer;
  readonly agents: AgentServer;
  readonly complain: Complain;
  reload(plan: Plan): Promise<void>;
};

export function coreOf(parts: CoreParts): Core {
  const { options, deps, store, engine, records, sources, process, committer, agents } = parts;
  const { clock, log } = deps;
  const { plan, verdicts, fleet, series, rounds, region } = engine;
  const { reloadFrom, regions, prefix } = options;
  const scrape = {
    totals: totalsOf(engine),
    series,
    fleet,
    plan,
    verdicts,
    records,
    sources,
    process,
    regions,
    prefix,
    region,
  };
  return {
    clock,
    log,
    scenario: options.scenario,
    verdicts,
    fleet: () => fleet.agents(clock.nowMs()),
    async removeAgent(name) {
      const found = engine.roster.remove(name);
      const row = engine.roster.rows().find(({ agent }) => agent === name);
      if (found === 'removed' && row !== undefined) await store.saveAgent(row);
      return found;
    },
    spanning: spanningOf(options, deps, engine),
    quorum() {
      rounds.judge(clock.nowMs());
      return fleet.quorum(clock.nowMs());
    },
    everyMs: engine.checks.everyMs,
    objectives: () => plan.objectives(),
    get retentionMs() {
      return engine.retentionMs;
    },
    cut: () => takeCut(scrape, () => clock.nowMs()),
    results: (query) => store.results(query),
    drills: records.drills,
    schedules: records.schedules,
    annotations: records.annotations,
    bursts: {
      list: records.bursts.list,
      async ask(burst) {
        await records.bursts.put(burst);
        await store.saveChecks(engine.checks.learn(burst.checks, clock.nowMs()));
        return agents.burst(burst);
      },
    },
    reload:
      reloadFrom === undefined
        ? undefined
        : async () => {
            await parts.reload(await reloadFrom());
            return { version: plan.assignment().version };
          },
    refused: refusing(parts.complain, (reason) => series.add(series.slot('httpRefused', [reason]), 1)),
    notReady() {
      if (committer.failing !== null) return `results cannot be stored, and none is acknowledged: ${committer.failing}`;
      return committer.waiting > maxWaiting ? `${Math.round(committer.waiting)} results wait for the disk` : null;
    },
  };
}

function totalsOf({ totals, checks }: Engine): Pick<TotalsDeps, 'rows' | 'check'> | null {
  if (totals === null) return null;
  return { rows: totals, check: (id) => checks.get(id) };
}

function spanningOf({ promql, ca }: AggregatorOptions, deps: AggregatorDeps, engine: Engine): Spanning | null {
  if (promql === undefined || promql === null) return null;
  return spanning(
    { ...promql, ca },
    {
      clock: deps.clock,
      objectives: () => engine.plan.objectives(),
      everyMs: engine.checks.everyMs,
      makes(objective, vantage) {
        const named = engine.checks.assigned().filter(({ check }) => check.name === objective.check);
        return checksAt(named, vantage).some(({ check }) => isAsked(objective, check.region));
      },
      drilled: engine.verdicts.drillTimes,
    },
  );
}
