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

/** Takes a region's workloads away, in their declared order, and puts them back in reverse. */
export function scaleToZero(target: ScaleTarget, scaler: Scaler, clock: Clock): Fault<ScaleUndo> {
  const { drill, region } = target;
  return {
    name: `scale-to-zero ${region}`,
    blastRadius: [region],
    async plan(signal) {
      const workloads: ScaledWorkload[] = [];
      for (const workload of target.plan.workloads) {
        workloads.push(planned(await scaler.workload(workload, signal), target.plan.context));
      }
      const { context, namespace } = target.plan;
      const { suspensions = [] } = target;
      return { fault: 'scale-to-zero', drill, region, context, namespace, workloads, suspensions };
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

function planned(at: WorkloadState, context: string): ScaledWorkload {
  if (at.replicas === 0) {
    throw new Trouble(
      'taken',
      `${workloadName(at.workload)} in ${context} has 0 replicas already: there is nothing to take away`,
    );
  }
  return { kind: at.workload.kind, name: at.workload.name, uid: at.uid, original: at.replicas, injected: 0 };
}
