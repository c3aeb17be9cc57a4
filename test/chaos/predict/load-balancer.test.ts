/** Names that follow the targets of a load balancer: no interval and no threshold, but a deregistration delay. */
import { describe, expect, test } from 'vitest';
import { noPast, pastOf } from '../../../chaos/predict/past.ts';
import {
  forecast,
  guardOf,
  meets,
  type PredictionInput,
  predictionInputOf,
  targetsOf,
  timingOf,
} from '../../../chaos/predict.ts';
import { predicted, seenBeforePlan } from '../../../chaos/runner/prediction.ts';
import { exactly } from '../../../contract/bounds.ts';
import type { DrillReport } from '../../../contract/drill.ts';
import type { LoadBalancerPlan } from '../../../scenarios/scenario.ts';
import type { RecordSet } from '../../../zone/records.ts';
import { lost } from '../../fakes/drill-facts.ts';
import { drillWorld } from '../../fakes/drill-world.ts';
import { checkFor } from '../../lab-route53/lab.ts';
import { checked, nowhere, routed, values, zoneOf } from '../../zone/records.ts';

const us = 'dualstack.us-1.us-east-1.elb.amazonaws.com.';
const eu = 'eu-1.elb.eu-west-1.amazonaws.com.';

function outside(target: string, evaluateTargetHealth = true): RecordSet {
  return {
    ...values('api'),
    target: { kind: 'alias', name: target, hostedZoneId: 'ZELB', evaluateTargetHealth },
  };
}
const role = (record: RecordSet, failover: 'PRIMARY' | 'SECONDARY'): RecordSet =>
  routed(record, failover, { policy: 'failover', role: failover });
const pair = (primary: RecordSet) => zoneOf(role(primary, 'PRIMARY'), role(outside(eu), 'SECONDARY'));

const none = [{ fromMs: 0, toMs: 0 }];
const pods = { replicas: 2, settings: [] };
const named = {
  zone: pair(outside(us)),
  healthChecks: [{ ...checkFor('hc-us'), requestIntervalSeconds: 30, failureThreshold: 3 }],
  hostname: 'api.agent.test',
  addresses: [us],
  client: nowhere,
  mode: 'status-503',
  targets: 'gone',
} as const;

/** What is drawn for clients that are cold, with pods that go at once and name servers that hear of it at once. */
function inputFor(
  way: PredictionInput['way'],
  balancer?: LoadBalancerPlan,
  zone: Parameters<typeof guardOf>[0]['zone'] = named.zone,
): PredictionInput {
  return predictionInputOf(
    { ...named, zone },
    {
      way,
      ...timingOf(way, pods, noPast, balancer),
      drain: none,
      serving: none,
      filling: none,
      publish: none,
      pods: null,
      copies: [],
      look: { fromMs: 0, toMs: 0 },
      burstEveryMs: 0,
      statusEveryMs: 0,
      endpointsEveryMs: 0,
      attemptMs: 0,
      failMs: 0,
      holdMs: 10_000,
      seed: 1,
    },
  );
}
const delayed = (seconds: number): LoadBalancerPlan => ({
  deregistrationDelayMs: seconds * 1_000,
  healthCheckIntervalMs: 30_000,
});

describe('what leads names away', () => {
  test('are the targets, where an alias inherits the health of their load balancer', () => {
    const found = { check: null, byTargets: true, otherwise: false, ttlMs: 60_000, ttlOf: 'alias' };
    expect(guardOf(named)).toEqual({ ...found, share: { well: 1, dark: 0 } });
  });
  test('is nothing where it inherits no health', () => {
    const blind = guardOf({ ...named, zone: pair(outside(us, false)) });
    expect(blind).toMatchObject({ byTargets: false, otherwise: false, share: { dark: 1 } });
  });
  test('is not known for a target that is no load balancer', () => {
    const gateway = 'd-1.execute-api.us-east-1.amazonaws.com.';
    const found = guardOf({ ...named, zone: pair(outside(gateway)), addresses: [gateway] });
    expect(found).toMatchObject({ byTargets: false, otherwise: true });
  });
  test('are targets that are gone: an edge that refuses leaves them, and of a failing health route nobody can tell', () => {
    expect(['scale-to-zero', 'ecs-service', 'edge', 'health-route'].map((kind) => targetsOf({ kind }))).toEqual([
      'gone',
      'gone',
      'as they were',
      null,
    ]);
    expect(guardOf({ ...named, targets: 'as they were' })).toMatchObject({ byTargets: false, otherwise: false });
    expect(guardOf({ ...named, targets: null })).toMatchObject({ byTargets: false, otherwise: true });
  });
});

