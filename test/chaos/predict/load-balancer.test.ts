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
  whereLeads,
} from '../../../chaos/predict.ts';
import { predicted, seenBeforePlan } from '../../../chaos/runner/prediction.ts';
import { exactly } from '../../../contract/bounds.ts';
import type { DrillReport } from '../../../contract/drill.ts';
import type { LoadBalancerPlan } from '../../../scenarios/scenario.ts';
import type { RecordSet } from '../../../zone/records.ts';
import { lost } from '../../fakes/drill-facts.ts';
import { drillWorld } from '../../fakes/drill-world.ts';
import { checkFor } from '../../lab-route53/lab.ts';
import { alias, checked, nowhere, routed, values, zoneOf } from '../../zone/records.ts';

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
const dark = {
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
  plan: LoadBalancerPlan | null,
  zone: Parameters<typeof guardOf>[0]['zone'] = dark.zone,
): PredictionInput {
  return predictionInputOf(
    { ...dark, zone },
    {
      way,
      ...timingOf(way, pods, noPast, { plan, alone: true }),
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
    const found = { check: null, byTargets: true, needs: 'either', leaves: true, ttlMs: 60_000, ttlOf: 'alias' };
    expect(guardOf(dark)).toEqual({ ...found, share: { well: 1, dark: 0 } });
  });
  test('is nothing where it inherits no health', () => {
    const blind = guardOf({ ...dark, zone: pair(outside(us, false)) });
    expect(blind).toMatchObject({ byTargets: false, leaves: false, share: { dark: 1 } });
  });
  test('is not known for a target that is no load balancer', () => {
    const gateway = 'd-1.execute-api.us-east-1.amazonaws.com.';
    const found = guardOf({ ...dark, zone: pair(outside(gateway)), addresses: [gateway] });
    expect(found).toMatchObject({ byTargets: false, leaves: null });
  });
  test('is not known where an alarm may be ahead of the targets', () => {
    const alarm = { ...checkFor('hc-us'), type: 'CLOUDWATCH_METRIC' } as const;
    expect(guardOf({ ...dark, zone: pair(checked(outside(us), 'hc-us')), healthChecks: [alarm] }).leaves).toBeNull();
  });
  test('is not known of a region that is not found behind the name', () => {
    expect(guardOf({ ...dark, addresses: ['10.0.0.9'] })).toMatchObject({ leaves: null, share: { well: 0 } });
  });
  test('are targets that are gone: an edge that refuses leaves them, and of a failing health route nobody can tell', () => {
    expect(['scale-to-zero', 'ecs-service', 'edge', 'health-route'].map((kind) => targetsOf({ kind }))).toEqual([
      'gone',
      'gone',
      'as they were',
      null,
    ]);
    expect(guardOf({ ...dark, targets: 'as they were' })).toMatchObject({ byTargets: false, leaves: false });
    expect(guardOf({ ...dark, targets: null })).toMatchObject({ byTargets: false, leaves: null });
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

  test('of five minutes leaves nobody served again within one', () => {
    const chance = meets(forecast(inputFor('failover', delayed(300))), 60_000);
    expect(chance).toMatchObject({ probability: 0, possible: false });
    expect(chance.because).toMatch(
      /^targets that take up to 5\.0 min to be gone and an alias TTL of 60\.00 s cannot give 60\.00 s: none of 10000 /,
    );
  });
  test('is five minutes or none where nobody says how long it is, and then nothing is refused for it', () => {
    const { probability, possible } = meets(forecast(inputFor('failover', null)), 60_000);
    expect(Math.abs((probability ?? Number.NaN) - 0.5)).toBeLessThan(0.03);
    expect(possible).toBe(true);
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
    const known = { id: 'drill-1', region: lost, pods, past: noPast, zone: { zone: dark.zone, healthChecks: [] } };
    const told = predicted({ ...options, scenario } as typeof options, known as never, seenBeforePlan, 100).text;
    expect(told).toContain(
      'kept connections and requests under way: us-east-1 may serve them for up to 30.00 s more, whatever names say',
    );
  });
});

describe('a check and targets', () => {
  type Zone = Parameters<typeof guardOf>[0]['zone'];
  const authority = (zone: Zone, way: PredictionInput['way'], seconds: number): number =>
    (forecast(inputFor(way, delayed(seconds), zone), 2_000).stages.authority?.p50 ?? 0) / 1_000;
  const cname = (to: string): RecordSet => ({
    ...values('api'),
    type: 'CNAME',
    target: { kind: 'values', ttlSeconds: 60, values: [`${to}.agent.test.`] },
  });
  const named = (record: RecordSet, name: string): RecordSet => ({ ...record, name: `${name}.agent.test.` });
  const balanced = named(outside(us), 'us');

  test('of one record: names leave with the first of them, and are back with the last', () => {
    const both = pair(checked(outside(us), 'hc-us'));
    expect(authority(both, 'failover', 5)).toBeCloseTo(5, 1);
    expect(Math.abs(authority(both, 'failover', 300) - 85)).toBeLessThan(2);
    expect(Math.abs(authority(both, 'failback', 5) - 65)).toBeLessThan(2);
  });
  test('a check on an alias within the zone counts as well as that of the record it leads to', () => {
    const inZone = pair(checked(alias('api', 'us', true), 'hc-us'));
    const zone = { ...inZone, records: [...inZone.records, balanced] };
    expect(authority(zone, 'failover', 5)).toBeCloseTo(5, 1);
    expect(Math.abs(authority(zone, 'failover', 300) - 85)).toBeLessThan(2);
  });
  test('targets of a record that is the only one of its name lead nothing away', () => {
    const zone = zoneOf(role(checked(cname('us'), 'hc-us'), 'PRIMARY'), role(cname('eu'), 'SECONDARY'), balanced);
    expect(guardOf({ ...dark, zone })).toMatchObject({ byTargets: false, leaves: true, check: { threshold: 3 } });
    expect(Math.abs(authority(zone, 'failover', 5) - 85)).toBeLessThan(2);
  });
  test('of two records of a region: names have left with the last of them, and are back with the first', () => {
    const other = 'us-2.us-east-1.elb.amazonaws.com.';
    const part = (record: RecordSet, weight: number): RecordSet =>
      routed(named(record, 'us'), `${weight}`, { policy: 'weighted', weight });
    const api = pair(alias('api', 'us', true));
    const weighted = [part(outside(us), 1), part(checked(outside(other, false), 'hc-us'), 2)];
    const zone = { ...api, records: [...api.records, ...weighted] };
    const way = { ...dark, zone, addresses: [us, other] };
    expect(guardOf(way)).toMatchObject({ byTargets: true, needs: 'both', leaves: true, check: { threshold: 3 } });
    const input = { ...inputFor('failover', delayed(5)), check: guardOf(way).check, needs: 'both' } as const;
    expect(Math.abs((forecast(input, 2_000).stages.authority?.p50 ?? 0) - 85_000)).toBeLessThan(2_000);
    const back = { ...inputFor('failback', delayed(5)), check: guardOf(way).check, needs: 'both' } as const;
    expect((forecast(back, 2_000).stages.authority?.p50 ?? 0) / 1_000).toBeCloseTo(15, 0);
  });
});

describe('where an endpoint leads', () => {
  const zone = zoneOf(
    { ...outside(us), name: 'us-alb.agent.test.' },
    alias('us', 'us-alb', true),
    {
      ...values('old'),
      type: 'CNAME',
      target: { kind: 'values', ttlSeconds: 60, values: ['US-1.us-east-1.elb.amazonaws.com'] },
    },
    alias('circle', 'circle', true),
  );
  const balancer = ['us-1.us-east-1.elb.amazonaws.com.'];
  test.each([
    ['127.0.0.1', ['127.0.0.1']],
    ['us.agent.test', balancer],
    ['old.agent.test', balancer],
    ['dualstack.us-1.us-east-1.elb.amazonaws.com', balancer],
    ['us-1.us-east-1.elb.amazonaws.com', balancer],
    ['circle.agent.test', []],
  ])('%s: %j', (host, found) => {
    expect(whereLeads(zone, host)).toEqual(found);
  });
});

describe('what drills without a check have measured', () => {
  const moved = { v: { fresh: { drain: exactly(100), authority: exactly(7_100) } } };
  const past = pastOf(Array.from({ length: 5 }, () => ({ stages: moved, failback: moved }) as unknown as DrillReport));
  const measured = { fromMs: 7_000, toMs: 7_000 };

  test('is taken where nobody says how long the delay is, up to the name servers', () => {
    for (const way of ['failover', 'failback'] as const) {
      const found = timingOf(way, pods, past, { plan: null, alone: true });
      expect([found.targets[0], found.publish]).toEqual([measured, []]);
    }
  });
  test('gives way to what the scenario says, and is nothing to names that follow a check', () => {
    const [told] = timingOf('failover', pods, past, { plan: delayed(5), alone: true }).targets;
    expect(told).toEqual({ fromMs: 5_000, toMs: 5_000 });
    expect(timingOf('failover', pods, past).targets).not.toContainEqual(measured);
    expect(timingOf('failover', pods, past).publish).not.toEqual([]);
  });
  test('is not of those that a check was seen in', () => {
    const checkedToo = { v: { fresh: { ...moved.v.fresh, detect: exactly(7_000) } } };
    expect(pastOf([{ stages: checkedToo, failback: {} } as unknown as DrillReport]).leaving).toEqual([]);
  });
});
