import { isObject } from '../../../contract/json.ts';
import type { Workload } from '../../../scenarios/scenario.ts';
import type { Cluster, WorkloadState } from '../../cluster.ts';
import { isSuspension, type Suspension } from './suspension.ts';

/** All that scale-to-zero needs of a cluster. */
export type Scaler = Pick<
  Cluster,
  'workload' | 'mark' | 'scale' | 'rehearse' | 'object' | 'change' | 'grant' | 'revoke'
>;

/** One workload as it was found. */
export type ScaledWorkload = {
  readonly kind: Workload['kind'];
  readonly name: string;
  readonly uid: string;
  readonly original: number;
  readonly injected: number;
};

/** What mending needs, as JSON: enough without a scenario. */
export type ScaleUndo = {
  readonly fault: 'scale-to-zero' | 'scale-to';
  readonly drill: string;
  readonly region: string;
  readonly context: string;
  readonly namespace: string;
  /** In the order of taking away; mended in reverse. */
  readonly workloads: readonly ScaledWorkload[];
  /** What else would put them back, and is suspended meanwhile. Absent: nothing. */
  readonly suspensions?: readonly Suspension[];
};

/** Who we are to the cluster's field managers. */
export const fieldManager = 'blackstart';

/** Whether the workload is the one that was planned, and not a later one of the same name. */
export function isSame(at: WorkloadState, planned: ScaledWorkload): boolean {
  return at.uid === planned.uid;
}

/** `changed by kubectl-scale`, where the cluster tells. */
export function changedBy(at: WorkloadState): string {
  const other = at.managers.find((manager) => manager !== fieldManager);
  return other === undefined ? 'changed by somebody else' : `changed by ${other}`;
}

/** Field managers that follow load, not people: Kubernetes' own autoscaler is part of its controller manager. */
export function isAutoscaler(manager: string): boolean {
  return manager === 'kube-controller-manager' || /autoscaler|^keda/.test(manager);
}

export function isScaleUndo(value: unknown): value is ScaleUndo {
  return (
    isObject(value) &&
    (value['fault'] === 'scale-to-zero' || value['fault'] === 'scale-to') &&
    ['drill', 'region', 'context', 'namespace'].every((key) => typeof value[key] === 'string') &&
    Array.isArray(value['workloads']) &&
    value['workloads'].every(isScaledWorkload) &&
    (value['suspensions'] === undefined ||
      (Array.isArray(value['suspensions']) && value['suspensions'].every(isSuspension)))
  );
}

function isScaledWorkload(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value['kind'] === 'string' &&
    typeof value['name'] === 'string' &&
    typeof value['uid'] === 'string' &&
    Number.isSafeInteger(value['original']) &&
    Number.isSafeInteger(value['injected'])
  );
}
