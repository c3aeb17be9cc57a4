/** Every kind of fault: one row each. A kind that a scenario can ask for and that has no row does not compile. */
import { isObject } from '../contract/json.ts';
import type { FaultName, FaultPlan, PlanOf } from '../scenarios/faults.ts';
import type { Fault, FaultDeps } from './fault.ts';
import { type EcsUndo, ecsServiceKind } from './faults/ecs-service.ts';
import { edgeKind } from './faults/edge.ts';
import { healthRouteKind } from './faults/health-route.ts';
import { nameServerKind } from './faults/name-server.ts';
import { partitionKind } from './faults/partition.ts';
import { type RecordsUndo, recordsKind } from './faults/records.ts';
import { scaleToKind } from './faults/scale-to.ts';
import { isScaleUndo, type ScaleUndo, scaleToZeroKind } from './faults/scale-to-zero.ts';
import type { SwitchUndo } from './faults/switched/undo.ts';

/** What each kind needs for mending, as JSON and without a secret. All of them name `fault`, `drill` and `region`. */
type Undos = {
  'scale-to-zero': ScaleUndo;
  'scale-to': ScaleUndo;
  records: RecordsUndo;
  'ecs-service': EcsUndo;
  'health-route': SwitchUndo;
  edge: SwitchUndo;
  partition: SwitchUndo;
  'name-server': SwitchUndo;
};

/** The undo record of a drill, of whatever kind. */
export type AnyUndo = Undos[FaultName];

export type FaultKind<P extends FaultPlan, Undo extends AnyUndo> = {
  readonly kind: P['kind'];
  /**
   * Who mends when this machine is gone: the restorer in the region's cluster, the target itself once our lease on it ends,
   * or a one-shot schedule in the account.
   */
  readonly undo: 'cluster' | 'switchboard' | 'account';
  make(plan: P, deps: FaultDeps): Fault<Undo>;
  /** The fault of a record that was kept: all that mending needs. */
  again(undo: Undo, deps: FaultDeps): Fault<Undo>;
  isUndo(value: unknown): value is Undo;
  /** What `drill plan` says would be done, a line each. */
  describe(undo: Undo): readonly string[];
  /** Why the undo could die with this machine, in a sentence; `null` when it cannot. Reads only. */
  mortal(plan: P, deps: FaultDeps, signal: AbortSignal): Promise<string | null>;
};

const kinds: { readonly [K in FaultName]: FaultKind<PlanOf<K>, Undos[K]> } = {
  'scale-to-zero': scaleToZeroKind,
  'scale-to': scaleToKind,
  records: recordsKind,
  'ecs-service': ecsServiceKind,
  'health-route': healthRouteKind,
  edge: edgeKind,
  partition: partitionKind,
  'name-server': nameServerKind,
};

/** Rows as they are looked up: a plan or a record of one kind is only ever given to that kind's row. */
type AnyKind = FaultKind<FaultPlan, AnyUndo>;

export const faultNames = Object.keys(kinds) as readonly FaultName[];

export function kindOf(kind: FaultName): AnyKind {
  return kinds[kind] as unknown as AnyKind;
}

export function faultOf(plan: FaultPlan, deps: FaultDeps): Fault<AnyUndo> {
  return kindOf(plan.kind).make(plan, deps);
}

/** The fault that an undo record is of. */
export function faultAgain(undo: AnyUndo, deps: FaultDeps): Fault<AnyUndo> {
  return kindOf(undo.fault).again(undo, deps);
}

/** Whether this version can mend by it. */
export function isUndo(value: unknown): value is AnyUndo {
  if (!isObject(value)) return false;
  const name = faultNames.find((kind) => kind === value['fault']);
  return name !== undefined && kindOf(name).isUndo(value);
}

/** The workloads that a drill takes away; `null` where its fault is elsewhere. */
export function scaleUndoIn(undo: AnyUndo): ScaleUndo | null {
  return isScaleUndo(undo) ? undo : null;
}