describe('the deregistration delay', () => {
  // Of a minute: what is left of the alias's own once the targets are gone.
  test.each([
    [0, 100],
    [5, 92],
    [20, 67],
    [30, 50],
  ])('of %d s leaves %d %% of cold clients served again within a minute', (seconds, percent) => {
    const { probability } = meets(forecast(inputFor('failover', delayed(seconds))), 60_000);
    expect(Math.abs((probability ?? Number.NaN) * 100 - percent)).toBeLessThan(1.5);
  });

  test('is five minutes where nobody says otherwise, and then no minute can be met', () => {
    const chance = meets(forecast(inputFor('failover')), 60_000);
    expect(chance).toMatchObject({ probability: 0, possible: false });
    expect(chance.because).toBe(
      'targets that take up to 5.0 min to be gone and an alias TTL of 60.00 s cannot give 60.00 s: with every phase at its luckiest it takes 5.0 min',
    );
  });

  test('has no say on the way back: a target is well with the first check that it passes', () => {
    const { stages } = forecast(inputFor('failback', delayed(5)));
    expect((stages.authority?.p50 ?? 0) / 1_000).toBeCloseTo(15, 0);
    expect(stages.detect).toBeUndefined();
  });

  test('is told of the clients that keep their connections', async () => {
    const { options } = await drillWorld();
    const plan = { ...options.scenario.regions[lost], loadBalancer: delayed(30) };
    const scenario = { ...options.scenario, regions: { ...options.scenario.regions, [lost]: plan } };
    const known = { id: 'drill-1', region: lost, pods, past: noPast, zone: { zone: named.zone, healthChecks: [] } };
    const told = predicted({ ...options, scenario } as typeof options, known as never, seenBeforePlan, 100).text;
    expect(told).toContain(
      'kept connections and requests under way: us-east-1 may serve them for up to 30.00 s more, whatever names say',
    );
  });
});

describe('a record with a check and targets', () => {
  const both = pair(checked(outside(us), 'hc-us'));
  const authority = (way: PredictionInput['way'], seconds: number): number =>
    (forecast(inputFor(way, delayed(seconds), both), 2_000).stages.authority?.p50 ?? 0) / 1_000;

  test('is left with the first of them', () => {
    expect(authority('failover', 5)).toBeCloseTo(5, 1);
    expect(Math.abs(authority('failover', 300) - 85)).toBeLessThan(2);
  });
  test('is back with the last', () => {
    expect(Math.abs(authority('failback', 5) - 65)).toBeLessThan(2);
  });
});

test('what drills without a check have measured takes the place of the delay, up to the name servers', () => {
  const moved = { v: { fresh: { drain: exactly(100), authority: exactly(7_100) } } };
  const report = { stages: moved, failback: moved } as unknown as DrillReport;
  const past = pastOf(Array.from({ length: 5 }, () => report));
  expect(timingOf('failover', pods, past).targets[0]).toEqual({ fromMs: 7_000, toMs: 7_000 });
  expect(timingOf('failback', pods, past).targets[0]).toEqual({ fromMs: 7_000, toMs: 7_000 });
  expect(timingOf('failover', pods, past).publish).toEqual([]);
  const checkedToo = { v: { fresh: { ...moved.v.fresh, detect: exactly(7_000) } } };
  expect(pastOf([{ stages: checkedToo, failback: {} } as unknown as DrillReport]).leaving).toEqual([]);
});
