import type { FaultPlan } from '../../../scenarios/faults.ts';
import type { KubernetesPlan } from '../../../scenarios/scenario.ts';
import { type Cluster, workloadName } from '../../cluster.ts';
import type { Fault, FaultDeps } from '../../fault.ts';
import type { FaultKind } from '../../faults.ts';
import { Trouble } from '../../trouble.ts';
import { type ScaleTarget, scaledAgain, scaleToZero } from './fault.ts';
import { isScaleUndo, type ScaleUndo } from './undo.ts';

type ScalePlan = Extract<FaultPlan, { readonly kind: ScaleUndo['fault'] }>;

/** The row of a kind that scales the region's workloads. */
export function scalingKind<P extends ScalePlan>(
  kind: P['kind'],
  make: (plan: P, target: ScaleTarget, deps: FaultDeps) => Fault<ScaleUndo>,
): FaultKind<P, ScaleUndo> {
  return {
    kind,
    // The restorer was seen alive before anything is scaled.
    undo: 'cluster',
    mortal: async () => null,
    make: (plan, deps) => make(plan, targetOf(plan.region, deps), deps),
    again: (undo, deps) => scaledAgain(undo, clusterOf(undo.region, deps).cluster, deps.clock),
    isUndo: (value): value is ScaleUndo => isScaleUndo(value) && value.fault === kind,
    describe: ({ workloads, context, namespace }) => [
      `${kind === 'scale-to-zero' ? 'scale to zero' : 'scale'}, in ${context}/${namespace}, in this order:`,
      ...workloads.map((one) => `  ${workloadName(one)}: ${one.original} → ${one.injected} → ${one.original}`),
    ],
  };
}

export const scaleToZeroKind = scalingKind<Extract<FaultPlan, { readonly kind: 'scale-to-zero' }>>(
  'scale-to-zero',
  (_plan, target, deps) => scaleToZero(target, clusterOf(target.region, deps).cluster, deps.clock),
);

function targetOf(region: string, deps: FaultDeps): ScaleTarget {
  const { plan } = clusterOf(region, deps);
  return { drill: deps.drill, region, plan, suspensions: deps.suspensions };
}

export function clusterOf(
  region: string,
  { workloads }: FaultDeps,
): { readonly plan: KubernetesPlan; readonly cluster: Cluster } {
  if (workloads !== null) return workloads;
  throw new Trouble('wrong-input', `region ${region} has no "kubernetes" in the scenario`);
}
