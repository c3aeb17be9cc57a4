/** Owners of replicas as a cluster has them, and what a drill has to make of each. */
import type { Owner, Will } from '../../../chaos/preflight/finding.ts';
import type { Suspendable } from '../../../scenarios/scenario.ts';

export type Field = { readonly path: readonly string[]; readonly before: unknown; readonly during: unknown };

export type OwnerRow = {
  readonly claim: string;
  readonly owner: Owner;
  /** Collection and body of the owner of Deployment `name`, which is in `home`; `away` is another namespace. */
  made(name: string, places: Places): { readonly path: string; readonly body: object };
  /** What the Deployment says of its owner. */
  readonly metadata?: (name: string, places: Places) => object;
  /** Who applied its replicas, where that was by the server. */
  readonly applied?: string;
  readonly will: Will;
  /** `null`: a drill cannot suspend it. */
  readonly suspends: (Field & { readonly by: Suspendable; readonly on: 'owner' | 'workload' }) | null;
};

export type Places = { readonly home: string; readonly away: string };

const target = (name: string) => ({ apiVersion: 'apps/v1', kind: 'Deployment', name });
const annotation = (key: string): readonly string[] => ['metadata', 'annotations', key];

export const ownerRows: readonly OwnerRow[] = [
  {
    claim: 'a HorizontalPodAutoscaler is read, and leaves zero alone',
    owner: 'hpa',
    made: (name, { home }) => ({
      path: `/apis/autoscaling/v2/namespaces/${home}/horizontalpodautoscalers`,
      body: {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name },
        spec: { scaleTargetRef: target(name), minReplicas: 2, maxReplicas: 4 },
      },
    }),
    will: 'leave',
    suspends: null,
  },
  {
    claim: 'a PodDisruptionBudget is read by its selector, and is against it',
    owner: 'disruption-budget',
    made: (name, { home }) => ({
      path: `/apis/policy/v1/namespaces/${home}/poddisruptionbudgets`,
      body: {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name },
        spec: { minAvailable: 1, selector: { matchLabels: { app: name } } },
      },
    }),
    will: 'forbid',
    suspends: null,
  },
  {
    claim: 'a ScaledObject of KEDA is paused by an annotation, and has none when it goes on',
    owner: 'keda',
    made: (name, { home }) => ({
      path: `/apis/keda.sh/v1alpha1/namespaces/${home}/scaledobjects`,
      body: {
        apiVersion: 'keda.sh/v1alpha1',
        kind: 'ScaledObject',
        metadata: { name },
        spec: { scaleTargetRef: { name }, minReplicaCount: 1, triggers: [{ type: 'cron' }] },
      },
    }),
    will: 'undo',
    suspends: {
      by: 'keda',
      on: 'owner',
      path: annotation('autoscaling.keda.sh/paused'),
      before: undefined,
      during: 'true',
    },
  },
  {
    claim: 'an Application of Argo CD in another namespace is passed over, and gets back what its annotation said',
    owner: 'argo-cd',
    made: (name, { away }) => ({
      path: `/apis/argoproj.io/v1alpha1/namespaces/${away}/applications`,
      body: {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Application',
        metadata: { name, annotations: { 'argocd.argoproj.io/skip-reconcile': 'false' } },
        spec: { syncPolicy: { automated: { selfHeal: true } } },
      },
    }),
    metadata: (name, { home }) => ({
      annotations: { 'argocd.argoproj.io/tracking-id': `${name}:apps/Deployment:${home}/${name}` },
    }),
    will: 'undo',
    suspends: {
      by: 'argo-cd',
      on: 'owner',
      path: annotation('argocd.argoproj.io/skip-reconcile'),
      before: 'false',
      during: 'true',
    },
  },
  {
    claim: 'a Kustomization of Flux goes on, and passes over the workload alone',
    owner: 'flux',
    made: (name, { away }) => ({
      path: `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${away}/kustomizations`,
      body: {
        apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
        kind: 'Kustomization',
        metadata: { name },
        spec: { interval: '10m', prune: true },
      },
    }),
    metadata: (name, { away }) => ({
      labels: { 'kustomize.toolkit.fluxcd.io/name': name, 'kustomize.toolkit.fluxcd.io/namespace': away },
    }),
    applied: 'kustomize-controller',
    will: 'undo',
    suspends: {
      by: 'flux',
      on: 'workload',
      path: annotation('kustomize.toolkit.fluxcd.io/reconcile'),
      before: undefined,
      during: 'disabled',
    },
  },
  {
    claim: 'a HelmRelease of Flux that corrects drift is suspended, and goes on without the field',
    owner: 'flux',
    made: (name, { home }) => ({
      path: `/apis/helm.toolkit.fluxcd.io/v2/namespaces/${home}/helmreleases`,
      body: {
        apiVersion: 'helm.toolkit.fluxcd.io/v2',
        kind: 'HelmRelease',
        metadata: { name },
        spec: { interval: '5m', driftDetection: { mode: 'enabled' } },
      },
    }),
    metadata: (name, { home }) => ({
      labels: { 'helm.toolkit.fluxcd.io/name': name, 'helm.toolkit.fluxcd.io/namespace': home },
    }),
    will: 'undo',
    suspends: { by: 'flux', on: 'owner', path: ['spec', 'suspend'], before: undefined, during: true },
  },
];
