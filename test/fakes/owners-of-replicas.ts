/** Objects that own replicas, as clusters have them. */

import type { Found, ObjectState } from '../../chaos/objects.ts';
import type { OwnerFacts, WorkloadFacts } from '../../chaos/preflight/facts.ts';

type Body = { readonly [key: string]: unknown };

export function objectOf(resource: string, body: Body): ObjectState {
  const [plural = '', ...group] = resource.split('.');
  const { name, namespace } = body['metadata'] as { readonly name: string; readonly namespace?: string };
  const ref = { group: group.join('.'), resource: plural, namespace: namespace ?? null, name };
  return { ref, uid: `uid-${plural}-${name}`, version: '7', body };
}

export function foundOf(...objects: readonly ObjectState[]): Found {
  return { status: 'found', objects };
}

const none: Found = { status: 'not-served' };
export const noOwners: OwnerFacts = {
  autoscalers: foundOf(),
  scaledObjects: none,
  applications: none,
  kustomizations: none,
  helmReleases: none,
  budgets: foundOf(),
  clusterAutoscaler: foundOf(),
  karpenterNodes: foundOf(),
};

/** A Deployment of ten, made with kubectl; `more` is merged into its metadata. */
export function workloadFacts(more: Body = {}, original = 10): WorkloadFacts {
  const metadata = {
    name: 'agent-api',
    namespace: 'shop',
    managedFields: [
      {
        manager: 'kubectl-client-side-apply',
        operation: 'Update',
        apiVersion: 'apps/v1',
        time: '2026-11-01T09:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:spec': { 'f:replicas': {}, 'f:template': {} } },
      },
    ],
    ...more,
  };
  const labels = { app: 'agent-api', tier: 'front' };
  const body = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { replicas: original, selector: { matchLabels: { app: 'agent-api' } }, template: { metadata: { labels } } },
  };
  return {
    workload: { kind: 'deployment', name: 'agent-api' },
    namespace: 'shop',
    object: objectOf('deployments.apps', body),
    original,
    injected: 0,
  };
}

const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'agent-api' };

export function autoscaler(spec: Body = {}, metadata: Body = {}): ObjectState {
  const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } };
  return objectOf('horizontalpodautoscalers.autoscaling', {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'agent-api', namespace: 'shop', ...metadata },
    spec: { scaleTargetRef: target, minReplicas: 4, maxReplicas: 20, metrics: [cpu], ...spec },
  });
}

export function scaledObject(spec: Body = {}, annotations: Body = {}): ObjectState {
  return objectOf('scaledobjects.keda.sh', {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: 'agent-api', namespace: 'shop', annotations },
    spec: {
      scaleTargetRef: { name: 'agent-api' },
      minReplicaCount: 2,
      maxReplicaCount: 20,
      triggers: [{ type: 'prometheus', metadata: { serverAddress: 'http://prometheus:9090', threshold: '100' } }],
      ...spec,
    },
  });
}

export const trackingId = 'agent:apps/Deployment:shop/agent-api';

export function application(spec: Body = {}, metadata: Body = {}): ObjectState {
  return objectOf('applications.argoproj.io', {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'agent', namespace: 'argocd', ...metadata },
    spec: {
      project: 'default',
      destination: { server: 'https://kubernetes.default.svc', namespace: 'shop' },
      syncPolicy: { automated: { prune: true, selfHeal: true } },
      ...spec,
    },
    status: {
      sync: { status: 'Synced' },
      resources: [{ group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'shop', name: 'agent-api' }],
    },
  });
}

export const kustomizationLabels = {
  'kustomize.toolkit.fluxcd.io/name': 'apps',
  'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
};

export const appliedByFlux = {
  labels: kustomizationLabels,
  managedFields: [
    {
      manager: 'kustomize-controller',
      operation: 'Apply',
      apiVersion: 'apps/v1',
      time: '2026-11-01T09:00:00Z',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:replicas': {} } },
    },
  ],
};

export function kustomization(spec: Body = {}): ObjectState {
  return objectOf('kustomizations.kustomize.toolkit.fluxcd.io', {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'apps', namespace: 'flux-system' },
    spec: { interval: '10m0s', path: './apps', prune: true, ...spec },
  });
}

export const helmLabels = {
  'helm.toolkit.fluxcd.io/name': 'agent',
  'helm.toolkit.fluxcd.io/namespace': 'shop',
};

export function helmRelease(spec: Body = {}): ObjectState {
  return objectOf('helmreleases.helm.toolkit.fluxcd.io', {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: 'agent', namespace: 'shop' },
    spec: { interval: '5m', driftDetection: { mode: 'enabled' }, ...spec },
  });
}

export function budget(spec: Body): ObjectState {
  return objectOf('poddisruptionbudgets.policy', {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'agent-api', namespace: 'shop' },
    spec: { selector: { matchLabels: { app: 'agent-api' } }, ...spec },
  });
}
