/** Keeps each Job at its pods until enough of them have succeeded, or too many have failed; then says so, for good. */
import type { Cancel } from '../../../contract/clock.ts';
import { type Api, newSuffix } from '../call.ts';
import { type KubeObject, listAt, numberAt, textAt } from '../object.ts';
import { jobs, pods, serviceAccounts } from '../resources.ts';
import { type JobCounts, jobStatus, outcomeOf } from './job-status.ts';
import { isOfJob, isReady, isTerminating, ownerUid, podBody } from './pods.ts';
import { writerAs } from './writer.ts';

export type JobController = { reconcile(): void; stop(): void };

type Kept = {
  /** Pods that failed, or were deleted before they succeeded: by their uids, each counts once. */
  readonly failed: Set<string>;
  readonly succeeded: Set<string>;
  /** Until when no pod is made in the place of one that failed. */
  notBeforeMs: number;
  retry: Cancel | null;
  expiry: Cancel | null;
};

const mostTimesLonger = 60;

/** After a failure the next pod comes `retryMs` later, then after twice as long each time. */
export function jobController(api: Api, retryMs: number, onChange: () => void): JobController {
  const write = writerAs(api, 'kube-controller-manager');
  const kept = new Map<string, Kept>();
  const unsubscribe = api.store.subscribe(({ resource, object, type }) => {
    if (resource === jobs && type === 'DELETED') forget(object);
    if (resource === pods && isOfJob(object)) count(object, type === 'DELETED');
  });

  function keptOf(uid: string): Kept {
    const found = kept.get(uid) ?? {
      failed: new Set(),
      succeeded: new Set(),
      notBeforeMs: 0,
      retry: null,
      expiry: null,
    };
    kept.set(uid, found);
    return found;
  }

  function forget(job: KubeObject): void {
    const of = kept.get(job.metadata.uid);
    of?.retry?.();
    of?.expiry?.();
    kept.delete(job.metadata.uid);
  }

  function count(pod: KubeObject, isDeleted: boolean): void {
    const of = kept.get(ownerUid(pod) ?? '');
    const phase = textAt(pod, 'status', 'phase');
    if (of === undefined || of.failed.has(pod.metadata.uid)) return;
    if (phase === 'Succeeded') of.succeeded.add(pod.metadata.uid);
    else if (phase === 'Failed' || isDeleted || isTerminating(pod)) {
      of.failed.add(pod.metadata.uid);
      const afterMs = retryMs * Math.min(mostTimesLonger, 2 ** (of.failed.size - 1));
      of.notBeforeMs = api.clock.nowMs() + afterMs;
      of.retry?.();
      of.retry = api.clock.after(afterMs, onChange);
    }
  }

  function work(job: KubeObject): void {
    const of = keptOf(job.metadata.uid);
    const counts = countsOf(api, job, of);
    const outcome = outcomeOf(job, counts);
    if (outcome === null) {
      if (counts.active.length < wanted(job, counts)) makePod(job, of);
    } else {
      for (const pod of counts.active) write.remove(pods, pod, null);
      expire(job, of);
    }
    const now = api.store.get(jobs, job.metadata.namespace ?? null, job.metadata.name);
    if (now?.metadata.uid === job.metadata.uid)
      write.setStatus(jobs, now, jobStatus(api, now, countsOf(api, now, of), outcome));
  }

  /** A Job whose ServiceAccount is not there waits for it. */
  function makePod(job: KubeObject, of: Kept): void {
    const { namespace = '', name } = job.metadata;
    const account = textAt(job, 'spec', 'template', 'spec', 'serviceAccountName') ?? 'default';
    if (api.clock.nowMs() < of.notBeforeMs) return;
    if (api.store.get(serviceAccounts, namespace, account) === undefined) return;
    write.create(pods, namespace, podBody(job, `${name}-${newSuffix(api.ids)}`, {}));
  }

  function expire(job: KubeObject, of: Kept): void {
    const seconds = numberAt(job, 'spec', 'ttlSecondsAfterFinished');
    if (seconds === undefined || of.expiry !== null) return;
    of.expiry = api.clock.after(seconds * 1_000, () => {
      const now = api.store.get(jobs, job.metadata.namespace ?? null, job.metadata.name);
      if (now?.metadata.uid === job.metadata.uid) write.remove(jobs, now, null);
    });
  }

  return {
    reconcile() {
      for (const job of api.store.list(jobs, null)) if (!isTerminating(job)) work(job);
    },
    stop() {
      unsubscribe();
      for (const { retry, expiry } of kept.values()) {
        retry?.();
        expiry?.();
      }
      kept.clear();
    },
  };
}

function wanted(job: KubeObject, { succeeded }: JobCounts): number {
  if (job['spec'] !== undefined && (job['spec'] as { suspend?: unknown }).suspend === true) return 0;
  const left = (numberAt(job, 'spec', 'completions') ?? 1) - succeeded;
  return Math.min(numberAt(job, 'spec', 'parallelism') ?? 1, left);
}

function countsOf(api: Api, job: KubeObject, of: Kept): JobCounts {
  const own = api.store
    .list(pods, job.metadata.namespace ?? null)
    .filter((pod) => ownerUid(pod) === job.metadata.uid && isUnfinished(pod));
  const active = own.filter((pod) => !isTerminating(pod));
  return {
    active,
    ready: active.filter(isReady).length,
    terminating: own.length - active.length,
    succeeded: of.succeeded.size,
    failed: of.failed.size,
    restarts: active.reduce((sum, pod) => sum + restartsOf(pod), 0),
  };
}

function isUnfinished(pod: KubeObject): boolean {
  return !['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase') ?? '');
}

function restartsOf(pod: KubeObject): number {
  return listAt(pod, 'status', 'containerStatuses').reduce<number>(
    (sum, status) => sum + (numberAt(status, 'restartCount') ?? 0),
    0,
  );
}
