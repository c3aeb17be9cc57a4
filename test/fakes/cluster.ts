import {
  type Cluster,
  type Credential,
  type DrillMark,
  type LeaseDraft,
  type LeaseState,
  type Right,
  type WorkloadState,
  type Written,
  workloadName,
} from '../../chaos/cluster.ts';
import { Trouble } from '../../chaos/trouble.ts';
import { type Clock, every, sleep } from '../../contract/clock.ts';
import type { Workload } from '../../scenarios/scenario.ts';
import { type FakeObjects, fakeObjects } from './cluster-objects.ts';
import { type FakeKubelet, fakeKubelet } from './kubelet.ts';

/** What becomes of a call. `late`: no answer until the caller gives up, and the write arrives when `land` is called. */
export type Fate = 'done' | 'refused-before' | 'lost-after' | 'hangs' | 'late';
export type FakeCall = {
  readonly number: number;
  readonly name: string;
  readonly isWrite: boolean;
  readonly by: string;
};

type Held = {
  uid: string;
  version: number;
  replicas: number;
  ready: number;
  mark: DrillMark | null;
  stop: string | null;
  manager: string;
};

export type FakeClusterOptions = {
  readonly clock: Clock;
  readonly context?: string;
  readonly workloads: Readonly<Record<string, number>>;
  readonly podReadyMs?: number;
  readonly callMs?: number;
};

export type FakeCluster = {
  /** The cluster as one client sees it; `by` names the client to `fate` and to field managers. */
  as(by: string): Cluster;
  /** Decides each call; absent, all are done. May wait: a call goes on when its promise resolves. */
  fate: (call: FakeCall) => Fate | Promise<Fate>;
  /** Lets writes of fate `late` arrive. */
  land(): void;
  readonly calls: FakeCall[];
  replicas(name: string): number;
  ready(name: string): number;
  mark(name: string): DrillMark | null;
  /** Who wrote `spec.replicas` last. */
  manager(name: string): string;
  /** The version of a workload or a Lease; `undefined` when it is gone. */
  version(name: string): string | undefined;
  readonly leases: Map<string, LeaseState>;
  readonly events: string[];
  readonly objects: FakeObjects;
  /** Of restorers. */
  readonly kubelet: FakeKubelet;
  /** As a person with kubectl would. */
  scaleByHand(name: string, replicas: number, manager?: string): void;
  markByHand(name: string, mark: DrillMark | null): void;
  /** A status update: changes the version, and nothing that matters. */
  touch(name: string): void;
  remove(name: string): void;
  /** Deleted and made again: another object of the same name. */
  remake(name: string, replicas: number): void;
  denied: (right: Right) => boolean;
  /** What clients show. */
  credentials: readonly Credential[];
  /** As `kubectl annotate … blackstart.dev/stop=` does; `null` takes it away. */
  stopByHand(name: string, because: string | null): void;
};

