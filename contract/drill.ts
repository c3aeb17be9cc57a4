import type { Bounds } from './bounds.ts';
import type { CanaryReport } from './canaries.ts';
import type { LoadReport } from './load.ts';
import type { ClientClass } from './result.ts';
import type { Status } from './verdict.ts';

/** `baseline → injecting → failing-over → holding → restoring → failing-back → over`. */
export const drillPhases = [
  'baseline',
  'injecting',
  'failing-over',
  'holding',
  'restoring',
  'failing-back',
  'over',
] as const;
export type DrillPhase = (typeof drillPhases)[number];

/**
 * Stages of a failover and of a failback, in the order in which they usually come. `capacity` and `residual` are of
 * failback alone: all endpoints ready again, and the last answer from a region that stood in.
 */
export const stageIds = [
  'drain',
  'capacity',
  'last-served',
  'detect',
  'authority',
  'resolver',
  'first-good',
  'last-bad',
  'residual',
] as const;
export type StageId = (typeof stageIds)[number];

/** A stage that was not observed is absent. Milliseconds after t0, or for failback after the call of restore. */
export type Stages = { readonly [S in StageId]?: Bounds };

/** `stages[vantage][client]`. */
export type StageTable = { readonly [vantage: string]: { readonly [C in ClientClass]?: Stages } };

/** One stretch without service. `upperMs` of `end` is absent while nothing ended it. */
export type Outage = {
  /** After t0. */
  readonly began: Bounds;
  /** After t0; `null` when it was still open at the cut. */
  readonly ended: Bounds | null;
  /** Its length. Of an open outage the lower bound is meant, and `upperMs` is `null`. */
  readonly length: { readonly lowerMs: number; readonly upperMs: number | null };
  /** Bad attempts in it. */
  readonly attempts: number;
  /** A gap between R and the next region in which nothing failed: at most one sampling gap, not zero. */
  readonly unseen: boolean;
};

/** A stretch in which no attempt was begun, in milliseconds after t0 or the call of restore. */
export type Hole = { readonly fromMs: number; readonly toMs: number };

/** Good answers from a region that stood in, after the client had come back. */
export type Flap = {
  readonly began: Bounds;
  /** `null`: nothing shows its end. */
  readonly ended: Bounds | null;
  readonly servedBy: readonly string[];
  readonly answers: number;
};

/** What one kind of client at one vantage went through. */
export type Passage = {
  readonly vantage: string;
  readonly client: ClientClass;
  /** `false`: the client was not served by R at t0, so its record shows nothing about R's end. */
  readonly observed: boolean;
  /** The outage that the loss of R caused; `null` when there was none or it was not observed. */
  readonly main: Outage | null;
  /** Stray failures and flaps, apart. */
  readonly others: readonly Outage[];
  /** Who served after the main outage; empty when nobody did. */
  readonly servedBy: readonly string[];
  /** Worst sampling gap in the record, milliseconds: shorter changes are outside the bounds. */
  readonly gapMs: number;
  /** Gaps of more than five bursts. */
  readonly holes?: readonly Hole[];
  /** Of failback. */
  readonly flaps?: readonly Flap[];
  /** Of failback: the region that stood in and served the last good answer on record; `null` where the client is back. */
  readonly servedLast?: string | null;
};

/** Failover or failback of one entry name. */
export type EntryTimeline = { readonly stages: StageTable; readonly passages: readonly Passage[] };

/** What a drill says of one entry name. */
export type EntryReport = {
  readonly entry: string;
  /** Regions that may take over; empty: nobody may, and that is the pass. */
  readonly servedBy: readonly string[];
  readonly withinMs: number;
  readonly failbackMs: number;
  readonly failover: EntryTimeline;
  readonly failback: EntryTimeline;
  readonly verdict: { readonly status: Status; readonly because: string };
};

export type Quantiles = { readonly p5: number; readonly p50: number; readonly p95: number };
/** Milliseconds after t0. */
export type Prediction = { readonly [S in StageId]?: Quantiles };

/** What is read afresh once a region was put back, in the order in which a report tells it. */
export const verifiedParts = [
  'replicas',
  'records',
  'desired counts',
  'ready endpoints',
  'health checks',
  'zone records',
  'first good answers',
  'annotations',
  'suspended reconcilers',
  'settings',
  'restorer',
  'lease',
] as const;
export type VerifiedPart = (typeof verifiedParts)[number];

/** One thing that was looked at, as it was found. */
export type Verified = {
  readonly part: VerifiedPart;
  /** `deployment/agent-api`, `Lease blackstart-d1`. */
  readonly name: string;
  readonly wanted: string;
  readonly found: string;
  /** `changed`: by somebody else, and no fault of the drill. `left`: not as it was. `unknown`: it could not be read. */
  readonly state: 'as-it-was' | 'changed' | 'left' | 'unknown';
};

/** A drill as the API gives it. INTERFACES fixes the names up to `left`; the rest is added. */
export type DrillReport = {
  readonly id: string;
  readonly name: string;
  readonly scenario: string;
  readonly fault: string;
  /** The region taken away. */
  readonly region: string;
  readonly status: 'running' | 'over';
  readonly phase: DrillPhase;
  readonly verdict: { readonly status: Status; readonly because: string };
  /** Epoch milliseconds on the aggregator's clock; `null` before injection. */
  readonly t0: Bounds | null;
  /** The call of restore, likewise. */
  readonly restoreCalled: Bounds | null;
  readonly predicted: Prediction;
  /** Of failback, after the call of restore; absent from reports of earlier versions. */
  readonly predictedBack?: Prediction;
  /** Of the first entry name of the drill; `entries` has them all. */
  readonly stages: StageTable;
  /** vantage → client → the main outage of the first entry name. */
  readonly outage: { readonly [vantage: string]: { readonly [C in ClientClass]?: Outage } };
  readonly failback: StageTable;
  readonly entries: readonly EntryReport[];
  /** Whether everything is back as it was, verified. `false` is exit code 5. */
  readonly restored: boolean;
  /** Why it ended before its time, with the name of the stop condition; `null` when it ran its course. */
  readonly stopped?: string | null;
  /** What was left behind, a sentence each. */
  readonly left: readonly string[];
  /** What was read afresh after restoring, each as it was found; empty where nothing was restored. */
  readonly verified?: readonly Verified[];
  /** Replicas of the region's workloads at the runner's last look: asked for, and ready; `null` before the first. */
  readonly replicas?: { readonly wanted: number; readonly ready: number } | null;
  /** Things seen that are no failure of a limit: a pooled client that never moved. */
  readonly findings: readonly string[];
  /** What its numbered writes have shown; absent where it has none, and while it runs. */
  readonly canaries?: CanaryReport;
  readonly residency: { readonly status: Status; readonly because: string } | null;
  /** The load that it ran under, once that has ended; absent where it had none. */
  readonly load?: LoadReport;
  readonly overrides: Readonly<Record<string, string>>;
  readonly startedMs: number;
  readonly endedMs: number | null;
  /** When the runner last said so, on the aggregator's clock: a drill that runs says so every second. */
  readonly aliveAtMs?: number;
  /** After a silence of the runner for so long its restorer mends. */
  readonly leaseMs?: number;
  /** Filled in by the aggregator: from when on the drill is no longer believed, as its runner was silent for long. */
  readonly silentFromMs?: number;
  /** When "drill recover" had put back what was still away; absent where nothing was. */
  readonly mendedMs?: number;
};
