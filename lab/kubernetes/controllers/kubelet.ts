/** Lets pods run: ready some time after they were created, gone some time after they were deleted. */
import type { Cancel } from '../../../contract/clock.ts';
import { type Api, nowStamp } from '../call.ts';
import { type KubeObject, textAt } from '../object.ts';
import { pods } from '../resources.ts';
import { isOfJob, isReady, isTerminating, podStatus } from './pods.ts';
import type { Processes } from './processes.ts';
import { writerAs } from './writer.ts';

/** At most so long; each pod takes between half of it and all of it. */
export type PodTimes = { readonly podReadyMs: number; readonly podGoneMs: number };

/** Runs pods in processes; `takes` says which. */
export type RealPods = Processes & { takes(pod: KubeObject): boolean };

export type Kubelet = {
  /** Pods that are created while this runs are ready at once: a cluster that has been up for long. */
  settled(run: () => void): void;
  /** Resolves when no process of a pod is left. */
  stop(): Promise<void>;
};

type How = {
  readonly addressOf: (index: number) => string;
  readonly timesOf: (pod: KubeObject) => PodTimes;
  readonly onChange: () => void;
  readonly real: RealPods | null;
};

export function kubelet(api: Api, how: How): Kubelet {
  const write = writerAs(api, 'kubelet');
  const timers = podTimers(api);
  let started = 0;
  let isSettled = false;

  const unsubscribe = api.store.subscribe(({ resource, type, object }) => {
    if (resource !== pods) return;
    if (type === 'ADDED') start(object);
    else if (type === 'DELETED') forget(object);
    else if (isTerminating(object)) end(object);
  });

  function start(pod: KubeObject): void {
    started += 1;
    const address = how.addressOf(started);
    if (how.real?.takes(pod) === true) {
      how.real.start(pod, address);
      return;
    }
    const phase = isSettled ? 'running' : 'starting';
    write.setStatus(pods, pod, podStatus(pod, { restarts: 0, phase, at: nowStamp(api), address }));
    if (!isSettled) timers.after('ready', pod, how.timesOf(pod).podReadyMs, becomeReady);
  }

  function forget(pod: KubeObject): void {
    timers.clear(pod);
    how.real?.forget(pod);
  }

  function becomeReady(pod: KubeObject): void {
    if (isTerminating(pod) || isReady(pod)) return;
    const address = textAt(pod, 'status', 'podIP') ?? '';
    // Nothing runs in a pod that is only simulated: that of a Job is done as soon as it would be ready.
    const phase = isOfJob(pod) ? 'succeeded' : 'running';
    write.setStatus(pods, pod, podStatus(pod, { restarts: 0, phase, at: nowStamp(api), address }));
    how.onChange();
  }

  function end(pod: KubeObject): void {
    if (how.real?.end(pod) === true) return;
    timers.after('gone', pod, how.timesOf(pod).podGoneMs, (now) => {
      write.remove(pods, now, 0);
      how.onChange();
    });
  }

  return {
    settled(run) {
      isSettled = true;
      run();
      isSettled = false;
    },
    async stop() {
      unsubscribe();
      timers.stop();
      await how.real?.stop();
    },
  };
}

type PodTimers = {
  /** Once for each pod and purpose, within `limitMs`, with the pod as it is then; not at all if it is gone by then. */
  after(purpose: 'ready' | 'gone', pod: KubeObject, limitMs: number, run: (pod: KubeObject) => void): void;
  clear(pod: KubeObject): void;
  stop(): void;
};

function podTimers(api: Api): PodTimers {
  const waiting = new Map<string, Cancel>();
  const keyOf = (purpose: string, pod: KubeObject): string => `${purpose}/${pod.metadata.uid}`;
  return {
    after(purpose, pod, limitMs, run) {
      const key = keyOf(purpose, pod);
      if (waiting.has(key)) return;
      const cancel = api.clock.after(limitMs * (0.5 + api.random() / 2), () => {
        waiting.delete(key);
        const now = api.store.get(pods, pod.metadata.namespace ?? null, pod.metadata.name);
        if (now?.metadata.uid === pod.metadata.uid) run(now);
      });
      waiting.set(key, cancel);
    },
    clear(pod) {
      for (const key of [keyOf('ready', pod), keyOf('gone', pod)]) {
        waiting.get(key)?.();
        waiting.delete(key);
      }
    },
    stop() {
      for (const cancel of waiting.values()) cancel();
      waiting.clear();
    },
  };
}
