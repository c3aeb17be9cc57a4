import type { DrillPhase } from './drill.ts';
import type { Status } from './verdict.ts';

/** Kinds of users, by the tag `users` of a request; `''` where a script sets none. */
export type LoadUsers = string;

/** Requests of one kind of users that were sent in one stretch of time. */
export type LoadBucket = {
  /** Its begin, on the runner's clock; the facts say how long it is. */
  readonly atMs: number;
  readonly users: LoadUsers;
  readonly requests: number;
  /** Answered with what was not expected, or not at all. */
  readonly failed: number;
  /** How many took how long: the index of a class of durations to a count. */
  readonly durations: readonly (readonly [index: number, count: number])[];
};

export type LoadThreshold = { readonly metric: string; readonly expression: string; readonly held: boolean };

/** What the program says of the whole run when it ends. */
export type LoadSummary = {
  readonly iterations: number;
  /** Iterations for which no user was free. */
  readonly dropped: number;
  readonly requests: number;
  readonly failed: number;
  readonly p95Ms: number | null;
  readonly thresholds: readonly LoadThreshold[];
};

/** All that is recorded of a load. */
export type LoadFacts = {
  /** `k6 v2.2.0`. */
  readonly program: string;
  readonly script: string;
  /** Thresholds that were asked for, metric to expressions. */
  readonly wanted: Readonly<Record<string, readonly string[]>>;
  /** On the runner's clock. */
  readonly startedMs: number;
  readonly endedMs: number;
  readonly exitCode: number | null;
  /** `asked`: it ended as it was told to. `killed`: it did not. `itself`: nobody had told it to. */
  readonly ended: 'itself' | 'asked' | 'killed';
  /** Iterations that ended with an exception. */
  readonly thrown: number;
  /** `null` where it left none. */
  readonly summary: LoadSummary | null;
  /** Length of a bucket. */
  readonly widthMs: number;
  readonly buckets: readonly LoadBucket[];
  /** The first and the last errors that it told. */
  readonly said: readonly string[];
};

export type LoadPhase = {
  readonly phase: DrillPhase;
  readonly users: LoadUsers;
  readonly lengthMs: number;
  readonly requests: number;
  readonly failed: number;
  /** Right to a twentieth. `null` without requests. */
  readonly p95Ms: number | null;
};

export type LoadPoint = {
  /** Its begin, on the aggregator's clock, as all moments of a report. */
  readonly atMs: number;
  readonly requests: number;
  readonly failed: number;
  readonly p95Ms: number | null;
};

/** What a report says of the load that the drill ran under. */
export type LoadReport = Pick<LoadFacts, 'program' | 'script' | 'thrown' | 'said' | 'exitCode' | 'ended'> & {
  readonly verdict: { readonly status: Status; readonly because: string };
  readonly summary: LoadSummary | null;
  /** By when a request was sent: in the order of phases and users. */
  readonly phases: readonly LoadPhase[];
  readonly widthMs: number;
  readonly points: readonly LoadPoint[];
};
