/** Keeps each Deployment at its replicas and says in its status how far that is. */
import type { Json, JsonObject } from '../../../contract/json.ts';
import { type Api, newSuffix, nowStamp } from '../call.ts';
import { type KubeObject, listAt, numberAt, textAt } from '../object.ts';
import { deployments, pods } from '../resources.ts';
import { isReady, isTerminating, ownerUid, podBody, templateHash } from './pods.ts';
import { type ControllerWriter, writerAs } from './writer.ts';

export function reconcileDeployments(api: Api): void {
  const write = writerAs(api, 'kube-controller-manager');
  for (const deployment of api.store.list(deployments, null)) {
    scale(api, write, deployment);
    report(api, write, deployment);
  }
}

/** Deployments that are being deleted, or are in a namespace that is, get no new pods: the store refuses them. */
function scale(api: Api, write: ControllerWriter, deployment: KubeObject): void {
  const active = activePods(api, deployment);
  const wanted = isTerminating(deployment) ? 0 : (numberAt(deployment, 'spec', 'replicas') ?? 1);
  const namespace = deployment.metadata.namespace ?? '';
  for (let missing = wanted - active.length; missing > 0; missing -= 1) {
    const name = `${deployment.metadata.name}-${templateHash}-${newSuffix(api.ids)}`;
    if (api.store.get(pods, namespace, name) === undefined) {
      write.create(pods, namespace, podBody(deployment, name, { 'pod-template-hash': templateHash }));
    } else missing += 1;
  }
  for (const pod of leastWanted(active).slice(0, Math.max(0, active.length - wanted))) write.remove(pods, pod, null);
}

/** Those that are not ready go first, then the youngest. */
function leastWanted(active: readonly KubeObject[]): readonly KubeObject[] {
  return [...active].sort((a, b) => Number(isReady(a)) - Number(isReady(b)) || ageOrder(b, a));
}

function ageOrder(a: KubeObject, b: KubeObject): number {
  return a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1;
}

function activePods(api: Api, deployment: KubeObject): readonly KubeObject[] {
  return ownedPods(api, deployment).filter((pod) => !isTerminating(pod));
}

/** All that exist, those that are ending included. */
function ownedPods(api: Api, deployment: KubeObject): readonly KubeObject[] {
  const { namespace, uid } = deployment.metadata;
  return api.store.list(pods, namespace ?? null).filter((pod) => ownerUid(pod) === uid);
}

function report(api: Api, write: ControllerWriter, deployment: KubeObject): void {
  const active = activePods(api, deployment);
  const ready = active.filter(isReady).length;
  const wanted = numberAt(deployment, 'spec', 'replicas') ?? 1;
  const unavailable = Math.max(0, wanted - ready);
  const counts = {
    replicas: active.length,
    updatedReplicas: active.length,
    readyReplicas: ready,
    availableReplicas: ready,
    unavailableReplicas: unavailable,
  };
  write.setStatus(deployments, deployment, {
    observedGeneration: deployment.metadata.generation ?? 1,
    terminatingReplicas: ownedPods(api, deployment).length - active.length,
    // As in the real one, a count of zero is left out.
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    conditions: [
      availability(api, deployment, ready >= wanted - Math.floor(wanted / 4)),
      progress(api, deployment, unavailable === 0),
    ],
  });
}

function availability(api: Api, deployment: KubeObject, isAvailable: boolean): Json {
  return condition(api, deployment, {
    type: 'Available',
    status: isAvailable ? 'True' : 'False',
    reason: isAvailable ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: isAvailable ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
  });
}

function progress(api: Api, deployment: KubeObject, isDone: boolean): Json {
  const replicaSet = `ReplicaSet "${deployment.metadata.name}-${templateHash}"`;
  return condition(api, deployment, {
    type: 'Progressing',
    status: 'True',
    reason: isDone ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated',
    message: isDone ? `${replicaSet} has successfully progressed.` : `${replicaSet} is progressing.`,
  });
}

/** Keeps the times of a condition that says the same as before. */
function condition(
  api: Api,
  deployment: KubeObject,
  now: { readonly type: string; readonly status: string; readonly reason: string; readonly message: string },
): JsonObject {
  const before = listAt(deployment, 'status', 'conditions').find((one) => textAt(one, 'type') === now.type);
  const stamp = nowStamp(api);
  const updated = textAt(before, 'reason') === now.reason ? textAt(before, 'lastUpdateTime') : undefined;
  const changed = textAt(before, 'status') === now.status ? textAt(before, 'lastTransitionTime') : undefined;
  return { ...now, lastUpdateTime: updated ?? stamp, lastTransitionTime: changed ?? stamp };
}
