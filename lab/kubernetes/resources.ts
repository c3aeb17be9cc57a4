/** What the API serves: each resource with what sets it apart. Handlers are the same for all. */
import type { Shape } from './shape.ts';
import { shapes } from './shape.ts';

export type Subresource = 'scale' | 'status' | 'token' | 'eviction' | 'finalize';

/** Where in an object its scale is: the paths of the fields. */
export type ScalePaths = {
  readonly replicas: readonly string[];
  readonly status: readonly string[];
  /** To a text; `null` for workloads, whose `spec.selector` is made into one. */
  readonly selector: readonly string[] | null;
};

export type Resource = {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  readonly subresources: readonly Subresource[];
  /** `spec` changes count up `metadata.generation`. */
  readonly generation: boolean;
  /** A PUT to a name that is not there creates it. */
  readonly createOnUpdate: boolean;
  /** A PUT without `metadata.resourceVersion` overwrites. */
  readonly unconditionalUpdate: boolean;
  /** Deleting only marks it; it goes when what it stands for is gone. */
  readonly graceful: boolean;
  /** Can only be created, is answered, and is not kept. */
  readonly review: boolean;
  /** From a CustomResourceDefinition: no strategic merge patch. */
  readonly custom: boolean;
  /** What becomes of dependents when a deletion does not say. */
  readonly orphans: boolean;
  readonly scale: ScalePaths;
  readonly shape: Shape;
};

type Given = Pick<Resource, 'group' | 'version' | 'plural' | 'kind'> & Partial<Resource>;

const workloadScale: ScalePaths = { replicas: ['spec', 'replicas'], status: ['status', 'replicas'], selector: null };

export function resource(given: Given): Resource {
  return {
    singular: given.kind.toLowerCase(),
    shortNames: [],
    namespaced: true,
    subresources: [],
    generation: false,
    createOnUpdate: false,
    unconditionalUpdate: true,
    graceful: false,
    review: false,
    custom: false,
    orphans: false,
    scale: workloadScale,
    shape: shapes[given.kind] ?? 'any',
    ...given,
  };
}

const core = { group: '', version: 'v1' };
const apps = { group: 'apps', version: 'v1', generation: true, subresources: ['scale', 'status'] as const };
const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' };
const authorization = { group: 'authorization.k8s.io', version: 'v1', review: true };

export const namespaces = resource({
  ...core,
  plural: 'namespaces',
  kind: 'Namespace',
  shortNames: ['ns'],
  namespaced: false,
  subresources: ['status', 'finalize'],
});
export const pods = resource({
  ...core,
  plural: 'pods',
  kind: 'Pod',
  shortNames: ['po'],
  subresources: ['status', 'eviction'],
  graceful: true,
});
export const services = resource({ ...core, plural: 'services', kind: 'Service', shortNames: ['svc'] });
export const serviceAccounts = resource({
  ...core,
  plural: 'serviceaccounts',
  kind: 'ServiceAccount',
  shortNames: ['sa'],
  subresources: ['token'],
});
export const secrets = resource({ ...core, plural: 'secrets', kind: 'Secret' });
export const deployments = resource({ ...apps, plural: 'deployments', kind: 'Deployment', shortNames: ['deploy'] });
export const endpointSlices = resource({
  group: 'discovery.k8s.io',
  version: 'v1',
  plural: 'endpointslices',
  kind: 'EndpointSlice',
  generation: true,
});
export const autoscalers = resource({
  group: 'autoscaling',
  version: 'v2',
  plural: 'horizontalpodautoscalers',
  kind: 'HorizontalPodAutoscaler',
  shortNames: ['hpa'],
  subresources: ['status'],
});
export const budgets = resource({
  group: 'policy',
  version: 'v1',
  plural: 'poddisruptionbudgets',
  kind: 'PodDisruptionBudget',
  shortNames: ['pdb'],
  generation: true,
  unconditionalUpdate: false,
  subresources: ['status'],
});
export const roles = resource({ ...rbac, plural: 'roles', kind: 'Role' });
export const roleBindings = resource({ ...rbac, plural: 'rolebindings', kind: 'RoleBinding' });
export const jobs = resource({
  group: 'batch',
  version: 'v1',
  plural: 'jobs',
  kind: 'Job',
  generation: true,
  subresources: ['status'],
  orphans: true,
});
export const definitions = resource({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  shortNames: ['crd', 'crds'],
  namespaced: false,
  generation: true,
  unconditionalUpdate: false,
  subresources: ['status'],
});
export const accessReviews = resource({
  ...authorization,
  plural: 'selfsubjectaccessreviews',
  kind: 'SelfSubjectAccessReview',
  namespaced: false,
});
export const rulesReviews = resource({
  ...authorization,
  plural: 'selfsubjectrulesreviews',
  kind: 'SelfSubjectRulesReview',
  namespaced: false,
});
export const subjectReviews = resource({
  group: 'authentication.k8s.io',
  version: 'v1',
  plural: 'selfsubjectreviews',
  kind: 'SelfSubjectReview',
  namespaced: false,
  review: true,
});

export const resources: readonly Resource[] = [
  namespaces,
  pods,
  services,
  serviceAccounts,
  secrets,
  resource({ ...core, plural: 'configmaps', kind: 'ConfigMap', shortNames: ['cm'] }),
  resource({ ...core, plural: 'events', kind: 'Event', shortNames: ['ev'], createOnUpdate: true }),
  deployments,
  resource({ ...apps, plural: 'replicasets', kind: 'ReplicaSet', shortNames: ['rs'] }),
  resource({ ...apps, plural: 'statefulsets', kind: 'StatefulSet', shortNames: ['sts'] }),
  autoscalers,
  jobs,
  definitions,
  resource({
    group: 'coordination.k8s.io',
    version: 'v1',
    plural: 'leases',
    kind: 'Lease',
    createOnUpdate: true,
    unconditionalUpdate: false,
  }),
  endpointSlices,
  budgets,
  roles,
  roleBindings,
  accessReviews,
  rulesReviews,
  subjectReviews,
];

export function groupVersion(of: { readonly group: string; readonly version: string }): string {
  return of.group === '' ? of.version : `${of.group}/${of.version}`;
}

/** `deployments.apps`, as messages name it. */
export function qualified(of: { readonly group: string; readonly plural: string }): string {
  return of.group === '' ? of.plural : `${of.plural}.${of.group}`;
}
