/** All that a drill may have touched or left in a namespace, as text that can be compared with what was there before. */
import type { Body, Client } from '../../conformance/kubernetes/client.ts';
import { read } from './objects.ts';

export type Remains = Readonly<Record<string, readonly string[]>>;

const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/*';
const kinds: Readonly<Record<string, string>> = {
  deployments: '/apis/apps/v1/namespaces/*/deployments',
  statefulsets: '/apis/apps/v1/namespaces/*/statefulsets',
  leases: '/apis/coordination.k8s.io/v1/namespaces/*/leases',
  jobs: '/apis/batch/v1/namespaces/*/jobs',
  'pods of jobs': '/api/v1/namespaces/*/pods?labelSelector=batch.kubernetes.io%2Fjob-name',
  serviceaccounts: '/api/v1/namespaces/*/serviceaccounts',
  roles: `${rbac}/roles`,
  rolebindings: `${rbac}/rolebindings`,
};

/** Every object by kind: its name, its replicas, wanted and ready, and its annotations and labels. */
export async function remainsIn(client: Client, namespace: string): Promise<Remains> {
  const found = Object.entries(kinds).map(async ([kind, path]) => {
    const { items } = await read(client, path.replace('*', namespace));
    return [kind, items.map(described).toSorted()] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

function described({ metadata, spec, status }: Body): string {
  const { name, annotations = {}, labels = {} } = metadata;
  const replicas = spec?.replicas === undefined ? {} : { wanted: spec.replicas, ready: status?.readyReplicas ?? 0 };
  return JSON.stringify({ name, ...replicas, annotations: sorted(annotations), labels: sorted(labels) });
}

function sorted(texts: Readonly<Record<string, string>>): object {
  return Object.fromEntries(Object.entries(texts).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The replicas that each workload is to have: what must come back even if nobody sweeps. */
export async function wantedIn(client: Client, namespace: string): Promise<string> {
  const lists = await Promise.all(
    ['deployments', 'statefulsets'].map((kind) => read(client, `/apis/apps/v1/namespaces/${namespace}/${kind}`)),
  );
  const workloads: readonly Body[] = lists.flatMap(({ items }) => items);
  return JSON.stringify(workloads.map(({ metadata, spec }) => [metadata.name, spec.replicas]));
}
