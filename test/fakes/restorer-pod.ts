import type { RestorerPlan } from '../../chaos/cluster.ts';
import { type RestorerEnd, runRestorer } from '../../chaos/restorer.ts';
import type { Clock } from '../../contract/clock.ts';
import type { FakeCluster } from './cluster.ts';
import type { Pod } from './kubelet.ts';

/** Restorers as they are, in a fake cluster. */
export type RestorerPods = {
  /** How those that ended did, in order. */
  readonly ends: RestorerEnd[];
  readonly said: string[];
  /** Kills the one that runs, as `kill -9` does; nothing starts it again. */
  kill(): void;
};

/** From now on each Job of the cluster starts a restorer, which calls itself `restorer`. */
export function restorerPods(cluster: FakeCluster, clock: Clock): RestorerPods {
  const ends: RestorerEnd[] = [];
  const said: string[] = [];
  let started = 0;
  cluster.kubelet.start = ({ drill }: RestorerPlan): Pod => {
    started += 1;
    const end = new AbortController();
    const message = (text: string): void => void said.push(text);
    const deps = { cluster: cluster.as('restorer'), clock, instance: `${started}`, signal: end.signal, message };
    runRestorer(drill, deps).then(
      (ended) => ends.push(ended),
      // Ended by SIGTERM.
      () => undefined,
    );
    return { stop: () => end.abort(new Error('SIGTERM')) };
  };
  return {
    ends,
    said,
    kill() {
      const before = cluster.fate;
      cluster.fate = (call) => (call.by === 'restorer' ? new Promise<never>(() => undefined) : before(call));
    },
  };
}
