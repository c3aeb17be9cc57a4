import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Evidence, openEvidence } from '../../chaos/evidence.ts';
import { type Journal, openJournal } from '../../chaos/journal.ts';
import { pastDrills } from '../../chaos/predict.ts';
import type { Progress, RunnerDeps, RunOptions } from '../../chaos/run.ts';
import { isObject } from '../../contract/json.ts';
import { silent } from '../../contract/log.ts';
import { seededRandom } from '../../contract/random.ts';
import type { DrillPlan, Scenario } from '../../scenarios/scenario.ts';
import { type CloudPart, whileAlive } from './account-drill.ts';
import { type FakeClock, fakeClock } from './clock.ts';
import { type FakeCluster, fakeCluster } from './cluster.ts';
import { type FakeFleet, fakeFleet } from './fleet.ts';
import { suspendableClock } from './suspendable-clock.ts';
import { type FakeSwitchboards, fakeSwitchboards, missing } from './switchboards.ts';

/** A whole drill's world in simulated time: cluster, fleet, clock; the evidence is on a real disk. */
export type DrillWorld = {
  readonly clock: FakeClock;
  readonly cluster: FakeCluster;
  /** That of eu-west-1, which no drill here touches. */
  readonly other: FakeCluster;
  readonly boards: FakeSwitchboards;
  readonly fleet: FakeFleet;
  readonly options: RunOptions;
  readonly deps: RunnerDeps;
  readonly interrupt: AbortController;
  readonly progress: Progress[];
  /** Kills the runner, as `kill -9` does: nothing that it began is answered any more. */
  kill(): void;
  /** The runner's machine, and it alone, sleeps until `resume`: its calls under way are answered only then. */
  suspend(): void;
  resume(): void;
  /** Called after each entry of the journal is on the disk. */
  onJournal: (entry: string) => void;
};

const workload = { kind: 'deployment', name: 'agent-api' } as const;
export const deployment = 'deployment/agent-api';

export type DrillWorldOptions = {
  readonly mayTakeOver?: boolean;
  readonly podReadyMs?: number;
  readonly drill?: Partial<DrillPlan>;
  readonly overrides?: Scenario['overrides'];
  /** A cloud account, and what of it users feel. */
  readonly cloud?: (clock: FakeClock) => CloudPart;
  /** What the runner's monotonic clock does while its machine is suspended. */
  readonly asleep?: 'stands-still' | 'goes-on';
};

export async function drillWorld(given: DrillWorldOptions = {}): Promise<DrillWorld> {
  const clock = fakeClock();
  const cluster = fakeCluster({
    clock,
    workloads: { [deployment]: 10 },
    podReadyMs: given.podReadyMs ?? 300,
    callMs: 5,
  });
  const other = fakeCluster({ clock, context: 'eu-west-1', workloads: { [deployment]: 10 } });
  const boards = fakeSwitchboards({ clock, regions: ['us-east-1', 'eu-west-1'] });
  const mayTakeOver = given.mayTakeOver ?? true;
  const cloud = given.cloud?.(clock);
  const isRefused = (): boolean => {
    const setting = boards.board('us-east-1').read('door')?.setting;
    return isObject(setting) && setting['how'] === 'refuse';
  };
  const ready = (): boolean => cluster.ready(deployment) > 0 && !isRefused() && (cloud?.serves() ?? true);
  const fleet = fakeFleet({ clock, ready, mayTakeOver, ...(cloud === undefined ? {} : { leads: cloud.leads }) });
  const scenario = scenarioOf(given, mayTakeOver);
  const [drill] = scenario.drills;
  if (drill === undefined) throw new Error('no drill');
  const interrupt = new AbortController();
  const progress: Progress[] = [];
  const evidenceDir = await mkdtemp(join(tmpdir(), 'blackstart-drill-'));
  onTestFinished(() => rm(evidenceDir, { recursive: true, force: true }));
  let dead = false;
  const own = suspendableClock(clock, given.asleep ?? 'stands-still');
  const awake = gate();
  const world: DrillWorld = {
    clock,
    cluster,
    other,
    boards,
    fleet,
    options: { scenario, drill, evidenceDir, version: '0', saved: null },
    deps: {
      clock: own,
      random: seededRandom(1),
      log: silent,
      fleet,
      openCluster: async ({ context }) => (context === 'us-east-1' ? cluster : other).as('runner'),
      openSwitchboard: (region) => boards.as('runner')(region) ?? missing(region),
      ...(cloud === undefined ? {} : { account: whileAlive(cloud.account, () => awake.passed().then(() => !dead)) }),
      zone: null,
      interrupt: interrupt.signal,
      progress: (event) => progress.push(event),
      keep: {
        pastDrills: (...asked) => tracked(pastDrills(...asked)),
        openEvidence: async (root, drill) => onDisk(await tracked(openEvidence(root, drill))),
        async openJournal(path, at) {
          const journal = await tracked(openJournal(path, at));
          // A runner that was killed does not close it.
          onTestFinished(() => journal.close().catch(() => undefined));
          return watched(
            journal,
            (entry) => world.onJournal(entry),
            () => dead,
          );
        },
      },
    },
    interrupt,
    progress,
    kill() {
      dead = true;
      fleet.die();
      boards.die('runner');
      const before = cluster.fate;
      cluster.fate = (call) => (call.by === 'runner' ? new Promise<never>(() => undefined) : before(call));
    },
    suspend() {
      own.suspend();
      awake.close();
      const before = cluster.fate;
      cluster.fate = async (call) => {
        if (call.by === 'runner') await awake.passed();
        return before(call);
      };
    },
    resume() {
      awake.open();
      own.resume();
    },
    onJournal: () => undefined,
  };
  return world;
}

