/** Lets pods run: ready some time after they were created, gone some time after they were deleted. */
import type { Cancel } from '../../../contract/clock.ts';
import { type Api, nowStamp } from '../call.ts';
import { type KubeObject, textAt } from '../object.ts';
import { pods } from '../resources.ts';
import { isReady, isTerminating, podStatus } from './pods.ts';
import { writerAs } from './writer.ts';

/** At most so long; each pod takes between half of it and all of it. */
export type PodTimes = { readonly podReadyMs: number; readonly podGoneMs: number };

export type Kubelet = {
  /** Pods that are created while this runs are ready at once: a cluster that has been up for long. */
  settled(run: () => void): void;
  stop(): void;
};

export function kubelet(
  api: Api,
  how: {
    readonly addressOf: (index: number) => string;
    readonly timesOf: (pod: KubeObject) => PodTimes;
    readonly onChange: () => void;
  },
): Kubelet {
  const write = writerAs(api, 'kubelet');
  const timers = new Map<string, Cancel>();
  let started = 0;
  let isSettled = false;

  const unsubscribe = api.store.subscribe(({ resource, type, object }) => {
    if (resource !== pods) return;
    if (type === 'ADDED') start(object);
    else if (type === 'DELETED') clear(object);
    else if (isTerminating(object) && !timers.has(goneKey(object))) end(object);
  });

  function start(pod: KubeObject): void {
    started += 1;
    const address = how.addressOf(started);
    write.setStatus(pods, pod, podStatus(pod, { ready: isSettled, at: nowStamp(api), address }));
    if (!isSettled) later(readyKey(pod), how.timesOf(pod).podReadyMs, () => becomeReady(pod));
  }

  function becomeReady(pod: KubeObject): void {
    const now = current(pod);
    if (now === undefined || isTerminating(now) || isReady(now)) return;
    const address = textAt(now, 'status', 'podIP') ?? '';
    write.setStatus(pods, now, podStatus(now, { ready: true, at: nowStamp(api), address }));
    how.onChange();
  }

  function end(pod: KubeObject): void {
    later(goneKey(pod), how.timesOf(pod).podGoneMs, () => {
      const now = current(pod);
      if (now === undefined) return;
      write.remove(pods, now, 0);
      how.onChange();
    });
  }

  function current(pod: KubeObject): KubeObject | undefined {
    const now = api.store.get(pods, pod.metadata.namespace ?? null, pod.metadata.name);
    return now?.metadata.uid === pod.metadata.uid ? now : undefined;
  }

  function later(key: string, limitMs: number, run: () => void): void {
    const delayMs = limitMs * (0.5 + api.random() / 2);
    timers.set(
      key,
      api.clock.after(delayMs, () => {
        timers.delete(key);
        run();
      }),
    );
  }

  function clear(pod: KubeObject): void {
    for (const key of [readyKey(pod), goneKey(pod)]) {
      timers.get(key)?.();
      timers.delete(key);
    }
  }

  return {
    settled(run) {
      isSettled = true;
      run();
      isSettled = false;
    },
    stop() {
      unsubscribe();
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}

function readyKey(pod: KubeObject): string {
  return `ready/${pod.metadata.uid}`;
}

function goneKey(pod: KubeObject): string {
  return `gone/${pod.metadata.uid}`;
}
