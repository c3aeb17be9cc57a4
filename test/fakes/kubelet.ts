import { type LeaseState, type RestorerPart, type RestorerPlan, restorerKey } from '../../chaos/cluster.ts';
import { Trouble } from '../../chaos/trouble.ts';
import { type Clock, every } from '../../contract/clock.ts';

/** What became of a restorer's pod: how to end it. */
export type Pod = { stop(): void };

/** Keeps the objects of restorers, and starts something for each Job, as a kubelet would. */
export type FakeKubelet = {
  /** What starts for a Job. By default something that beats and never mends; `null`: nothing ever starts. */
  start: ((plan: RestorerPlan) => Pod | null) | null;
  /** A part that the cluster does not let anybody create, as in a namespace that is being deleted. */
  forbidden: RestorerPart | null;
  /** `job blackstart-d1`, … */
  readonly objects: ReadonlySet<string>;
  readonly plans: readonly RestorerPlan[];
  create(part: RestorerPart, plan: RestorerPlan): void;
  remove(part: RestorerPart, name: string): boolean;
  names(part: RestorerPart): readonly string[];
  /** Removes what belonged to Leases that are gone, as a cluster does after a moment. */
  collectGarbage(): void;
  /** Ends the pods, as a node that dies does; their objects stay. */
  die(): void;
};

/** How often a fake restorer beats; real ones a quarter of the Lease's duration. */
const beatEveryMs = 250;

export function fakeKubelet(
  clock: Clock,
  leases: ReadonlyMap<string, LeaseState>,
  annotate: (name: string, key: string, value: string) => void,
): FakeKubelet {
  const owners = new Map<string, string>();
  const pods = new Map<string, Pod>();
  const plans: RestorerPlan[] = [];

  function beating({ lease: { name } }: RestorerPlan): Pod {
    let beat = 0;
    const beatOnce = (): void => {
      beat += 1;
      if (leases.has(name)) annotate(name, restorerKey, JSON.stringify({ instance: 'fake', beat }));
    };
    return { stop: every(clock, beatEveryMs, beatOnce, () => undefined) };
  }

  const kubelet: FakeKubelet = {
    start: beating,
    forbidden: null,
    get objects() {
      return new Set(owners.keys());
    },
    plans,
    create(part, plan) {
      const { name, uid } = plan.lease;
      const key = `${part} ${name}`;
      if (part === kubelet.forbidden) {
        throw new Trouble('forbidden', `${key}: not permitted (403: forbidden because it is being terminated)`);
      }
      const owner = owners.get(key);
      if (owner !== undefined && owner !== uid) throw new Trouble('taken', `${key} is there already`);
      if (owner !== undefined) return;
      owners.set(key, uid);
      if (part !== 'job') return;
      plans.push(plan);
      const pod = kubelet.start?.(plan);
      if (pod) pods.set(name, pod);
    },
    remove(part, name) {
      owners.delete(`${part} ${name}`);
      if (part === 'job') {
        pods.get(name)?.stop();
        pods.delete(name);
      }
      return true;
    },
    names: (part) =>
      [...owners.keys()].filter((key) => key.startsWith(`${part} `)).map((key) => key.slice(part.length + 1)),
    collectGarbage() {
      const uids = new Set([...leases.values()].map(({ uid }) => uid));
      for (const [key, uid] of owners) {
        if (uids.has(uid)) continue;
        const [part, name] = key.split(' ') as [RestorerPart, string];
        kubelet.remove(part, name);
      }
    },
    die() {
      for (const pod of pods.values()) pod.stop();
      pods.clear();
    },
  };
  return kubelet;
}
