import { isObject } from '../../../contract/json.ts';
import type { Workload } from '../../../scenarios/scenario.ts';
import type { Cluster, WorkloadState } from '../../cluster.ts';

/** All that scale-to-zero needs of a cluster. */
export type Scaler = Pick<Cluster, 'workload' | 'mark' | 'scale' | 'rehearse'>;

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
  readonly fault: 'scale-to-zero';
  readonly drill: string;
  readonly region: string;
  readonly context: string;
  readonly namespace: string;
  /** In the order of taking away; mended in reverse. */
  readonly workloads: readonly ScaledWorkload[];
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

export function isScaleUndo(value: unknown): value is ScaleUndo {
  return (
    isObject(value) &&
    value['fault'] === 'scale-to-zero' &&
    ['drill', 'region', 'context', 'namespace'].every((key) => typeof value[key] === 'string') &&
    Array.isArray(value['workloads']) &&
    value['workloads'].every(isScaledWorkload)
  );
}

function isScaledWorkload(value: unknown): boolean {
  return (
    isObject(value) &&
    (value['kind'] === 'deployment' || value['kind'] === 'statefulset') &&
    typeof value['name'] === 'string' &&
    typeof value['uid'] === 'string' &&
    Number.isSafeInteger(value['original']) &&
    Number.isSafeInteger(value['injected'])
  );
}
