import type { Bounds } from '../contract/bounds.ts';
import type { Clock } from '../contract/clock.ts';
import type { Verified } from '../contract/drill.ts';
import type { Json } from '../contract/json.ts';
import type { KubernetesPlan, RegionPlan, ZonePlan } from '../scenarios/scenario.ts';
import type { Account } from './account.ts';
import type { Cluster } from './cluster.ts';
import type { Suspension } from './faults/scale-to-zero/suspension.ts';
import type { Switchboard } from './switchboard.ts';

/**
 * Something we break on purpose and can always mend. The runner journals what `plan` returns before it calls `arm`,
 * and calls `arm` before `inject`. Once `inject` was called, `restore` is, whatever happens in between.
 */
export type Fault<Undo extends Json = Json> = {
  /** `scale-to-zero us-east-1`. */
  readonly name: string;
  readonly blastRadius: readonly string[];
  /** What mending will need. Reads only; refuses what could not be mended. */
  plan(signal: AbortSignal): Promise<Undo>;
  /** The injection as the target would judge it, without effect. */
  rehearse(undo: Undo, signal: AbortSignal): Promise<void>;
  /** Puts the undo record into the target itself. Changes nothing else. */
  arm(undo: Undo, signal: AbortSignal): Promise<void>;
  /** Resolves to when the change began: call sent, first answer that shows it. Rejects when it is cut short. */
  inject(undo: Undo, signal: AbortSignal): Promise<Bounds>;
  /**
   * Idempotent; safe after an injection that failed half-way or never began. Resolves to when the first change was
   * made, `null` when there was none to make.
   */
  restore(undo: Undo, signal: AbortSignal): Promise<Bounds | null>;
  /** What is not as it was. Reads only. */
  remains(undo: Undo, signal: AbortSignal): Promise<Remains>;
  /** Takes the undo record out of the target, once all is mended. */
  disarm(undo: Undo, signal: AbortSignal): Promise<void>;
  /**
   * Says to the target that we are still there, where it would end the fault by itself: called several times in `leaseMs`
   * from `inject` on until `restore`. Resolves to why it has ended by itself; `null` while it holds. Absent: nothing in the
   * target waits for us.
   */
  renew?(undo: Undo, signal: AbortSignal): Promise<string | null>;
};

export type Remains = {
  /** Each sentence keeps a drill from being called restored. */
  readonly left: readonly string[];
  /** Changed by somebody else, and not for the worse. */
  readonly notes: readonly string[];
  /** Everything that was looked at, as it was found. */
  readonly verified: readonly Verified[];
  /** So many replicas an autoscaler has taken away after a good restore: their endpoints are not missing. */
  readonly lowered: number;
};

/** What a fault of any kind is made with; each takes of it what it needs. */
export type FaultDeps = {
  readonly drill: string;
  readonly clock: Clock;
  /** The region's workloads, and their cluster as one may write to it who holds the drill's Lease; `null`: it has none. */
  readonly workloads: { readonly plan: KubernetesPlan; readonly cluster: Cluster } | null;
  /** Who else owns replicas, and is to be suspended meanwhile; only planning asks. */
  readonly suspensions: readonly Suspension[];
  /**
   * For all that is written elsewhere than in that cluster: resolves while the drill's Lease is this process's, and
   * rejects when it is another's. To be called before each write.
   */
  readonly ensure: (signal: AbortSignal) => Promise<void>;
  /** Of a region; `null`: the scenario names none. */
  readonly switchboard: (region: string) => Switchboard | null;
  /** What is not renewed for so long is taken to be a dead runner's. */
  readonly leaseMs: number;
  /** The cloud account; absent: none is reached. */
  readonly account?: Account;
  /** What the scenario says of it; absent for whoever only mends. */
  readonly cloud?: CloudPlan;
};

/** What faults in a cloud account are planned from. */
export type CloudPlan = {
  readonly zone: ZonePlan | null;
  readonly aws: NonNullable<RegionPlan['aws']> | null;
  /** Entry names of the drill. */
  readonly names: readonly string[];
  /** Hosts of the region's endpoint, and of the first region that may take over; `null`: none may. */
  readonly from: string;
  readonly to: string | null;
};
