import type { RuleName } from '../../contract/guard.ts';
import type { Allowance, EntryExpectation, Suspendable, Workload } from '../../scenarios/scenario.ts';
import type { Credential, Right } from '../cluster.ts';
import type { Finding } from '../preflight/finding.ts';

/** How something was seen by the fleet lately. */
export type SubjectHealth = {
  readonly kind: 'entry' | 'region';
  readonly name: string;
  /** The newest rounds, newest first: whether most vantages found it well. Fewer when fewer are known. */
  readonly rounds: readonly boolean[];
  /** One reason of a bad result in them. */
  readonly because: string | null;
};

/** All that the guard decides by: read once, just before. */
export type GuardFacts = {
  readonly region: string;
  readonly context: string;
  readonly workloads: readonly Workload[];
  readonly expect: readonly EntryExpectation[];
  readonly allow: Allowance;
  readonly subjects: readonly SubjectHealth[];
  readonly vantages: readonly { readonly name: string; readonly healthy: boolean }[];
  /** Sentences on other drills that are not over, or that cannot be excluded. */
  readonly openDrills: readonly string[];
  readonly rights: readonly { readonly right: Right; readonly allowed: boolean; readonly because: string }[];
  /** Share in percent and replicas of each region; `null` where they could not be read. */
  readonly capacity: Readonly<Record<string, { readonly share: number; readonly replicas: number | null }>>;
  /** What the wall clock says here. */
  readonly wallMs: number;
  /** Of the objectives that the drill touches. */
  readonly budgets: readonly BudgetFacts[];
  /** What this process shows to the cluster, and how long it must be good for: the deadline, and restoring after it. */
  readonly credentials: readonly Credential[];
  readonly neededForMs: number;
  /** What people wrote on the workloads to keep drills away (`blackstart.dev/stop`), a sentence each. */
  readonly forbidden: readonly string[];
  /** Who else owns the replicas, and what they will do. */
  readonly owners: readonly Finding[];
  /** Why the undo could die with this machine, in a sentence; `null` when it cannot. */
  readonly mortal: string | null;
  /** Whom the drill may suspend. */
  readonly suspend: readonly Suspendable[];
};

/** An objective's error budget, as time in which everything fails. */
export type BudgetFacts = {
  readonly objective: string;
  readonly target: number;
  readonly windowMs: number;
  readonly allowedMs: number;
  /** Outside of drills, at least. */
  readonly spentMs: number;
  /** Whether what drills take counts. */
  readonly charged: boolean;
  /** What drills have taken in the window. */
  readonly inDrillsMs: number;
  /** What this drill is expected to take, most of the times. */
  readonly forecastMs: number;
};

/** `undefined`: no objection. */
export type Objection = Pick<Refusal, 'because' | 'remedy'>;

export type Refusal = {
  /** Its place on the ladder, from 1. */
  readonly number: number;
  readonly rule: RuleName;
  readonly because: string;
  /** What would change it. */
  readonly remedy: string;
};
