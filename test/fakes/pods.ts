import type { Pod, PodSource } from '../../lab/pods.ts';

/** Pods that change when a test says so. */
export type FakePods = PodSource & { set(pods: readonly Pod[]): void };

export function fakePods(first: readonly Pod[]): FakePods {
  let pods = first;
  const listeners = new Set<() => void>();
  return {
    pods: () => pods,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(next) {
      pods = next;
      for (const listener of listeners) listener();
    },
  };
}

/** `pod-0`, `pod-1`, … all in one state. */
export function podsIn(state: Pod['state'], count: number): readonly Pod[] {
  return Array.from({ length: count }, (_, index) => ({ name: `pod-${index}`, address: `10.0.0.${index}`, state }));
}
