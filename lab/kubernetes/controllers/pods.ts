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

export function isOfJob(pod: KubeObject): boolean {
  return (pod.metadata.ownerReferences ?? []).some((owner) => textAt(owner, 'kind') === 'Job');
}

export function podState(pod: KubeObject): Pod {
  const state = isTerminating(pod) ? 'terminating' : isReady(pod) ? 'ready' : 'starting';
  return { name: pod.metadata.name, address: textAt(pod, 'status', 'podIP') ?? '', state };
}

/** A pod as its workload's template says, with the labels that its controller adds. */
export function podBody(workload: KubeObject, name: string, more: Readonly<Record<string, string>>): JsonObject {
  const owner = {
    apiVersion: workload.apiVersion,
    kind: workload.kind,
    name: workload.metadata.name,
    uid: workload.metadata.uid,
  };
  return {
    metadata: {
      name,
      labels: { ...textsAt(workload, 'spec', 'template', 'metadata', 'labels'), ...more },
      annotations: textsAt(workload, 'spec', 'template', 'metadata', 'annotations'),
      ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
    },
    spec: { nodeName: 'lab-0', ...objectAt(workload, 'spec', 'template', 'spec') },
  };
}

/** Templates are never rolled out here, so one will do. */
export const templateHash = '5d8f7c9b64';

/** How far a pod's container is; `code` is how it ended last. */
export type ContainerState = {
  readonly restarts: number;
  readonly phase: 'starting' | 'running' | 'waiting' | 'succeeded' | 'failed';
  readonly code?: number;
  /** What keeps it from being started at all. */
  readonly unmade?: string;
};

const phases: Readonly<Record<ContainerState['phase'], string>> = {
  starting: 'Running',
  running: 'Running',
  waiting: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
};

/** The status of a pod. One that is `starting` runs, and is not ready yet. */
export function podStatus(
  pod: KubeObject,
  now: ContainerState & { readonly at: string; readonly address: string },
): JsonObject {
  const ready = now.phase === 'running';
  const reason = now.phase === 'succeeded' ? 'PodCompleted' : 'ContainersNotReady';
  const condition = (type: string, holds: boolean): Json => ({
    type,
    status: holds ? 'True' : 'False',
    lastTransitionTime: now.at,
    ...(holds ? {} : { reason }),
  });
  const containers = listAt(pod, 'spec', 'containers');
  return {
    phase: phases[now.phase],
    conditions: [
      condition('PodScheduled', true),
      condition('Initialized', true),
      condition('ContainersReady', ready),
      condition('Ready', ready),
    ],
    hostIP: '127.0.0.1',
    podIP: now.address,
    podIPs: [{ ip: now.address }],
    startTime: pod.metadata.creationTimestamp,
    containerStatuses: containers.map((container) => ({
      name: textAt(container, 'name') ?? '',
      image: textAt(container, 'image') ?? '',
      imageID: '',
      ready,
      started: now.phase === 'starting' || ready,
      restartCount: now.restarts,
      state: containerState(pod, now),
    })),
  };
}

function containerState(pod: KubeObject, now: ContainerState & { readonly at: string }): JsonObject {
  const startedAt = pod.metadata.creationTimestamp;
  const code = now.code ?? 0;
  const terminated = { exitCode: code, reason: code === 0 ? 'Completed' : 'Error', startedAt, finishedAt: now.at };
  switch (now.phase) {
    case 'starting':
    case 'running':
      return { running: { startedAt } };
    case 'waiting':
      if (now.unmade !== undefined) return { waiting: { reason: 'CreateContainerConfigError', message: now.unmade } };
      return { waiting: { reason: 'CrashLoopBackOff', message: `it ended with exit code ${code}` } };
    case 'succeeded':
    case 'failed':
      return { terminated };
  }
}
