import { createHash } from 'node:crypto';
import type { Cluster, LeaseState, WorkloadState, Written } from '../../chaos/cluster.ts';
import { workloadName } from '../../chaos/cluster.ts';
import { fakeClock } from './clock.ts';
import { type FakeCluster, fakeCluster } from './cluster.ts';

/** Somebody who acts on a cluster beside others, and waits at every call until it is given its turn. */
export type Actor = { readonly by: string; act(cluster: Cluster): Promise<unknown> };

export type World = {
  readonly workloads: Readonly<Record<string, number>>;
  /** Done before anybody acts; makes the actors, fresh for each play. */
  begin(cluster: FakeCluster): Promise<readonly Actor[]>;
  /** What is wrong when nobody has anything left to do; `null`: it ended well. */
  judge(cluster: FakeCluster): string | null;
  /** Orders that are longer are cut off: actors that do not keep to the rules may undo each other's work for ever. */
  readonly callLimit: number;
  /** How often somebody may be interrupted in one order; without it, at every call. */
  readonly switchLimit?: number;
};

export type Enumerated = {
  /** Situations that differ: of the cluster, and of what each actor knows. */
  readonly situations: number;
  /** Orders of all calls that lead through them. */
  readonly orders: bigint;
  /** Endings that are wrong, each with the calls that led there. */
  readonly wrong: readonly string[];
  /** How many orders were cut off. */
  readonly cut: number;
};

type Todo = { readonly schedule: readonly string[]; readonly from: string };

/**
 * Plays every order in which the actors' calls can reach the cluster. An order that leads into a situation that was seen
 * before is not followed any further: what can come of it is known.
 */
export async function everyInterleaving(world: World): Promise<Enumerated> {
  const ways = new Map<string, Map<string, string>>();
  const wrong: string[] = [];
  let cut = 0;
  const todo: Todo[] = [{ schedule: [], from: '' }];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const play = await begin(world);
    for (const by of next.schedule) await play.step(by);
    let { from } = next;
    for (;;) {
      const key = situationOf(play, world);
      const by = play.schedule.at(-1);
      if (by !== undefined) ways.get(from)?.set(by, key);
      if (ways.has(key)) break;
      if (play.schedule.length >= world.callLimit) {
        cut += 1;
        break;
      }
      ways.set(key, new Map());
      const [first, ...others] = nextIn(play, world);
      for (const other of others) todo.push({ schedule: [...play.schedule, other], from: key });
      if (first === undefined) {
        const because = world.judge(play.cluster);
        if (because !== null) wrong.push(`${because}: ${play.told()}`);
        break;
      }
      from = key;
      await play.step(first);
    }
  }
  return { situations: ways.size, orders: ordersFrom([...ways.keys()][0] ?? '', ways), wrong, cut };
}

/** A digest: the situations of three actors would fill the memory. */
function situationOf(play: Play, { switchLimit }: World): string {
  const bounded = switchLimit === undefined ? [] : [play.schedule.at(-1), play.switches()];
  return createHash('sha256')
    .update(JSON.stringify([play.key(), bounded]))
    .digest('base64');
}

/** Who may call next: whoever called last first, and nobody else once the switches are used up. */
function nextIn(play: Play, { switchLimit }: World): readonly string[] {
  const waiting = play.waiting();
  const last = play.schedule.at(-1);
  if (last === undefined || !waiting.includes(last)) return waiting;
  const others = waiting.filter((by) => by !== last);
  return [last, ...(play.switches() < (switchLimit ?? Number.POSITIVE_INFINITY) ? others : [])];
}

/** How many ways lead from a situation to an end. */
function ordersFrom(start: string, ways: ReadonlyMap<string, ReadonlyMap<string, string>>): bigint {
  const known = new Map<string, bigint>();
  const count = (key: string): bigint => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const children = [...(ways.get(key)?.values() ?? [])];
    const orders = children.length === 0 ? 1n : children.reduce((sum, child) => sum + count(child), 0n);
    known.set(key, orders);
    return orders;
  };
  return count(start);
}

