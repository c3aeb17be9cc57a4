/** What dies, by the names of docs/drills/when-it-dies.md. */
import { Trouble } from '../../../chaos/trouble.ts';
import type { FakeCluster } from '../../fakes/cluster.ts';
import { deployment } from '../../fakes/drill-world.ts';
import type { Death, Scene } from './scene.ts';

const brief = { holdMs: 500 };
/** For drills that last for minutes. */
const sparse = { burst: { everyMs: 1_000, forMs: 60_000 } };

/** No call of these clients takes effect, for some time. */
function cutOff({ world: { cluster, clock }, isBack }: Scene, forMs: number, by?: string): void {
  const before = cluster.fate;
  cluster.fate = (call) => (by === undefined || call.by === by ? 'refused-before' : before(call));
  clock.after(forMs, () => {
    cluster.fate = before;
    if (by === undefined) isBack();
  });
}

function hang({ world: { cluster, clock }, isBack }: Scene, forMs: number): void {
  cluster.fate = () => 'hangs';
  clock.after(forMs, () => {
    cluster.fate = () => 'done';
    isBack();
  });
}

/** The pod is gone, and the Job makes another. */
function startAnew({ world: { cluster, clock }, isBack }: Scene, afterMs: number): void {
  cluster.kubelet.die();
  clock.after(afterMs, () => {
    isBack();
    for (const plan of cluster.kubelet.plans) cluster.kubelet.start?.(plan);
  });
}

/** Kills a client in the middle of mending, as `kill -9` does. */
function killAtFirstScale(cluster: FakeCluster, by: string): void {
  const before = cluster.fate;
  let dead = false;
  cluster.fate = (call) => {
    if (call.by === by && call.name === 'scale 10') dead = true;
    return call.by === by && dead ? new Promise<never>(() => undefined) : before(call);
  };
}

const runner = {
  'the runner, before the injection': { at: 'restorer-seen', ofRunner: true, die: ({ world }) => world.kill() },
  'the runner, while the region is dark': { at: 'failing-over', ofRunner: true, die: ({ world }) => world.kill() },
  'the runner, while it restores': {
    at: 'restore-called',
    drill: brief,
    ofRunner: true,
    die: ({ world }) => world.kill(),
  },
  'the runner, after it has restored': {
    at: 'failing-back',
    drill: brief,
    ofRunner: true,
    die: ({ world }) => world.kill(),
  },
  'the laptop that it runs on is suspended': {
    at: 'failing-over',
    die({ world }) {
      world.suspend();
      world.clock.after(60_000, () => world.resume());
    },
  },
  'the network from the runner to the cluster, for a minute': {
    at: 'failing-over',
    die: (scene) => cutOff(scene, 60_000, 'runner'),
  },
  'the network from the runner to the cluster, for longer than 5 minutes': {
    at: 'failing-over',
    drill: sparse,
    leaseMs: 2_000,
    lookOnMs: 1_000,
    die: (scene) => cutOff(scene, 450_000, 'runner'),
  },
  'Ctrl-C, once or twice': {
    at: 'failing-over',
    die({ world: { interrupt } }) {
      interrupt.abort(new Error('Ctrl-C'));
      interrupt.abort(new Error('Ctrl-C again'));
    },
  },
} satisfies Record<string, Death>;

const restorer = {
  'the restorer, before its first beat': { at: 'start', die: ({ pods }) => pods.kill() },
  'the restorer, while the region is dark': { at: 'failing-over', die: ({ pods }) => pods.kill() },
  "the restorer's node, and the Job starts another": {
    at: 'failing-over',
    drill: brief,
    die: (scene) => startAnew(scene, 2_000),
  },
  'runner and restorer, and the Job starts another': {
    at: 'failing-over',
    ofRunner: true,
    die(scene) {
      scene.world.kill();
      startAnew(scene, 5_000);
    },
  },
  'runner and restorer, and nothing starts another': {
    at: 'failing-over',
    ofRunner: true,
    die({ world }) {
      world.kill();
      world.cluster.kubelet.die();
    },
  },
  'runner, restorer and then `drill recover` itself': {
    at: 'failing-over',
    ofRunner: true,
    die(scene) {
      const { cluster } = scene.world;
      scene.world.kill();
      cluster.kubelet.die();
      killAtFirstScale(cluster, 'first');
      void scene.recover('first');
    },
  },
} satisfies Record<string, Death>;

const cluster = {
  'the API server, before the injection': { at: 'armed', die: (scene) => hang(scene, 15_000) },
  'the API server, while the region is dark, for a minute': {
    at: 'failing-over',
    die: (scene) => hang(scene, 60_000),
  },
  'the API server, while the region is dark, for longer than 5 minutes': {
    at: 'failing-over',
    drill: sparse,
    leaseMs: 2_000,
    lookOnMs: 120_000,
    die: (scene) => hang(scene, 400_000),
  },
  'the namespace, before the injection': {
    at: 'start',
    die({ world }) {
      world.cluster.kubelet.forbidden = 'job';
    },
  },
  'the Lease, deleted by hand': {
    at: 'failing-over',
    drill: brief,
    die: ({ world }) => world.cluster.leases.clear(),
  },
  "the drill's annotation, removed by hand": {
    at: 'failing-over',
    die: ({ world }) => world.cluster.markByHand(deployment, null),
  },
  'the Deployment, deleted by somebody': { at: 'failing-over', die: ({ world }) => world.cluster.remove(deployment) },
  'the Deployment, scaled by somebody to fewer than it had': {
    at: 'failing-over',
    die: ({ world }) => world.cluster.scaleByHand(deployment, 4),
  },
} satisfies Record<string, Death>;

const away = (): Promise<never> => Promise.reject(new Trouble('unreachable', 'Route 53 gave no answer within 10 s'));

const around = {
  'the aggregator, before the drill': { at: 'start', die: ({ fleet }) => fleet.cut() },
  'the aggregator, while the region is dark': { at: 'failing-over', die: ({ fleet }) => fleet.cut() },
  'the agent of the region taken away': {
    at: 'failing-over',
    drill: brief,
    die: ({ fleet }) => fleet.silence('us-east-1'),
  },
  'all agents': {
    at: 'failing-over',
    die({ fleet }) {
      fleet.silence('us-east-1');
      fleet.silence('eu-west-1');
    },
  },
  "the zone's API": {
    at: 'start',
    drill: brief,
    deps: (deps) => ({ ...deps, zone: { zone: away, healthChecks: away, status: away, close: () => undefined } }),
    die: () => undefined,
  },
  'the disk of the evidence is full, before the injection': { at: 'planned', die: ({ fillDisk }) => fillDisk() },
  'the disk of the evidence is full, while the region is dark': {
    at: 'failing-over',
    die: ({ fillDisk }) => fillDisk(),
  },
  'the wall clock, which is stepped by an hour': {
    at: 'failing-over',
    drill: brief,
    die: ({ world }) => world.clock.stepWall(3_600_000),
  },
} satisfies Record<string, Death>;

export const deaths: Readonly<Record<string, Death>> = { ...runner, ...restorer, ...cluster, ...around };
