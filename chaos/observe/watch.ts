import type { StoredResult } from '../../contract/api.ts';
import { type Bounds, elapsed } from '../../contract/bounds.ts';
import type { Clock } from '../../contract/clock.ts';
import { hashOf, type Random } from '../../contract/random.ts';
import type { DrillPlan, EntryExpectation, Scenario } from '../../scenarios/scenario.ts';
import type { HealthCheck } from '../../zone/records.ts';
import type { CheckerReading, DrillFacts } from '../facts.ts';
import { observed } from '../guard/open-drills.ts';
import { burstEveryMs } from '../runner/bursts.ts';
import type { RunnerDeps } from '../runner/types.ts';
import { healthCheckOf, type ZoneState } from '../runner/zone.ts';
import type { Change } from './change.ts';

export type ObserveOptions = {
  readonly scenario: Scenario;
  /** Whose region and expectations to use; `null`: those of whichever region goes dark. */
  readonly drill: DrillPlan | null;
  readonly burstEveryMs: number;
  /** Ends by then, whatever was seen. */
  readonly limitMs: number;
  readonly evidenceDir: string;
  readonly version: string;
};

export type ObserverDeps = Omit<RunnerDeps, 'openCluster'>;

/** What is known while watching. */
export type Watch = {
  /** The entry names and regions to ask. */
  asks(): { readonly entries: readonly string[]; readonly regions: readonly string[] };
  result(result: StoredResult): void;
  checkers(reading: CheckerReading): void;
  /** The region that is watched, once it is known; `null` before. */
  region(): string | null;
  healthCheck(): HealthCheck | null;
  dark(change: Change): void;
  back(change: Change): void;
  stop(because: string): void;
  end(atMs: number): void;
  facts(): DrillFacts;
  /** Results that asked any region, while it is not known which one goes dark. */
  everything(): readonly StoredResult[];
};

export type WatchStart = {
  readonly id: string;
  readonly offset: Bounds;
  readonly zone: ZoneState | null;
  readonly startedMs: number;
};

/** For a region that no drill of the scenario is about. */
const unplannedLimitMs = 240_000;

export function watchOf(options: ObserveOptions, start: WatchStart): Watch {
  const { scenario, drill } = options;
  const { offset } = start;
  const results: StoredResult[] = [];
  const checkers: CheckerReading[] = [];
  let region = drill?.fault.region ?? null;
  let facts: DrillFacts = { ...factsAt(options, start, region), results, checkers };
  // Changes are seen on the aggregator's clock; facts are on this one.
  const onOurs = ({ at }: Change): Bounds => elapsed(offset, at);

  return {
    asks: () => ({
      entries: facts.expect.map(({ entry }) => entry),
      regions: region === null ? Object.keys(scenario.regions) : [region],
    }),
    result: (result) => results.push(result),
    checkers: (reading) => checkers.push(reading),
    region: () => region,
    healthCheck() {
      const endpoint = region === null ? undefined : scenario.regions[region]?.endpoint;
      return start.zone === null || endpoint === undefined ? null : (healthCheckOf(start.zone, endpoint) ?? null);
    },
    dark(change) {
      region = change.region;
      const expect = expectationsFor(scenario, region, drill);
      facts = { ...facts, region, expect, t0: onOurs(change), phase: 'failing-over' };
    },
    back(change) {
      facts = { ...facts, restoreCalled: onOurs(change), phase: 'failing-back' };
    },
    stop(because) {
      facts = { ...facts, stopped: because };
    },
    end(atMs) {
      facts = { ...facts, phase: 'over', endedMs: atMs };
    },
    everything: () => results,
    facts: () => ({
      ...facts,
      results: results.filter((result) => result.check !== 'direct' || result.region === region),
    }),
  };
}

/** Before anything is seen. */
function factsAt({ scenario, drill, burstEveryMs: everyMs }: ObserveOptions, start: WatchStart, region: string | null) {
  const { id, offset, startedMs } = start;
  return {
    id,
    name: drill?.name ?? 'observe',
    scenario: scenario.service,
    fault: observed,
    region: region ?? '',
    expect: expectationsFor(scenario, region, drill),
    phase: 'baseline',
    burstEveryMs: burstEveryMs(everyMs),
    t0: null,
    restoreCalled: null,
    offset,
    offsetAtMs: startedMs,
    endpoints: [],
    prediction: {},
    restored: true,
    left: [],
    stopped: null,
    overrides: {},
    startedMs,
    endedMs: null,
  } as const satisfies Partial<DrillFacts>;
}

/** Those of the drill; else those of a drill on the same region; else that any other region may take over. */
function expectationsFor(
  scenario: Scenario,
  region: string | null,
  drill: DrillPlan | null,
): readonly EntryExpectation[] {
  const planned = drill ?? scenario.drills.find(({ fault }) => fault.region === region);
  if (planned !== undefined) return planned.expect;
  const servedBy = Object.keys(scenario.regions).filter((name) => name !== region);
  const limits = { withinMs: unplannedLimitMs, failbackMs: unplannedLimitMs };
  return Object.keys(scenario.entry).map((entry) => ({ entry, servedBy, ...limits, residency: null }));
}

export function observationId({ drill }: ObserveOptions, clock: Clock, random: Random): string {
  const at = new Date(clock.nowMs())
    .toISOString()
    .replaceAll(/[-:]|\.\d+Z$/g, '')
    .toLowerCase();
  return `observe-${drill?.fault.region ?? 'any'}-${at}-${hashOf(`${random()}`).toString(16).padStart(8, '0').slice(0, 4)}`;
}
