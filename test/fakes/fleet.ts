import type { Fleet } from '../../chaos/aggregator-client.ts';
import type { BurstRequest, FleetAgent, ObjectiveAnswer, ObjectiveSlice, StoredResult } from '../../contract/api.ts';
import type { Check } from '../../contract/check.ts';
import { type Clock, every } from '../../contract/clock.ts';
import type { DrillReport } from '../../contract/drill.ts';
import type { ClientClass } from '../../contract/result.ts';
import type { Schedules } from '../../contract/schedule.ts';

/**
 * An aggregator with agents, in simulated time: region us-east-1 is as ready as `ready` says, its health check follows
 * with a lag, names follow health, caches follow names. eu-west-1 is always well.
 */
export type FakeFleetOptions = {
  readonly clock: Clock;
  readonly ready: () => boolean;
  readonly detectMs?: number;
  readonly ttlMs?: number;
  /** Whether names lead to us-east-1 while it is well. */
  readonly leads?: () => boolean;
  /** Whether eu-west-1 may take over. */
  readonly mayTakeOver?: boolean;
};

export type FakeTrouble = {
  /** Regions whose answers are bad. */
  readonly sick: Set<string>;
  /** Objectives that the aggregator knows, and what their windows hold. */
  readonly slices: Map<string, readonly ObjectiveSlice[]>;
  /** Users whom a rule keeps elsewhere are served. */
  leaks: boolean;
  /** For how long the aggregator has not been heard. */
  silentForMs: number;
};

export type FakeFleet = Fleet & {
  readonly announced: DrillReport[];
  readonly bursts: Map<string, BurstRequest>;
  /** Whether the health check takes us-east-1 to be well. */
  healthy(): boolean;
  /** What a test may have go wrong. */
  readonly trouble: FakeTrouble;
  /** From now on nothing is answered, as when this process is dead. */
  die(): void;
  stop(): void;
};

const home = 'us-east-1';
const heir = 'eu-west-1';
const vantages = [home, heir] as const;
const roundMs = 100;