type Play = {
  readonly cluster: FakeCluster;
  readonly schedule: readonly string[];
  waiting(): readonly string[];
  /** How often somebody else went on while the one before had more to do. */
  switches(): number;
  step(by: string): Promise<void>;
  /** The same for situations from which the same can follow. */
  key(): string;
  told(): string;
};

async function begin(world: World): Promise<Play> {
  const cluster = fakeCluster({ clock: fakeClock(), workloads: world.workloads });
  const actors = await world.begin(cluster);
  const from = cluster.calls.length;
  const waiting = new Map<string, () => void>();
  cluster.fate = ({ by }) => new Promise((resolve) => waiting.set(by, () => resolve('done')));
  const known = new Map(actors.map(({ by }) => [by, knowledge()]));
  const ended = new Set<string>();
  for (const { by, act } of actors) {
    const end = (): void => void ended.add(by);
    // Who is stopped by another's mark rejects, and that is as it should be.
    act(noted(cluster.as(by), known.get(by) ?? knowledge())).then(end, end);
  }
  await settled();
  const schedule: string[] = [];
  let switches = 0;
  return {
    cluster,
    schedule,
    switches: () => switches,
    waiting: () => [...waiting.keys()].toSorted(),
    async step(by) {
      const go = waiting.get(by);
      if (go === undefined) throw new Error(`${by} has nothing to do`);
      const last = schedule.at(-1);
      if (last !== undefined && last !== by && waiting.has(last)) switches += 1;
      waiting.delete(by);
      schedule.push(by);
      go();
      await settled();
      if (waiting.size + ended.size < actors.length) throw new Error('somebody waits for something else than a call');
    },
    key() {
      const states = Object.keys(world.workloads).map((name) => {
        const mark = cluster.mark(name);
        return [cluster.replicas(name), mark?.state, cluster.manager(name)];
      });
      const leases = [...cluster.leases.values()].map(({ holder }) => holder);
      return JSON.stringify([states, leases, [...known.values()].map((one) => one.key(cluster)), [...ended]]);
    },
    told: () =>
      cluster.calls
        .slice(from)
        .map(({ by, name }) => `${by}: ${name}`)
        .join(', '),
  };
}

/** Lets the promises run on that one answered call sets going. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 25; turn += 1) await Promise.resolve();
}

/**
 * What an actor has learnt: its code does the same after the same answers. Of versions it only matters whether they
 * still hold; and who meets a conflict reads again, as if it had not read before.
 */
function knowledge() {
  const learnt: string[] = [];
  const versions = new Map<string, string>();
  return {
    learn(call: string, answer: unknown): void {
      learnt.push(`${call} ${JSON.stringify(answer)}`);
    },
    saw(what: string, version: string): void {
      versions.set(what, version);
    },
    forget(): void {
      learnt.pop();
    },
    key: (cluster: FakeCluster): unknown => [
      learnt,
      [...versions].map(([what, version]) => version === cluster.version(what)),
    ],
  };
}

function noted(cluster: Cluster, known: ReturnType<typeof knowledge>): Cluster {
  function write(call: string, at: WorkloadState, written: Written): Written {
    if (written.written) known.learn(`${call} ${workloadName(at.workload)}`, true);
    else known.forget();
    return written;
  }
  function lease<T extends LeaseState | null>(call: string, found: T): T {
    known.learn(call, found?.holder ?? null);
    if (found !== null) known.saw(found.name, found.version);
    return found;
  }
  return {
    ...cluster,
    async workload(workload, signal) {
      const at = await cluster.workload(workload, signal);
      const name = workloadName(workload);
      known.learn(`read ${name}`, [at.replicas, at.mark?.state, at.managers]);
      known.saw(name, at.version);
      return at;
    },
    mark: async (at, mark, signal) => write(`mark ${mark?.state}`, at, await cluster.mark(at, mark, signal)),
    scale: async (at, replicas, signal) => write(`scale ${replicas}`, at, await cluster.scale(at, replicas, signal)),
    lease: async (name, signal) => lease('lease', await cluster.lease(name, signal)),
    replaceLease: async (at, to, signal) => lease('take', await cluster.replaceLease(at, to, signal)),
    async deleteLease(at, signal) {
      const gone = await cluster.deleteLease(at, signal);
      known.learn('delete lease', gone);
      return gone;
    },
  };
}
