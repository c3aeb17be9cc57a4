import { describe, expect, test } from 'vitest';
import { podSettingsOf } from '../../../chaos/cloud/kubernetes/pod-settings.ts';
import { noPast, pastOf } from '../../../chaos/predict/past.ts';
import {
  cachedCopies,
  failureModeOf,
  forecast,
  meets,
  type PredictionInput,
  timingOf,
} from '../../../chaos/predict.ts';
import type { Bounds } from '../../../contract/bounds.ts';
import type { DrillReport, StageId } from '../../../contract/drill.ts';
import { result as answer } from '../../fakes/drill-facts.ts';

const settings: PredictionInput = {
  way: 'failover',
  check: { kind: 'over-http', everyMs: 10_000, threshold: 3, checkers: 16 },
  leaves: true,
  mode: 'status-503',
  ttlMs: 20_000,
  ttlOf: 'record',
  copies: [],
  drain: [{ fromMs: 100, toMs: 100 }],
  serving: [{ fromMs: 0, toMs: 0 }],
  pods: null,
  filling: [],
  targets: [],
  needs: 'either',
  publish: [{ fromMs: 0, toMs: 0 }],
  look: { fromMs: 0, toMs: 0 },
  nameservers: 4,
  burstEveryMs: 100,
  statusEveryMs: 100,
  endpointsEveryMs: 100,
  holdMs: 10_000,
  attemptMs: 100,
  failMs: 100,
  seed: 1,
};

function median(stage: StageId, change: Partial<PredictionInput>): number {
  return forecast({ ...settings, ...change }, 1_000).stages[stage]?.p50 ?? Number.NaN;
}
function later(stage: StageId, change: Partial<PredictionInput>): number {
  return (median(stage, change) - median(stage, {})) / 1_000;
}