/** Lets pass, or keeps waiting until it is opened. */
function gate() {
  let closed: PromiseWithResolvers<void> | null = null;
  return {
    close() {
      closed ??= Promise.withResolvers<void>();
    },
    open() {
      closed?.resolve();
      closed = null;
    },
    passed: async (): Promise<void> => closed?.promise,
  };
}

function watched(journal: Journal, onEntry: (entry: string) => void, isDead: () => boolean): Journal {
  return {
    async append(entry) {
      if (isDead()) return new Promise<never>(() => undefined);
      await tracked(journal.append(entry));
      onEntry(entry.type);
      if (isDead()) return new Promise<never>(() => undefined);
    },
    close: () => tracked(journal.close()),
  };
}

/** What the disk is busy with: simulated time waits for it. */
const busy = new Set<Promise<unknown>>();

function tracked<T>(work: Promise<T>): Promise<T> {
  busy.add(work);
  const done = (): void => void busy.delete(work);
  work.then(done, done);
  return work;
}

function onDisk(evidence: Evidence): Evidence {
  return {
    dir: evidence.dir,
    journalPath: evidence.journalPath,
    write: (file, content) => tracked(evidence.write(file, content)),
    results: (results) => tracked(evidence.results(results)),
    observations: (lines) => tracked(evidence.observations(lines)),
    canaries: (lines) => tracked(evidence.canaries(lines)),
    seal: (facts) => tracked(evidence.seal(facts)),
  };
}

/** Moves time on until the promise is settled; the disk, which is real, gets its turns in between. */
export async function inSimulatedTime<T>(clock: FakeClock, work: Promise<T>, limitMs = 600_000): Promise<T> {
  let settled = false;
  const done = (): void => {
    settled = true;
  };
  work.then(done, done);
  const untilMs = clock.nowMs() + limitMs;
  while (!settled) {
    if (clock.nowMs() > untilMs) throw new Error(`not settled within ${limitMs} ms of simulated time`);
    await step(clock);
  }
  return work;
}

/** Moves time on by some, likewise. */
export async function pass(clock: FakeClock, byMs: number): Promise<void> {
  for (let passed = 0; passed < byMs; passed += stepMs) await step(clock);
}

const stepMs = 10;

async function step(clock: FakeClock): Promise<void> {
  await clock.advance(stepMs);
  while (busy.size > 0) await Promise.allSettled(busy);
  await new Promise((resolve) => setImmediate(resolve));
}

function scenarioOf({ drill, overrides }: DrillWorldOptions, mayTakeOver: boolean): Scenario {
  const region = (name: string, share: number): Scenario['regions'][string] => ({
    jurisdiction: name.slice(0, 2).toUpperCase(),
    share,
    endpoint: `https://${name}.agent.test`,
    place: null,
    metrics: null,
    kubernetes: { context: name, namespace: 'default', workloads: [workload] },
  });
  const check = { everyMs: 100, timeoutMs: 1_000, from: null, kind: 'http', path: '/v1/ping', method: 'GET' } as const;
  const expect = { status: [200], headers: {}, bodyContains: [] };
  const rest = { headers: {}, body: null, resolveWith: 'resolver', expect, more: {} } as const;
  return {
    service: 'agent-api',
    entry: { api: 'https://api.agent.test' },
    zone: { provider: 'route53', id: 'Z1', names: ['api.agent.test'], nameservers: ['127.0.0.53:53', '127.0.0.54:53'] },
    regions: { 'us-east-1': region('us-east-1', 50), 'eu-west-1': region('eu-west-1', 50) },
    identity: { servedBy: 'x-region', storedIn: null },
    userCountryHeader: null,
    residency: [],
    inventory: {},
    residencyLog: {},
    places: {},
    references: [],
    checks: [
      { name: 'entry', endpoint: { to: 'entry', entry: 'api' }, ...check, ...rest },
      { name: 'home', endpoint: { to: 'regions', only: null }, ...check, ...rest },
    ],
    objectives: [],
    drills: [
      {
        name: 'lose-us-east-1',
        fault: { kind: 'scale-to-zero', region: 'us-east-1' },
        suspend: [],
        expect: [
          {
            entry: 'api',
            servedBy: mayTakeOver ? ['eu-west-1'] : [],
            withinMs: 8_000,
            failbackMs: 8_000,
            residency: null,
          },
        ],
        burst: { everyMs: 100, forMs: 60_000 },
        leaseMs: 2_000,
        holdMs: 500,
        schedule: null,
        deadlineMs: null,
        stop: { burn: 14.4, overMs: 60_000, objectives: null },
        ...drill,
      },
    ],
    allow: { contexts: ['us-east-1', 'eu-west-1'], workloads: [deployment], hours: null, freezes: [] },
    restorer: null,
    switchboards: Object.fromEntries(
      ['us-east-1', 'eu-west-1'].map((name) => [name, { url: `http://${name}`, token: null }]),
    ),
    vantages: ['us-east-1', 'eu-west-1', 'ap-southeast-1'],
    metricsPrefix: 'agent',
    overrides: overrides ?? { 'guard.headroom': 'known' },
    remoteWrite: [],
    federate: [],
    alertmanagers: [],
    notify: [],
  };
}
