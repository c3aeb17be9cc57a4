/** What a preflight judges by: a workload, and the objects of the cluster that may speak for its replicas. */
import { isObject } from '../../contract/json.ts';
import type { Workload } from '../../scenarios/scenario.ts';
import type { Found, ObjectState } from '../objects.ts';
import { valueAt } from '../objects.ts';

export type WorkloadFacts = {
  readonly workload: Workload;
  readonly namespace: string;
  /** As the API has it, managed fields included. */
  readonly object: ObjectState;
  /** Before the drill, and during it. */
  readonly original: number;
  readonly injected: number;
};

export type OwnerFacts = {
  readonly autoscalers: Found;
  readonly scaledObjects: Found;
  /** Of all namespaces; of Argo CD's own where those may not be listed. */
  readonly applications: Found;
  /** Those that the workloads' labels name. */
  readonly kustomizations: Found;
  readonly helmReleases: Found;
  readonly budgets: Found;
  /** `kube-system/cluster-autoscaler-status`, if it is there. */
  readonly clusterAutoscaler: Found;
  /** One node of Karpenter's, if there is any. */
  readonly karpenterNodes: Found;
};

export function textAt(value: unknown, ...path: string[]): string {
  const found = valueAt(value, path);
  return typeof found === 'string' ? found : '';
}

export function numberAt(value: unknown, ...path: string[]): number | null {
  const found = valueAt(value, path);
  return typeof found === 'number' && Number.isFinite(found) ? found : null;
}

export function listAt(value: unknown, ...path: string[]): readonly unknown[] {
  const found = valueAt(value, path);
  return Array.isArray(found) ? found : [];
}

export function labelOf(object: ObjectState, key: string): string {
  return textAt(object.body, 'metadata', 'labels', key);
}

export function annotationOf(object: ObjectState, key: string): string {
  return textAt(object.body, 'metadata', 'annotations', key);
}

/** Whether a `scaleTargetRef` means the workload. A group that is left out is that of Deployments. */
export function isTarget(ref: unknown, { object }: WorkloadFacts): boolean {
  if (!isObject(ref)) return false;
  const group = (text: string): string => (text.includes('/') ? (text.split('/')[0] ?? '') : '');
  const own = textAt(object.body, 'apiVersion');
  return (
    (textAt(ref, 'kind') || 'Deployment') === textAt(object.body, 'kind') &&
    textAt(ref, 'name') === object.ref.name &&
    group(textAt(ref, 'apiVersion') || 'apps/v1') === group(own)
  );
}

/** Objects that were read; none where they could not be. */
export function objectsIn(found: Found): readonly ObjectState[] {
  return found.status === 'found' ? found.objects : [];
}
