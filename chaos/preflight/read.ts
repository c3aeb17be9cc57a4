/** Reads who else owns replicas. What a cluster does not serve is none; what we may not read is said to be unread. */
import type { Workload } from '../../scenarios/scenario.ts';
import type { Cluster } from '../cluster.ts';
import type { Found, Listed, ObjectRef, ObjectState, Objects } from '../objects.ts';
import { sentenceOf, Trouble } from '../trouble.ts';
import { numberAt, type OwnerFacts, type WorkloadFacts } from './facts.ts';
import { fluxOwner } from './flux.ts';

export type PreflightCluster = Pick<Objects, 'whole' | 'object' | 'objects'> & Pick<Cluster, 'namespace' | 'workload'>;

const argoNamespace = 'argocd';

export async function readWorkloads(
  cluster: PreflightCluster,
  workloads: readonly Workload[],
  signal: AbortSignal,
): Promise<readonly WorkloadFacts[]> {
  return Promise.all(
    workloads.map(async (workload) => {
      const object = await cluster.whole(workload, signal);
      const inSpec = numberAt(object.body, 'spec', 'replicas');
      const original = inSpec ?? (await cluster.workload(workload, signal)).replicas;
      return { workload, namespace: cluster.namespace, object, original, injected: 0 };
    }),
  );
}

export async function readOwners(
  cluster: PreflightCluster,
  workloads: readonly WorkloadFacts[],
  signal: AbortSignal,
): Promise<OwnerFacts> {
  const { namespace } = cluster;
  const here = (group: string, resource: string): Promise<Found> =>
    cluster.objects({ group, resource, namespace }, signal);
  const named = (group: 'kustomize.toolkit.fluxcd.io' | 'helm.toolkit.fluxcd.io'): Promise<Found> =>
    each(
      cluster,
      workloads.flatMap(({ object }) => fluxOwner(object, group) ?? []),
      signal,
    );
  const status = { group: '', resource: 'configmaps', namespace: 'kube-system', name: 'cluster-autoscaler-status' };
  const karpenter: Listed = { group: '', resource: 'nodes', namespace: null, label: 'karpenter.sh/nodepool', limit: 1 };
  const [autoscalers, scaledObjects, applications, kustomizations, helmReleases, budgets, clusterAutoscaler, nodes] =
    await Promise.all([
      here('autoscaling', 'horizontalpodautoscalers'),
      here('keda.sh', 'scaledobjects'),
      readApplications(cluster, signal),
      named('kustomize.toolkit.fluxcd.io'),
      named('helm.toolkit.fluxcd.io'),
      here('policy', 'poddisruptionbudgets'),
      each(cluster, [status], signal),
      cluster.objects(karpenter, signal),
    ]);
  return {
    autoscalers,
    scaledObjects,
    applications,
    kustomizations,
    helmReleases,
    budgets,
    clusterAutoscaler,
    karpenterNodes: nodes,
  };
}

/** Of all namespaces; who may not list those may still see Argo CD's own. */
async function readApplications(cluster: PreflightCluster, signal: AbortSignal): Promise<Found> {
  const applications = { group: 'argoproj.io', resource: 'applications' };
  const everywhere = await cluster.objects({ ...applications, namespace: null }, signal);
  if (everywhere.status !== 'forbidden') return everywhere;
  const own = await cluster.objects({ ...applications, namespace: argoNamespace }, signal);
  return own.status === 'found' ? own : everywhere;
}

async function each(cluster: PreflightCluster, refs: readonly ObjectRef[], signal: AbortSignal): Promise<Found> {
  const objects: ObjectState[] = [];
  try {
    for (const ref of refs) {
      const object = await cluster.object(ref, signal);
      if (object !== null) objects.push(object);
    }
    return { status: 'found', objects };
  } catch (error) {
    if (!(error instanceof Trouble && error.kind === 'forbidden')) throw error;
    return { status: 'forbidden', because: sentenceOf(error) };
  }
}
