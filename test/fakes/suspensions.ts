/** What would undo a drill in a fake cluster, and how it is suspended. */
import type { Suspension } from '../../chaos/faults/scale-to-zero.ts';
import type { Json } from '../../contract/json.ts';
import type { FakeCluster } from './cluster.ts';

/** A ScaledObject beside the workload. */
export const paused: Suspension = {
  owner: 'keda',
  group: 'keda.sh',
  resource: 'scaledobjects',
  kind: 'ScaledObject',
  namespace: 'default',
  name: 'agent-api',
  uid: 'uid-scaledobjects.keda.sh/agent-api',
  path: ['metadata', 'annotations', 'autoscaling.keda.sh/paused'],
  before: null,
  during: 'true',
};

/** An Application in a namespace of its own. */
export const skipped: Suspension = {
  owner: 'argo-cd',
  group: 'argoproj.io',
  resource: 'applications',
  kind: 'Application',
  namespace: 'argocd',
  name: 'agent',
  uid: 'uid-applications.argoproj.io/agent',
  path: ['metadata', 'annotations', 'argocd.argoproj.io/skip-reconcile'],
  before: 'false',
  during: 'true',
};

/** The workload itself, as Flux has it. */
export const disabled: Suspension = {
  owner: 'flux',
  group: 'apps',
  resource: 'deployments',
  kind: 'Deployment',
  namespace: 'default',
  name: 'agent-api',
  uid: 'uid-deployment/agent-api',
  path: ['metadata', 'annotations', 'kustomize.toolkit.fluxcd.io/reconcile'],
  before: null,
  during: 'disabled',
};

export const suspending: readonly Suspension[] = [paused, skipped, disabled];

export function reconciling({ objects }: FakeCluster): void {
  objects.put('scaledobjects.keda.sh', {
    kind: 'ScaledObject',
    metadata: { name: 'agent-api', namespace: 'default', annotations: {} },
    spec: { scaleTargetRef: { name: 'agent-api' } },
  });
  objects.put('applications.argoproj.io', {
    kind: 'Application',
    metadata: { name: 'agent', namespace: 'argocd', annotations: { 'argocd.argoproj.io/skip-reconcile': 'false' } },
  });
}

/** Empty where there are none: what is taken away leaves nothing behind. */
export function annotationsIn(body: { readonly [key: string]: unknown } | undefined): Json {
  const metadata = body?.['metadata'] as { readonly annotations?: Json } | undefined;
  return metadata?.annotations ?? {};
}