describe('what an input changes', () => {
  const check = settings.check ?? null;
  const slower = (change: object): Partial<PredictionInput> => ({
    check: check === null ? null : { ...check, ...change },
  });
  test.each<readonly [string, StageId, Partial<PredictionInput>, number]>([
    ['an interval of 30 s', 'detect', slower({ everyMs: 30_000 }), 56],
    ['a threshold of 4', 'detect', slower({ threshold: 4 }), 10],
    ['a black hole', 'detect', { mode: 'black-hole' }, 12],
    ['a black hole over TCP', 'detect', { ...slower({ kind: 'tcp' }), mode: 'black-hole' }, 30],
    ['an endpoint that hangs', 'detect', { mode: 'hung' }, 6],
    ['a refusal', 'detect', { mode: 'refused' }, 0],
    ['looks of one second', 'detect', { look: { fromMs: 1_000, toMs: 1_000 } }, 3],
    ['pods that serve 5 s more', 'detect', { serving: [{ fromMs: 5_000, toMs: 5_000 }] }, 5],
    ['name servers that hear 2 s later', 'authority', { publish: [{ fromMs: 2_000, toMs: 2_000 }] }, 2],
    ['a TTL of 60 s', 'first-good', { ttlMs: 60_000 }, 20],
    ['attempts of 1 s', 'first-good', { attemptMs: 1_100 }, 0.5],
  ])('%s: %s comes %d s later', (_, stage, change, seconds) => {
    expect(Math.abs(later(stage, change) - seconds)).toBeLessThan(Math.max(0.3, seconds * 0.15));
  });

  test('a resolver that raises TTLs keeps its clients for its own time', () => {
    const copies = [{ fromMs: 0, toMs: 0, lengthMs: 60_000 }];
    expect(median('resolver', { copies, burstEveryMs: 1 }) / 1_000).toBeCloseTo(60, 0);
    expect(meets(forecast({ ...settings, copies }, 100), 20_000).because).toContain(
      'a TTL of 20.00 s (that a resolver raises to 60.00 s)',
    );
  });
  test('of more pods the first is ready earlier, and the last later', () => {
    const of = (replicas: number, stage: StageId): number =>
      median(stage, { way: 'failback', pods: { replicas, starting: [{ fromMs: 1_000, toMs: 11_000 }] } });
    expect(of(10, 'drain')).toBeLessThan(of(1, 'drain') - 2_000);
    expect(of(10, 'capacity')).toBeGreaterThan(of(1, 'capacity') + 2_000);
  });
  test('all pods of a drill start in times of one order, whichever it is', () => {
    const starting = [
      { fromMs: 100, toMs: 200 },
      { fromMs: 10_000, toMs: 20_000 },
    ];
    const { drain, capacity } = forecast({ ...settings, way: 'failback', pods: { replicas: 10, starting } }).stages;
    expect([drain?.p5, capacity?.p5].every((ms = Number.NaN) => ms < 400)).toBe(true);
    expect([drain?.p95, capacity?.p95].every((ms = 0) => ms > 9_000)).toBe(true);
  });
  test('all name servers hear of it in times of one order, whichever it is', () => {
    const publish = [
      { fromMs: 0, toMs: 10 },
      { fromMs: 8_000, toMs: 8_010 },
    ];
    const { authority } = forecast({ ...settings, check: null, targets: settings.drain, publish }, 1_000).stages;
    const byOrder = [authority?.p5, authority?.p95].map((ms = Number.NaN) => Math.round(ms / 1_000));
    expect(byOrder).toEqual([0, 8]);
    expect(Math.abs((authority?.p50 ?? Number.NaN) - 4_100)).toBeGreaterThan(3_500);
  });
  test('a copy that is renewed twenty times ends half a burst later each time', () => {
    const copies = [{ fromMs: 0, toMs: 0, lengthMs: 1_000 }];
    const targets = [{ fromMs: 20_000, toMs: 20_000 }];
    const lateMs = median('resolver', { check: null, targets, copies, burstEveryMs: 40 }) - 20_000;
    expect(Math.abs(lateMs - 20 * 20)).toBeLessThan(40);
  });
  test('the last attempt to fail is not predicted where it hangs until the region is put back', () => {
    expect(later('last-bad', { failMs: 9_000 })).toBeGreaterThan(0);
    const { stages } = forecast({ ...settings, failMs: 11_000 }, 100);
    expect(Object.keys(stages)).toContain('first-good');
    expect(Object.keys(stages)).not.toContain('last-bad');
  });
  test('what moves names in a time that nobody knows is neither possible nor impossible', () => {
    const chance = meets(forecast({ ...settings, check: null, leaves: null }, 10), 60_000);
    expect(chance).toMatchObject({ probability: null, possible: true });
  });
});

test('a drill of no door in particular takes the mode of its fault, and a region may say its own', () => {
  const fault = { kind: 'scale-to-zero', region: 'us-east-1' } as const;
  expect(failureModeOf(fault, undefined)).toBe('status-503');
  expect(failureModeOf(fault, { whenDark: 'black-hole' })).toBe('black-hole');
  expect(failureModeOf({ ...fault, how: 'refuse' }, { whenDark: 'hung' })).toBe('refused');
  expect(failureModeOf({ ...fault, how: 'latency' }, undefined)).toBeNull();
});

test('preStop, grace and readiness are read from a pod template, and make their ranges', () => {
  const template = {
    spec: {
      terminationGracePeriodSeconds: 20,
      containers: [
        {
          lifecycle: { preStop: { exec: { command: ['sh', '-c', 'sleep 15'] } } },
          readinessProbe: { initialDelaySeconds: 5, periodSeconds: 2, successThreshold: 3 },
        },
        { lifecycle: { preStop: { sleep: { seconds: 3 } } } },
      ],
    },
  };
  const pods = podSettingsOf({ spec: { template } });
  expect(pods).toEqual({
    graceMs: 20_000,
    preStopMs: 15_000,
    readyDelayMs: 5_000,
    readyEveryMs: 2_000,
    readyThreshold: 3,
  });
  expect(podSettingsOf({})).toMatchObject({ graceMs: 30_000, preStopMs: 0, readyEveryMs: 0 });
  const known = { replicas: 2, settings: [pods] };
  expect(timingOf('failover', known, noPast).serving).toEqual([
    { fromMs: 0, toMs: 50 },
    { fromMs: 0, toMs: 15_500 },
  ]);
  expect(timingOf('failback', known, noPast).pods).toEqual({
    replicas: 2,
    starting: [
      { fromMs: 5_050, toMs: 11_200 },
      { fromMs: 5_200, toMs: 11_800 },
      { fromMs: 5_800, toMs: 14_200 },
      { fromMs: 8_200, toMs: 31_000 },
    ],
  });
});