export function fakeFleet(options: FakeFleetOptions): FakeFleet {
  const { clock, ready } = options;
  const results: StoredResult[] = [];
  const listeners = new Set<(result: StoredResult) => void>();
  const bursts = new Map<string, BurstRequest>();
  const announced: DrillReport[] = [];
  const caches = new Map<string, { readonly region: string; readonly untilMs: number }>();
  const pooledOn = new Map<string, { readonly region: string; readonly number: number; readonly openedMs: number }>();
  const trouble: FakeTrouble = { sick: new Set(), slices: new Map(), leaks: false, silentForMs: 0 };
  let healthy = true;
  let differsSinceMs: number | null = null;
  let dead = false;
  let id = 0;
  let schedules: readonly Schedules[] = [];

  function watchHealth(): void {
    if (ready() === healthy) differsSinceMs = null;
    else differsSinceMs ??= clock.nowMs();
    if (differsSinceMs !== null && clock.nowMs() - differsSinceMs >= (options.detectMs ?? 3_000)) healthy = ready();
  }

  function authority(vantage: string): string {
    const isLed = (healthy && (options.leads?.() ?? true)) || options.mayTakeOver === false;
    return vantage === home && isLed ? home : heir;
  }

  function resolved(vantage: string): { readonly region: string; readonly ttlSeconds: number } {
    const cached = caches.get(vantage);
    const nowMs = clock.nowMs();
    if (cached !== undefined && cached.untilMs > nowMs) {
      return { region: cached.region, ttlSeconds: Math.ceil((cached.untilMs - nowMs) / 1_000) };
    }
    const region = authority(vantage);
    caches.set(vantage, { region, untilMs: nowMs + (options.ttlMs ?? 2_000) });
    return { region, ttlSeconds: (options.ttlMs ?? 2_000) / 1_000 };
  }

  function isUp(region: string): boolean {
    return (region === heir || ready()) && !trouble.sick.has(region);
  }

  function record(check: Check, vantage: string, client: ClientClass, burst: string | null): void {
    id += 1;
    const atMs = clock.nowMs();
    const shown = observe(check, vantage, client);
    const result: StoredResult = {
      id,
      seq: id,
      check: check.name,
      checkId: check.id,
      entry: check.entry,
      agent: `agent-${vantage}`,
      boot: 'boot',
      vantage,
      round: Math.floor(atMs / roundMs),
      startMs: atMs,
      durationMs: 10,
      phases: {},
      client,
      burst,
      quality: { lateMs: 0, loopDelayMs: 0 },
      offset: { lowerMs: -1, upperMs: 1 },
      atMs,
      ...shown,
      ...(shown.outcome === 'good' ? {} : { failedAt: 'answer', reason: 'status: got 503, want 200' }),
    };
    results.push(result);
    clock.after(50, () => {
      for (const listener of listeners) if (!dead) listener(result);
    });
  }

  function observe(
    check: Check,
    vantage: string,
    client: ClientClass,
  ): Pick<StoredResult, 'outcome' | 'region' | 'servedBy' | 'details'> {
    if (check.kind === 'dns') {
      const { region, ttlSeconds } =
        check.server === null ? resolved(vantage) : { region: authority(vantage), ttlSeconds: 2 };
      const details = { ttlSeconds, answers: [region], ...(check.server === null ? {} : { server: check.server }) };
      return { outcome: 'good', region, servedBy: null, details };
    }
    if (check.kind === 'residency') {
      const details = { status: trouble.leaks ? 201 : 451 };
      const region = check.region ?? heir;
      return { outcome: trouble.leaks ? 'bad' : 'good', region, servedBy: trouble.leaks ? region : null, details };
    }
    if (client === 'pooled') return pooled(`${check.id} ${vantage}`, vantage);
    const region = check.region ?? resolved(vantage).region;
    const good = isUp(region);
    return {
      outcome: good ? 'good' : 'bad',
      region,
      servedBy: good ? region : null,
      details: { status: good ? 200 : 503 },
    };
  }

  /** Opens a new connection once the old one fails. */
  function pooled(key: string, vantage: string): Pick<StoredResult, 'outcome' | 'region' | 'servedBy' | 'details'> {
    const open = pooledOn.get(key) ?? { region: resolved(vantage).region, number: 1, openedMs: clock.nowMs() };
    pooledOn.set(key, open);
    const good = isUp(open.region);
    if (!good) {
      pooledOn.set(key, { region: resolved(vantage).region, number: open.number + 1, openedMs: clock.nowMs() });
    }
    const details = { status: good ? 200 : 503, connection: open.number, connectedAtMs: open.openedMs };
    return { outcome: good ? 'good' : 'bad', region: open.region, servedBy: good ? open.region : null, details };
  }

  function round(): void {
    watchHealth();
    for (const check of ordinary) for (const vantage of vantages) record(check, vantage, 'fresh', null);
    for (const burst of bursts.values()) {
      if (burst.untilMs <= clock.nowMs()) continue;
      for (const check of burst.checks) {
        for (const vantage of check.vantages ?? vantages) {
          record(check, vantage, 'fresh', burst.id);
          if (burst.pooled && check.kind === 'http') record(check, vantage, 'pooled', burst.id);
        }
      }
    }
  }
  for (let before = 0; before < 5; before += 1) round();
  const stop = every(clock, roundMs, round, () => undefined);

  function objectiveOf(objective: string): ObjectiveAnswer {
    const slices = trouble.slices.get(objective) ?? [];
    const counts = { target: 0.999, n: 0, missing: 0, measured: null, interval: null, needed: null };
    return { id: objective, status: 'pass', because: '', ...counts, at: clock.nowMs(), final: false, slices };
  }

  async function answer<T>(value: T): Promise<T> {
    return dead ? new Promise<never>(() => undefined) : value;
  }

  return {
    trouble,
    announced,
    bursts,
    healthy: () => healthy,
    die() {
      dead = true;
    },
    stop,
    offset: () => answer({ lowerMs: -1, upperMs: 1 }),
    fleet: () => answer({ agents: vantages.map((vantage) => agentAt(vantage, clock.nowMs())) }),
    verdicts: () => answer({ verdicts: [...trouble.slices.keys()].map(objectiveOf) }),
    objective: (objective) => answer(objectiveOf(objective)),
    quorum: () => answer({ round: 0, checks: [] }),
    drills: () => answer({ drills: [...new Map(announced.map((report) => [report.id, report])).values()] }),
    schedules: () => answer({ scenarios: schedules }),
    async announceSchedules(announced) {
      await answer(null);
      schedules = [announced];
    },
    newest: (limit) => answer(results.slice(-limit).toReversed()),
    async announce(report) {
      await answer(null);
      announced.push(report);
    },
    async burst(request) {
      await answer(null);
      bursts.set(request.id, request);
    },
    annotate: () => answer(undefined),
    async results(onResult) {
      await answer(null);
      listeners.add(onResult);
      return {
        silentForMs: () => trouble.silentForMs,
        async close() {
          await answer(null);
          listeners.delete(onResult);
        },
      };
    },
  };
}

function agentAt(vantage: string, nowMs: number): FleetAgent {
  const clock = { offsetMs: 0, errorMs: 1 };
  const counts = { expected: 100, missing: 0 };
  return {
    agent: `agent-${vantage}`,
    vantage,
    region: vantage,
    boot: 'boot',
    version: '0',
    connected: true,
    lastSeenMs: nowMs,
    clock,
    ...counts,
  };
}

const common = { target: 'agent-api', vantages: null, everyMs: roundMs, timeoutMs: 1_000, kind: 'http' } as const;
const request = {
  url: 'https://api.agent.test/v1/ping',
  method: 'GET',
  headers: {},
  body: null,
  resolveWith: 'resolver',
  expect: { status: [200], headers: {}, bodyContains: [] },
  identity: { servedBy: 'x-region', storedIn: null },
} as const;
const ordinary: readonly Check[] = [
  { id: 'entry', name: 'entry', region: null, entry: 'api', ...common, ...request },
  { id: `home/${home}`, name: 'home', region: home, entry: null, ...common, ...request },
  { id: `home/${heir}`, name: 'home', region: heir, entry: null, ...common, ...request },
];
