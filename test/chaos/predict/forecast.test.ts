import { describe, expect, test } from 'vitest';
import { drawDetection } from '../../../chaos/predict/forecast.ts';
import { forecast, guardOf, meets, type PredictionInput, predict, predictionInputOf } from '../../../chaos/predict.ts';
import { seededRandom } from '../../../contract/random.ts';
import type { HealthCheck, RecordSet, Routing, Zone } from '../../../zone/records.ts';

const nothing = [{ fromMs: 0, toMs: 0 }];
const settings: PredictionInput = {
  way: 'failover',
  check: { kind: 'over-http', everyMs: 30_000, threshold: 3, checkers: 16 },
  leaves: true,
  mode: 'status-503',
  ttlMs: 60_000,
  ttlOf: 'record',
  copies: [],
  drain: nothing,
  serving: nothing,
  pods: null,
  filling: nothing,
  targets: [],
  needs: 'either',
  publish: nothing,
  look: { fromMs: 0, toMs: 0 },
  statusEveryMs: 0,
  endpointsEveryMs: 0,
  holdMs: 10_000,
  failMs: 0,
  nameservers: 4,
  burstEveryMs: 0,
  attemptMs: 0,
  seed: 1,
};

describe('detection by 16 checkers and the 18 % rule', () => {
  const runs = 20_000;
  // Interval, threshold, cost of a failing try in s; down and up: mean and 99th percentile in s. On the way up what a
  // failing try costs makes the cycle longer in which a checker meets the change (docs/decisions/0016).
  const table = [
    [10, 1, 0, 8.2, 9.7, 1.8, 4.3],
    [10, 2, 0, 18.2, 19.7, 11.8, 14.3],
    [10, 3, 0, 28.2, 29.7, 21.8, 24.3],
    [10, 3, 4, 40.2, 41.7, 22.8, 27.8],
    [30, 1, 0, 24.7, 29.1, 5.3, 13.0],
    [30, 3, 0, 84.7, 89.1, 65.3, 72.9],
    [30, 3, 4, 96.7, 101.1, 66.1, 75.8],
  ] as const;
  test.each(table)(
    '%i s × %i with %i s a failing try: down %d s, up %d s on average',
    (every, threshold, cost, ...want) => {
      const check = { kind: 'over-http', everyMs: every * 1_000, threshold, checkers: 16 } as const;
      const random = seededRandom(7);
      const seen = (['failover', 'failback'] as const).flatMap((way) => {
        const input: PredictionInput = { ...settings, way, check, mode: cost === 4 ? 'black-hole' : 'status-503' };
        const drawn = Array.from({ length: runs }, () => drawDetection(input, check, random) / 1_000).sort(
          (a, b) => a - b,
        );
        const mean = drawn.reduce((sum, value) => sum + value, 0) / runs;
        return [mean, drawn[Math.floor(runs * 0.99)] ?? 0];
      });
      // One tenth is the table's own rounding; the quantile's error for 20,000 runs is below three.
      for (const [index, value] of seen.entries()) expect(Math.abs(value - (want[index] ?? 0))).toBeLessThan(0.25);
    },
  );
});

test('clients of a cold cache follow detection by up to one TTL: 115 s at the median, 142 s for 95 % of them', () => {
  const first = predict(settings)['first-good'];
  expect((first?.p50 ?? 0) / 1_000).toBeCloseTo(115, -0.5);
  expect(Math.abs((first?.p50 ?? 0) / 1_000 - 115)).toBeLessThan(1.5);
  expect(Math.abs((first?.p95 ?? 0) / 1_000 - 142)).toBeLessThan(1.5);
});

test('a seed gives the same prediction again', () => {
  expect(predict(settings)).toEqual(predict(settings));
});

test('remaining TTLs seen just before say when this very cache will give way', () => {
  const quick = {
    ...settings,
    check: { kind: 'over-http', everyMs: 1, threshold: 1, checkers: 16 } as const,
    copies: [{ fromMs: 20_000, toMs: 20_000, lengthMs: 60_000 }],
  };
  const resolver = predict(quick).resolver;
  expect(resolver?.p5).toBeGreaterThanOrEqual(20_000);
  expect(resolver?.p95).toBeLessThan(20_100);
});

