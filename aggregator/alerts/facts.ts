/** All that rules for alerts are made from, as it is at one moment. */
import type { DrillReport } from '../../contract/drill.ts';
import type { Objective } from '../../contract/objective.ts';
import type { Verdict } from '../../contract/verdict.ts';
import type { Engine } from '../engine.ts';
import type { SourceState } from '../federation/sources.ts';
import type { Leak } from '../fleet/leaks.ts';
import { regionsBy } from '../fleet/regions.ts';
import { isElsewhere } from '../ingest/hold.ts';
import { retiredOf } from '../ingest/roster.ts';
import type { Records } from '../records.ts';
import type { DestinationState } from '../remote-write/remote-write.ts';
import type { Burns } from '../slo/burns.ts';

export type AlertFacts = {
  /** On the aggregator's timeline, as are all times here. */
  readonly nowMs: number;
  /** The name of the scenario's service. */
  readonly scenario: string;
  /** Verdicts that no late result can change any more, of objectives that fail now. */
  readonly failing: readonly { readonly objective: Objective; readonly verdict: Verdict }[];
  /** Objectives of which too few vantages contribute to say how they are. */
  readonly unvouched: readonly string[];
  /** Objectives of which nothing is known yet, as after a start or a reload: their results are still being read. */
  readonly unread: readonly string[];
  readonly burns: readonly Burns[];
  /** Regions of which nobody knows how they are. */
  readonly unseen: readonly string[];
  /** Regions that do not answer as expected, as far as anybody knows. */
  readonly dark: readonly string[];
  readonly gone: readonly GoneVantage[];
  readonly sources: readonly SourceState[];
  readonly destinations: readonly DestinationState[];
  /** Newest first. */
  readonly drills: readonly DrillReport[];
  /** Drills that are due at set times, each judged by whether it was run. */
  readonly scheduled: readonly Verdict[];
  readonly leaks: readonly Leak[];
};

export type GoneVantage = {
  readonly vantage: string;
  readonly region: string;
  readonly agent: string;
  readonly lastSeenMs: number;
};

/** What is outside the engine and alerts are made from: what comes in and goes out, and the scenario. */
export type Surroundings = {
  readonly scenario: string;
  readonly regions: readonly string[];
  states(): readonly SourceState[];
  destinations(): readonly DestinationState[];
};

export function alertFacts(engine: Engine, records: Records, around: Surroundings, nowMs: number): AlertFacts {
  return {
    nowMs,
    scenario: around.scenario,
    failing: failing(engine, nowMs),
    unvouched: engine.verdicts.latest().flatMap(({ id, unvouched }) => (unvouched === undefined ? [] : [id])),
    // Before the burns: what is read meanwhile is in both, and nothing is in neither.
    unread: engine.verdicts.unread(),
    burns: engine.verdicts.burns(nowMs),
    ...regionsBy(around.regions, engine.region, nowMs),
    gone: gone(engine, nowMs),
    sources: around.states(),
    destinations: around.destinations(),
    drills: records.drills.list(),
    scheduled: records.schedules.verdicts(nowMs),
    leaks: engine.leaks.since(nowMs),
  };
}

/** Looked at again as of when all of its own checks is in, so that a late result takes no alert back. */
function failing({ verdicts, plan, fleet }: Engine, nowMs: number): AlertFacts['failing'] {
  const suspects = new Set(verdicts.latest().flatMap(({ id, status }) => (status === 'fail' ? [id] : [])));
  return plan.objectives().flatMap((objective) => {
    if (!suspects.has(objective.id)) return [];
    const atMs = Math.min(nowMs, fleet.completeThroughMs(objective, nowMs));
    const verdict = verdicts.one(objective.id, atMs)?.verdict;
    return verdict?.status === 'fail' && verdict.final ? [{ objective, verdict }] : [];
  });
}

/** Vantages whose series have ended, once each; those of which nothing is expected, or at another aggregator, are not. */
function gone({ fleet, roster }: Engine, nowMs: number): readonly GoneVantage[] {
  const alive = fleet.aliveVantages(nowMs);
  const retired = retiredOf(roster.agents.values(), nowMs);
  const found = new Map<string, GoneVantage>();
  for (const agent of roster.agents.values()) {
    const { vantage, lastSeenMs } = agent;
    if (alive.has(vantage) || retired.has(agent) || isElsewhere(agent)) continue;
    if ((found.get(vantage)?.lastSeenMs ?? Number.NEGATIVE_INFINITY) < lastSeenMs) {
      found.set(vantage, { vantage, region: agent.region, agent: agent.agent, lastSeenMs });
    }
  }
  return [...found.values()];
}