export function fakeCluster(options: FakeClusterOptions): FakeCluster {
  const { clock } = options;
  const context = options.context ?? 'us-east-1';
  const workloads = new Map<string, Held>();
  const leases = new Map<string, LeaseState>();
  const landing: (() => void)[] = [];
  const calls: FakeCall[] = [];
  const events: string[] = [];
  let version = 100;
  for (const [name, replicas] of Object.entries(options.workloads)) {
    const manager = 'kubectl-client-side-apply';
    workloads.set(name, { uid: `uid-${name}`, version: 1, replicas, ready: replicas, mark: null, stop: null, manager });
  }

  function heldOf(name: string): Held {
    const held = workloads.get(name);
    if (held === undefined)
      throw new Trouble('missing', `${name} in ${context}/default: there is none (404: not found)`);
    return held;
  }

  function stateOf(workload: Workload): WorkloadState {
    const held = heldOf(workloadName(workload));
    const { uid, replicas, mark, stop } = held;
    const managers = [held.manager];
    return {
      workload: { kind: workload.kind, name: workload.name },
      uid,
      version: String(held.version),
      replicas,
      readyReplicas: held.ready,
      mark,
      stop,
      managers,
    };
  }

  function change(held: Held, to: Partial<Held>): string {
    Object.assign(held, to);
    version += 1;
    held.version = version;
    return String(version);
  }

  function scaleTo(held: Held, replicas: number, manager: string): string {
    if (held.ready > replicas) held.ready = replicas;
    const result = change(held, { replicas, manager });
    clock.after(options.podReadyMs ?? 0, () => {
      if (held.replicas === replicas && held.ready !== replicas) change(held, { ready: replicas });
    });
    return result;
  }

  function annotate(name: string, key: string, value: string | null): LeaseState | null {
    const held = leases.get(name);
    if (held === undefined) return null;
    const { [key]: _, ...rest } = held.annotations;
    version += 1;
    const lease = { ...held, annotations: value === null ? rest : { ...rest, [key]: value }, version: String(version) };
    leases.set(name, lease);
    return lease;
  }

  const kubelet = fakeKubelet(clock, leases, annotate);
  const objects = fakeObjects({
    read(name) {
      const held = workloads.get(name);
      return held === undefined ? null : { ...held, version: String(held.version) };
    },
    bump: (name) => change(heldOf(name), {}),
  });
  const fake: FakeCluster = {
    kubelet,
    objects,
    as: client,
    fate: () => 'done',
    land() {
      for (const arrive of landing.splice(0)) arrive();
    },
    calls,
    replicas: (name) => heldOf(name).replicas,
    ready: (name) => heldOf(name).ready,
    mark: (name) => heldOf(name).mark,
    manager: (name) => heldOf(name).manager,
    version: (name) => leases.get(name)?.version ?? workloads.get(name)?.version.toString(),
    leases,
    events,
    scaleByHand: (name, replicas, manager = 'kubectl-scale') => scaleTo(heldOf(name), replicas, manager),
    markByHand: (name, mark) => change(heldOf(name), { mark }),
    touch: (name) => change(heldOf(name), {}),
    remove: (name) => workloads.delete(name),
    remake: (name, replicas) => {
      version += 1;
      const made = { uid: `uid-${name}-${version}`, version, manager: 'kubectl-create' };
      workloads.set(name, { ...made, replicas, ready: replicas, mark: null, stop: null });
    },
    denied: () => false,
    credentials: [],
    stopByHand: (name, stop) => change(heldOf(name), { stop }),
  };
  return fake;

  function client(by: string): Cluster {
    /** One request: waits for its fate, then for its answer. */
    async function request<T>(name: string, isWrite: boolean, signal: AbortSignal, act: () => T): Promise<T> {
      signal.throwIfAborted();
      const call = { number: calls.length, name, isWrite, by };
      calls.push(call);
      const fate = await fake.fate(call);
      if (options.callMs !== undefined && options.callMs > 0) await sleep(clock, options.callMs, signal);
      switch (fate) {
        case 'done':
          return act();
        case 'refused-before':
          throw new Trouble('unreachable', `${name}: refused before it took effect`);
        case 'lost-after':
          act();
          throw new Trouble('unreachable', `${name}: the answer was lost`);
        case 'late':
          landing.push(() => void act());
          return givenUp(name, signal);
        case 'hangs':
          return givenUp(name, signal);
      }
    }

    /** No answer until the caller's signal, or its own time limit. */
    async function givenUp(name: string, signal: AbortSignal): Promise<never> {
      await sleep(clock, 10_000, signal);
      throw new Trouble('unreachable', `${name} gave no answer within 10 s`);
    }

    function writing(at: WorkloadState, to: (held: Held) => string): Written {
      const held = heldOf(workloadName(at.workload));
      if (String(held.version) !== at.version || held.uid !== at.uid) return { written: false };
      return { written: true, version: to(held) };
    }

    function storeLease(draft: LeaseDraft, uid: string): LeaseState {
      version += 1;
      const lease = { ...draft, uid, version: String(version) };
      leases.set(draft.name, lease);
      return lease;
    }

    return {
      context,
      namespace: 'default',
      workload: (workload, signal) => request('read', false, signal, () => stateOf(workload)),
      marked: (signal) =>
        request('marked', false, signal, () =>
          [...workloads].filter(([, held]) => held.mark !== null).map(([name]) => stateOf(workloadNamed(name))),
        ),
      mark: (at, mark, signal) =>
        request(`mark ${mark?.state ?? 'none'}`, true, signal, () => writing(at, (held) => change(held, { mark }))),
      scale: (at, replicas, signal) =>
        request(`scale ${replicas}`, true, signal, () => writing(at, (held) => scaleTo(held, replicas, 'blackstart'))),
      rehearse: (at, _replicas, signal) =>
        request('rehearse', false, signal, () => void heldOf(workloadName(at.workload))),
      readyEndpoints: (workload, signal) =>
        request('endpoints', false, signal, () => heldOf(workloadName(workload)).ready),
      watchEndpoints(watched, { everyMs, onSeen, onFailure }, signal) {
        const look = async (): Promise<void> => {
          const sentMs = clock.nowMs();
          const held = await request('endpoints', false, signal, () =>
            watched.map((workload) => heldOf(workloadName(workload)).ready),
          );
          onSeen({ sentMs, receivedMs: clock.nowMs(), ready: held.reduce((sum, ready) => sum + ready, 0) });
        };
        signal.addEventListener('abort', every(clock, everyMs, look, onFailure), { once: true });
      },
      leases: (signal) => request('leases', false, signal, () => [...leases.values()]),
      lease: (name, signal) => request('lease', false, signal, () => leases.get(name) ?? null),
      createLease: (draft, signal) =>
        request('create lease', true, signal, () =>
          leases.has(draft.name) ? null : storeLease(draft, `lease-${version}`),
        ),
      replaceLease: (at, to, signal) =>
        request('replace lease', true, signal, () =>
          leases.get(at.name)?.version === at.version ? storeLease(to, at.uid) : null,
        ),
      annotateLease: (at, annotations, signal) =>
        request('annotate lease', true, signal, () => {
          if (leases.get(at.name)?.version !== at.version) return null;
          let lease: LeaseState | null = null;
          for (const [key, value] of Object.entries(annotations)) lease = annotate(at.name, key, value);
          return lease;
        }),
      createRestorerPart: (part, plan, signal) =>
        request(`create ${part}`, true, signal, () => kubelet.create(part, plan)),
      deleteRestorerPart: (part, name, signal) =>
        request(`delete ${part}`, true, signal, () => kubelet.remove(part, name)),
      restorersWith: (part, signal) => request(`list ${part}`, false, signal, () => kubelet.names(part)),
      deleteLease: (at, signal) =>
        request('delete lease', true, signal, () => {
          const held = leases.get(at.name);
          if (held === undefined) return true;
          return held.version === at.version ? leases.delete(at.name) : false;
        }),
      credentials: (signal) => request('credentials', false, signal, () => fake.credentials),
      mayI: (right, signal) =>
        request('may i', false, signal, () => ({
          allowed: !fake.denied(right),
          because: fake.denied(right) ? 'no' : '',
        })),
      tell: (at, reason, message, signal) =>
        request('event', true, signal, () => void events.push(`${workloadName(at.workload)} ${reason}: ${message}`)),
      ...objects.client(request),
      close: () => undefined,
    };
  }
}

function workloadNamed(text: string): Workload {
  const [kind, name] = text.split('/');
  return { kind: kind ?? '', name: name ?? '' };
}
