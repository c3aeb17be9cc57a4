import type { Clock } from '../../../contract/clock.ts';
import type { KubernetesPlan } from '../../../scenarios/scenario.ts';
import { type WorkloadState, workloadName } from '../../cluster.ts';
import type { Fault } from '../../fault.ts';
import { Trouble } from '../../trouble.ts';
import { arm, inject } from './inject.ts';
import { disarm, remains, restore } from './restore.ts';
import { rehearseSuspensions } from './suspend.ts';
import type { Suspension } from './suspension.ts';
import type { ScaledWorkload, Scaler, ScaleUndo } from './undo.ts';

export type ScaleTarget = {
  readonly drill: string;
  readonly region: string;
  readonly plan: KubernetesPlan;
  /** What has to be suspended meanwhile; only planning asks. */
  readonly suspensions?: readonly Suspension[];
};

/** How far a workload is scaled, and what that is called. `to` refuses, with a `Trouble`, what it cannot do to so many. */
export type Scaling = { readonly fault: ScaleUndo['fault']; readonly to: (original: number, name: string) => number };

/** Takes a region's workloads away, in their declared order, and puts them back in reverse. */
export function scaleToZero(target: ScaleTarget, scaler: Scaler, clock: Clock): Fault<ScaleUndo> {
  return scaled(target, { fault: 'scale-to-zero', to: () => 0 }, scaler, clock);
}

/** Takes some of each workload's replicas away, or all, likewise. */
export function scaled(target: ScaleTarget, how: Scaling, scaler: Scaler, clock: Clock): Fault<ScaleUndo> {
  const { drill, region } = target;
  const { fault } = how;
  return {
    name: `${fault} ${region}`,
    blastRadius: [region],
    async plan(signal) {
      const workloads: ScaledWorkload[] = [];
      for (const workload of target.plan.workloads) {
        workloads.push(planned(await scaler.workload(workload, signal), how, target.plan.context));
      }
      const { context, namespace } = target.plan;
      const { suspensions = [] } = target;
      return { fault, drill, region, context, namespace, workloads, suspensions };
    },
    async rehearse(undo, signal) {
      for (const workload of undo.workloads) {
        await scaler.rehearse(await scaler.workload(workload, signal), workload.injected, signal);
      }
      await rehearseSuspensions(scaler, undo, signal);
    },
    arm: (undo, signal) => arm(scaler, undo, clock, signal),
    inject: (undo, signal) => inject(scaler, undo, clock, signal),
    restore: (undo, signal) => restore(scaler, undo, clock, signal),
    remains: (undo, signal) => remains(scaler, undo, signal),
    disarm: (undo, signal) => disarm(scaler, undo, signal),
  };
}

/** The fault of a record that was kept: all that mending needs. It is never planned again. */
export function scaledAgain(undo: ScaleUndo, scaler: Scaler, clock: Clock): Fault<ScaleUndo> {
  const { fault, drill, region, context, namespace, workloads } = undo;
  return scaled({ drill, region, plan: { context, namespace, workloads } }, { fault, to: () => 0 }, scaler, clock);
}

function planned(at: WorkloadState, { to }: Scaling, context: string): ScaledWorkload {
  const name = `${workloadName(at.workload)} in ${context}`;
  if (at.replicas === 0) {
    throw new Trouble('taken', `${name} has 0 replicas already: there is nothing to take away`);
  }
  const injected = to(at.replicas, name);
  return { kind: at.workload.kind, name: at.workload.name, uid: at.uid, original: at.replicas, injected };
}