test('30 s × 3 and a TTL of 60 s cannot give one minute, and the sentence says so', () => {
  const chance = meets(forecast(settings), 60_000);
  expect(chance).toMatchObject({ possible: false, probability: 0 });
  expect(chance.because).toBe(
    '30.00 s × 3 and a TTL of 60.00 s cannot give 60.00 s: with every phase at its luckiest it takes 60.00 s',
  );
  const four = meets(forecast(settings), 240_000);
  expect(four).toMatchObject({ possible: true, probability: 1 });
  expect(meets(forecast(settings), 115_000).probability).toBeCloseTo(0.5, 1);
});

describe('from a zone', () => {
  const record = (
    name: string,
    routing: Routing,
    target: RecordSet['target'],
    healthCheckId: string | null,
  ): RecordSet => ({
    name,
    type: 'A',
    setIdentifier: routing.policy === 'simple' ? null : JSON.stringify(routing),
    routing,
    healthCheckId,
    target,
  });
  const values = (address: string): RecordSet['target'] => ({ kind: 'values', ttlSeconds: 60, values: [address] });
  const alias = (name: string, evaluateTargetHealth: boolean): RecordSet['target'] => ({
    kind: 'alias',
    name,
    hostedZoneId: 'Z1',
    evaluateTargetHealth,
  });
  const zone: Zone = {
    id: 'Z1',
    name: 'agent.test.',
    nameservers: ['ns-1.test.', 'ns-2.test.', 'ns-3.test.', 'ns-4.test.'],
    records: [
      record('us.agent.test.', { policy: 'failover', role: 'PRIMARY' }, values('127.1.0.1'), 'hc-us'),
      record('us.agent.test.', { policy: 'failover', role: 'SECONDARY' }, values('127.2.0.1'), 'hc-eu'),
      record('eu.agent.test.', { policy: 'simple' }, values('127.2.0.1'), 'hc-eu'),
      record(
        'api.agent.test.',
        { policy: 'geolocation', location: { continent: 'EU' } },
        alias('eu.agent.test.', false),
        null,
      ),
      record(
        'api.agent.test.',
        { policy: 'geolocation', location: { country: '*' } },
        alias('us.agent.test.', true),
        null,
      ),
    ],
  };
  const check = (id: string, threshold: number): HealthCheck => ({
    id,
    version: 1,
    type: 'HTTPS',
    ipAddress: null,
    port: 443,
    hostname: null,
    path: '/health',
    searchString: null,
    requestIntervalSeconds: 30,
    failureThreshold: threshold,
    inverted: false,
    disabled: false,
    healthThreshold: 0,
    childHealthChecks: [],
  });
  const healthChecks = [check('hc-us', 3), check('hc-eu', 2)];
  const american = { continent: 'NA', country: 'US', subdivision: null, latencyMs: {} } as const;
  const european = { continent: 'EU', country: 'DE', subdivision: null, latencyMs: {} } as const;
  const named = { zone, healthChecks, hostname: 'api.agent.test', mode: 'status-503', targets: 'gone' } as const;

  test('the check and the TTL of the records that lead to the region are found through the aliases', () => {
    expect(guardOf({ ...named, addresses: ['127.1.0.1'], client: american })).toEqual({
      check: { kind: 'over-http', everyMs: 30_000, threshold: 3, checkers: 16 },
      byTargets: false,
      needs: 'either',
      leaves: true,
      ttlMs: 60_000,
      ttlOf: 'record',
      share: { well: 1, dark: 0 },
    });
  });
  test('a name that goes on leading to the dark region has no check that helps', () => {
    const input = predictionInputOf({ ...named, addresses: ['127.2.0.1'], client: european }, settings);
    expect(input).toMatchObject({ check: null, nameservers: 4 });
    expect(predict(input)['first-good']).toBeUndefined();
    expect(meets(forecast(input), 240_000)).toMatchObject({ possible: false });
  });
});