/** What a resolver answered: when, after which TTL was left. */
function cached(answers: readonly (readonly [atMs: number, ttlSeconds: number])[], ttlMs: number) {
  const results = answers.map(([atMs, ttlSeconds]) => ({
    ...answer({ from: atMs, to: atMs, by: null, led: 'us-east-1', check: 'resolver', details: { ttlSeconds } }),
    atMs,
  }));
  return cachedCopies({ results, atMs: 10_000 }, { entry: 'api', ttlMs, isStale: (region) => region === 'us-east-1' });
}

describe("a resolver's copy", () => {
  test('is renewed for as long as the record says, though less was left whenever it was seen', () => {
    expect(cached([[9_000, 37]], 60_000)).toEqual([{ fromMs: 35_000, toMs: 36_000, lengthMs: 60_000 }]);
  });
  test('ends so long after the refill that was seen', () => {
    const copies = cached(
      [
        [8_000, 1],
        [8_200, 1],
        [8_400, 3],
      ],
      3_000,
    );
    expect(copies).toEqual([{ fromMs: 1_200, toMs: 1_400, lengthMs: 3_000 }]);
  });
  test('is kept longer by a resolver that told a longer time, and shorter by one whose refill brought less', () => {
    expect(cached([[9_000, 300]], 60_000)[0]?.lengthMs).toBe(300_000);
    expect(
      cached(
        [
          [8_000, 1],
          [9_000, 30],
        ],
        60_000,
      )[0]?.lengthMs,
    ).toBe(30_000);
  });
});

test('names follow health, by twice the mean of what drills measured at most, though looks at it are far apart', () => {
  const report = (lapseMs: number): DrillReport => {
    const at = (ms: number): Bounds => ({ lowerMs: ms - 100, upperMs: ms + 100 });
    return {
      stages: { v: { fresh: { detect: at(2_000), authority: at(2_000 + lapseMs) } } },
      failback: {},
    } as unknown as DrillReport;
  };
  // Ten of them: 20 ms on the average, each up to 120 ms off.
  const lapses = [140, -100, 140, -100, 140, -100, 140, -100, 20, 20];
  const [published] = pastOf(lapses.map(report)).publish;
  expect(published?.fromMs).toBe(0);
  expect(published?.toMs).toBeGreaterThan(40);
  expect(published?.toMs).toBeLessThan(80);
  expect(pastOf([report(-80)]).publish).toEqual([{ fromMs: 0, toMs: 80 }]);
});

test('what past drills measured takes the place of what is taken without them', () => {
  const exactly = (ms: number) => ({ lowerMs: ms, upperMs: ms });
  const report = (ms: number): DrillReport =>
    ({
      stages: { v: { fresh: { drain: exactly(ms), 'last-served': exactly(ms + 50), detect: exactly(5_000) } } },
      failback: { v: { fresh: { drain: exactly(900), capacity: exactly(1_400) } } },
    }) as unknown as DrillReport;
  const past = pastOf([100, 110, 120, 130, 140].map(report));
  expect(past.drain[2]).toEqual({ fromMs: 120, toMs: 120 });
  expect(past.served[4]).toEqual({ fromMs: 190, toMs: 190 });
  expect(past.publish).toEqual([]);
  const back = timingOf('failback', { replicas: 3, settings: [] }, past);
  expect(back.pods).toBeNull();
  expect(back.filling[0]).toEqual({ fromMs: 500, toMs: 500 });
  expect(timingOf('failover', { replicas: 3, settings: [] }, past).served).toEqual(past.served);
  // Of one drill alone, what lies around it is as likely.
  expect(pastOf([report(100)]).started).toEqual([{ fromMs: 675, toMs: 1_125 }]);
});
