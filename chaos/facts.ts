/** All that a drill's verdict is made from: recorded by the runner, kept as evidence, judged by pure functions. */
import type { StoredResult } from '../contract/api.ts';
import type { Bounds } from '../contract/bounds.ts';
import type { DrillPhase, Prediction, Verified } from '../contract/drill.ts';
import type { LoadFacts } from '../contract/load.ts';
import type { EntryExpectation } from '../scenarios/scenario.ts';
import type { CanaryFacts } from './canaries/facts.ts';

/**
 * The names of the checks that a drill's burst is made of; the result's `entry` says for which entry name.
 * `client`: http at the entry name, fresh and pooled. `authority`: dns at each name server with the subnet of the
 * vantage's place. `resolver`: dns at the vantage's own. `direct`: http at the region taken away, by its own endpoint.
 * `residency`: the scenario's residency checks.
 */
export const burstChecks = ['client', 'authority', 'resolver', 'direct', 'residency'] as const;
export type BurstCheck = (typeof burstChecks)[number];

/** A read of something outside, on the runner's clock: what it shows was true at some moment between the two. */
type Reading = { readonly sentMs: number; readonly receivedMs: number };

/** EndpointSlices of the workloads taken away. */
export type EndpointReading = Reading & { readonly ready: number; readonly replicas: number };
/** The status API of the region's health check. */
export type CheckerReading = Reading & {
  readonly healthy: boolean;
  readonly healthyCount: number;
  readonly totalCount: number;
};

export type DrillFacts = {
  readonly id: string;
  readonly name: string;
  readonly scenario: string;
  readonly fault: string;
  /** R, the region taken away. */
  readonly region: string;
  readonly expect: readonly EntryExpectation[];
  readonly phase: DrillPhase;
  readonly burstEveryMs: number;
  /** `[call sent, first answer or read that shows the change]`, on the runner's clock. */
  readonly t0: Bounds | null;
  /** The call of restore, likewise. */
  readonly restoreCalled: Bounds | null;
  /** Aggregator's clock minus the runner's. */
  readonly offset: Bounds;
  /** When that was measured, on the runner's clock: it ages from there. Absent: renewed all through. */
  readonly offsetAtMs?: number;
  /** From the bursts of this drill, in any order. */
  readonly results: readonly StoredResult[];
  readonly endpoints: readonly EndpointReading[];
  readonly checkers: readonly CheckerReading[];
  readonly prediction: Prediction;
  /** Its numbered writes; absent or empty: it has none. */
  readonly canaries?: CanaryFacts;
  readonly restored: boolean;
  readonly left: readonly string[];
  /** What the runner read afresh after restoring. Absent: nothing yet. */
  readonly verified?: readonly Verified[];
  /** Why the drill ended before its time; `null` when it ran its course. */
  readonly stopped: string | null;
  readonly overrides: Readonly<Record<string, string>>;
  /** When each phase after the first began, on the runner's clock. Absent: it was not kept. */
  readonly phases?: readonly { readonly phase: DrillPhase; readonly atMs: number }[];
  /** The load that it ran under, once that has ended. */
  readonly load?: LoadFacts;
  /** On the runner's clock. */
  readonly startedMs: number;
  readonly endedMs: number | null;
};
