/**
 * A drill in simulated time, with its truth: strays, flaps, overlapping attempts, clocks that are shifted and drift, results
 * that are missing. What it gives to be judged is what agents and a runner would have recorded, and nothing else.
 */

import type { CheckerReading, DrillFacts, EndpointReading } from '../../chaos/facts.ts';
import type { StoredResult } from '../../contract/api.ts';
import type { Bounds } from '../../contract/bounds.ts';
import type { Prediction } from '../../contract/drill.ts';
import { type Random, seededRandom } from '../../contract/random.ts';
import { drawSettings, type Pace, type Settings } from './simulated-drill/settings.ts';
import { type StageTruth, truthsOf } from './simulated-drill/truth.ts';
import { type Lived, live, type Made } from './simulated-drill/vantage.ts';
import { buildWorld, heirs, region, type World } from './simulated-drill/world.ts';

export type SimulatedDrill = {
  readonly settings: Settings;
  readonly world: World;
  readonly facts: DrillFacts;
  readonly truths: { readonly [vantage: string]: readonly StageTruth[] };
};

/** A clock that is `offsetMs` ahead at t0 and runs `driftPpm` too fast. */
type Clock = { readonly read: (trueMs: number) => number };
const maxDriftPpm = 200;

function drawClock(world: World, random: Random): Clock {
  const offsetMs = (random() - 0.5) * 20_000;
  const rate = 1 + ((random() * 2 - 1) * maxDriftPpm) / 1_000_000;
  return { read: (trueMs) => world.t0Ms + offsetMs + (trueMs - world.t0Ms) * rate };
}

export function simulatedDrill(seed: number, pace: Pace, prediction: Prediction = {}): SimulatedDrill {
  const random = seededRandom(seed * 7_919 + 1);
  const settings = drawSettings(random, pace);
  const world = buildWorld(settings, random);
  const vantages = [
    { name: 'us-east-1', on: true },
    { name: 'us-west-2', on: settings.secondOn },
  ].map(({ name, on }) => ({ name, lived: live(settings, world, on, random), clock: drawClock(world, random) }));
  const results = vantages.flatMap(({ name, lived, clock }) => recorded(name, settings, lived, { clock, random }));
  return {
    settings,
    world,
    facts: { ...factsOf(settings, world, random), results: results.sort(() => random() - 0.5), prediction },
    truths: Object.fromEntries(vantages.map(({ name, lived }) => [name, truthsOf(settings, world, lived)])),
  };
}

function factsOf(settings: Settings, world: World, random: Random): Omit<DrillFacts, 'results' | 'prediction'> {
  const clock = drawClock(world, random);
  const call = (trueMs: number): Bounds => ({
    lowerMs: clock.read(trueMs - random() * 40),
    upperMs: clock.read(trueMs + random() * 40),
  });
  const startedMs = world.t0Ms - 3_000;
  const trueOffsetMs = startedMs - clock.read(startedMs);
  return {
    id: 'drill-1',
    name: `lose-${region}`,
    scenario: 'simulated',
    fault: 'scale-to-zero',
    region,
    expect: [
      {
        entry: 'api',
        servedBy: settings.kind === 'nobody' ? [] : [...heirs],
        withinMs: 240_000,
        failbackMs: 240_000,
        residency: null,
      },
    ],
    phase: 'over',
    burstEveryMs: settings.burstEveryMs,
    t0: call(world.t0Ms),
    restoreCalled: call(world.restoreMs),
    offset: { lowerMs: trueOffsetMs - random() * 3, upperMs: trueOffsetMs + random() * 3 },
    offsetAtMs: clock.read(startedMs),
    endpoints: readings(world, random, clock, 300).map((reading) => ({
      ...reading.span,
      ready: readyAt(world, reading.atMs),
      replicas: 10,
    })) satisfies EndpointReading[],
    checkers: readings(world, random, clock, 1_000).map(({ span, atMs }) => checkerAt(world, span, atMs)),
    restored: true,
    left: [],
    stopped: null,
    overrides: {},
    startedMs: clock.read(startedMs),
    endedMs: clock.read(world.endMs),
  };
}

type Read = { readonly atMs: number; readonly span: { readonly sentMs: number; readonly receivedMs: number } };

function readings(world: World, random: Random, clock: Clock, everyMs: number): readonly Read[] {
  const all: Read[] = [];
  for (let atMs = world.t0Ms - 2_000; atMs < world.endMs; atMs += everyMs * (0.8 + random() * 0.4)) {
    const span = { sentMs: clock.read(atMs - random() * 50), receivedMs: clock.read(atMs + random() * 50) };
    all.push({ atMs, span });
  }
  return all;
}

function readyAt(world: World, atMs: number): number {
  if (atMs < world.drainMs || atMs >= world.fullMs) return 10;
  if (atMs < world.backMs) return 0;
  return 1 + Math.floor((8 * (atMs - world.backMs)) / (world.fullMs - world.backMs));
}

function checkerAt(world: World, span: Read['span'], atMs: number): CheckerReading {
  const { unhealthyMs, healthyMs } = world;
  const healthy = unhealthyMs === null || atMs < unhealthyMs || (healthyMs !== null && atMs >= healthyMs);
  return { ...span, healthy, healthyCount: healthy ? 16 : 0, totalCount: 16 };
}

type Recording = { readonly clock: Clock; readonly random: Random };

function recorded(vantage: string, settings: Settings, lived: Lived, by: Recording): StoredResult[] {
  return lived.made.map((made, index) => resultOf(vantage, settings, { made, seq: index + 1 }, by));
}

type Numbered = { readonly made: Made; readonly seq: number };

function resultOf(vantage: string, settings: Settings, numbered: Numbered, by: Recording): StoredResult {
  const { made, seq } = numbered;
  const { missing, connection } = made;
  const { clock, random } = by;
  const startMs = clock.read(made.startMs);
  const offsetMs = made.startMs - startMs;
  const outcome = missing ? 'missing' : made.good ? 'good' : 'bad';
  return {
    id: seq,
    seq,
    check: made.check,
    checkId: `drill-1/${made.check}`,
    entry: made.check === 'direct' ? null : 'api',
    agent: `agent-${vantage}`,
    boot: `boot-${vantage}`,
    vantage,
    round: Math.floor(startMs / settings.burstEveryMs),
    startMs,
    durationMs: clock.read(made.endMs) - startMs,
    outcome,
    phases: {},
    region: made.region,
    servedBy: made.good ? made.region : null,
    details: {
      ttlSeconds: settings.ttlSeconds,
      ...(made.server === null ? {} : { server: made.server }),
      ...(connection === null ? {} : { connection: connection.number, connectedAtMs: clock.read(connection.openedMs) }),
    },
    client: made.client,
    burst: 'drill-1',
    quality: { lateMs: 0, loopDelayMs: 0 },
    offset: { lowerMs: offsetMs - random() * 8, upperMs: offsetMs + random() * 8 },
    atMs: made.startMs,
    ...(outcome === 'good' ? {} : { failedAt: 'answer' as const, reason: 'status: got 503, want 200' }),
    ...(outcome === 'missing' ? { missing: 'shed' as const } : {}),
  };
}
