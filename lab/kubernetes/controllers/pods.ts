/** What a pod of a workload is, as an object and as the lab counts it. */
import type { Json, JsonObject } from '../../../contract/json.ts';
import type { Pod } from '../../pods.ts';
import { at, type KubeObject, listAt, objectAt, textAt, textsAt } from '../object.ts';

export function isReady(pod: KubeObject): boolean {
  return listAt(pod, 'status', 'conditions').some(
    (condition) => textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'True',
  );
}

export function isTerminating(pod: KubeObject): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

export function ownerUid(object: KubeObject): string | undefined {
  const owner = (object.metadata.ownerReferences ?? []).find((reference) => at(reference, 'controller') === true);
  return textAt(owner, 'uid');
}

export function podState(pod: KubeObject): Pod {
  const state = isTerminating(pod) ? 'terminating' : isReady(pod) ? 'ready' : 'starting';
  return { name: pod.metadata.name, address: textAt(pod, 'status', 'podIP') ?? '', state };
}

/** A pod as its workload's template says. */
export function podBody(workload: KubeObject, name: string): JsonObject {
  const owner = {
    apiVersion: workload.apiVersion,
    kind: workload.kind,
    name: workload.metadata.name,
    uid: workload.metadata.uid,
  };
  return {
    metadata: {
      name,
      labels: { ...textsAt(workload, 'spec', 'template', 'metadata', 'labels'), 'pod-template-hash': templateHash },
      annotations: textsAt(workload, 'spec', 'template', 'metadata', 'annotations'),
      ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
    },
    spec: { nodeName: 'lab-0', ...objectAt(workload, 'spec', 'template', 'spec') },
  };
}

/** Templates are never rolled out here, so one will do. */
export const templateHash = '5d8f7c9b64';

/** The status of a pod whose containers run, and are ready or not yet. */
export function podStatus(
  pod: KubeObject,
  now: { readonly ready: boolean; readonly at: string; readonly address: string },
): JsonObject {
  const condition = (type: string, holds: boolean): Json => ({
    type,
    status: holds ? 'True' : 'False',
    lastTransitionTime: now.at,
    ...(holds ? {} : { reason: 'ContainersNotReady' }),
  });
  const containers = listAt(pod, 'spec', 'containers');
  return {
    phase: 'Running',
    conditions: [
      condition('PodScheduled', true),
      condition('Initialized', true),
      condition('ContainersReady', now.ready),
      condition('Ready', now.ready),
    ],
    hostIP: '127.0.0.1',
    podIP: now.address,
    podIPs: [{ ip: now.address }],
    startTime: pod.metadata.creationTimestamp,
    containerStatuses: containers.map((container) => ({
      name: textAt(container, 'name') ?? '',
      image: textAt(container, 'image') ?? '',
      imageID: '',
      ready: now.ready,
      started: true,
      restartCount: 0,
      state: { running: { startedAt: pod.metadata.creationTimestamp } },
    })),
  };
}
