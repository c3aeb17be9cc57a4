import { describe, expect, test } from 'vitest';
import { agentApi as world } from '../../scenarios/agent-api.ts';
import { assignmentOf } from '../../scenarios/compile.ts';
import { parseScenario } from '../../scenarios/define.ts';
import type { Bindings, Plant } from '../../scenarios/world.ts';
import { worlds } from '../../scenarios/worlds.ts';
import { possibleAnswers } from '../../zone/answer.ts';
import type { ClientLocation, RecordSet } from '../../zone/records.ts';
import { applyChanges } from '../../zone/validate.ts';

const at: Bindings = {
  doorPort: 40443,
  addresses: { 'us-east-1': '127.1.0.1', 'eu-west-1': '127.2.0.1', 'ap-southeast-1': '127.3.0.1' },
  hostedZoneId: 'Z1',
  nameservers: ['127.0.0.53:40153', '127.0.0.54:40153'],
};
const { fast, real } = world.profiles;
const plan = world.lab(fast);
const zone = plan.zone(at);
const regionAt = Object.fromEntries(Object.entries(at.addresses).map(([region, address]) => [address, region]));

function clientAt(place: string): ClientLocation {
  const found = plan.places[place];
  const continent = (found?.continent ?? null) as ClientLocation['continent'];
  return { continent, country: found?.country ?? null, subdivision: null, latencyMs: {} };
}

/** Region to the probability that a client at the place is led there. */
function led(name: string, place: string, dark: readonly string[] = [], records: readonly RecordSet[] = zone.records) {
  const hosted = { id: 'Z1', name: 'agent.test.', nameservers: [], records };
  const healthy = (id: string): boolean => !dark.includes(id.replace('hc-', ''));
  const answers = possibleAnswers(hosted, { name, type: 'A' }, clientAt(place), healthy);
  return Object.fromEntries(
    answers.map(({ values, probability }) => [regionAt[values[0] ?? ''] ?? 'nowhere', Number(probability.toFixed(6))]),
  );
}

function recordsWith(plant: Plant | undefined): readonly RecordSet[] {
  return plant?.kind === 'records' ? plant.change(zone.records) : zone.records;
}

const entry = 'api.agent.test.';
const global = 'global.agent.test.';
const standby = 'standby.agent.test.';

describe('the zone of agent-api', () => {
  test('is one that Route 53 takes', () => {
    const ids = new Set(zone.healthChecks.map(({ id }) => id));
    const empty = { id: 'Z1', name: 'agent.test.', nameservers: [], records: [] };
    for (const plant of [undefined, ...Object.values(world.plants)]) {
      const changes = recordsWith(plant).map((record) => ({ action: 'CREATE' as const, record }));
      expect(applyChanges(empty, changes, ids)).toMatchObject({ ok: true });
    }
  });

  test('leads each city, and each vantage, to its region', () => {
    for (const place of ['new-york', 'toronto']) expect(led(entry, place)).toEqual({ 'us-east-1': 1 });
    for (const place of ['london', 'frankfurt']) expect(led(entry, place)).toEqual({ 'eu-west-1': 1 });
    for (const place of ['singapore', 'mumbai']) expect(led(entry, place)).toEqual({ 'ap-southeast-1': 1 });
  });

  test('shares 60/30/10 on the global name, and 75/25 without us-east-1', () => {
    expect(led(global, 'london')).toEqual({ 'us-east-1': 0.6, 'eu-west-1': 0.3, 'ap-southeast-1': 0.1 });
    expect(led(global, 'london', ['us-east-1'])).toEqual({ 'eu-west-1': 0.75, 'ap-southeast-1': 0.25 });
  });

  test('moves North America and the standby name to eu-west-1, and Europe nowhere', () => {
    expect(led(entry, 'toronto', ['us-east-1'])).toEqual({ 'eu-west-1': 1 });
    expect(led(standby, 'toronto', ['us-east-1'])).toEqual({ 'eu-west-1': 1 });
    expect(led(entry, 'frankfurt', ['eu-west-1'])).toEqual({ 'eu-west-1': 1 });
    expect(led(entry, 'mumbai', ['ap-southeast-1'])).toEqual({ 'us-east-1': 1 });
  });
});

describe('a plant', () => {
  test('in the routing of a city misleads that city, and no vantage', () => {
    const wrong = { 'new-york': 'ap-southeast-1', london: 'us-east-1', singapore: 'us-east-1' };
    for (const [place, region] of Object.entries(wrong)) {
      const records = recordsWith(world.plants[`routing.${place}`]);
      expect(led(entry, place, [], records)).toEqual({ [region]: 1 });
      for (const vantage of ['toronto', 'frankfurt', 'mumbai']) {
        expect(led(entry, vantage, [], records)).toEqual(led(entry, vantage));
        expect(led(entry, vantage, ['us-east-1'], records)).toEqual(led(entry, vantage, ['us-east-1']));
      }
    }
  });

  test('in the weights changes them, and not what is left without us-east-1', () => {
    const records = recordsWith(world.plants['traffic.share']);
    expect(led(global, 'london', [], records)).toEqual({ 'us-east-1': 0.2, 'eu-west-1': 0.6, 'ap-southeast-1': 0.2 });
    expect(led(global, 'london', ['us-east-1'], records)).toEqual({ 'eu-west-1': 0.75, 'ap-southeast-1': 0.25 });
  });

  test('in the global name keeps it on the region that is gone, and the entry name moves', () => {
    const records = recordsWith(world.plants['failover.active-active']);
    expect(led(global, 'london', ['us-east-1'], records)).toMatchObject({ 'us-east-1': 0.6 });
    expect(led(entry, 'toronto', ['us-east-1'], records)).toEqual({ 'eu-west-1': 1 });
    expect(led(global, 'london', [], records)).toEqual(led(global, 'london'));
  });

  test('in the standby name leads it to the wrong region when it falls, and not before', () => {
    const records = recordsWith(world.plants['failover.active-passive']);
    expect(led(standby, 'toronto', [], records)).toEqual({ 'us-east-1': 1 });
    expect(led(standby, 'toronto', ['us-east-1'], records)).toEqual({ 'ap-southeast-1': 1 });
  });
});

describe('the scenario of agent-api', () => {
  test('is sound in both profiles, also after a trip through JSON', () => {
    for (const profile of [fast, real]) {
      const scenario = parseScenario(JSON.parse(JSON.stringify(world.scenario(at, profile))));
      expect(scenario.drills.map(({ name }) => name)).toEqual(world.drills);
      expect(scenario.regions['us-east-1']).toMatchObject({ share: 60, place: 'toronto' });
      expect(scenario.metricsPrefix).toBe('agent');
      expect(world.sampled.every((name) => scenario.checks.some((check) => check.name === name))).toBe(true);
    }
  });

  test('asks what its rows are made from', () => {
    const scenario = parseScenario(world.scenario(at, fast));
    const ids = assignmentOf(scenario, 1).checks.map(({ id }) => id);
    expect(ids).toEqual([
      'home/us-east-1',
      'home/eu-west-1',
      'home/ap-southeast-1',
      'smoke/us-east-1',
      'smoke/eu-west-1',
      'smoke/ap-southeast-1',
      'entry',
      'standby',
      'global',
      ...at.nameservers.flatMap((server) =>
        ['new-york', 'london', 'singapore'].map((place) => `geo/${place}@${server}`),
      ),
      ...at.nameservers.map((server) => `draws@${server}`),
      'eu-user',
      'gb-user',
      'us-user/us-east-1',
      'us-user/eu-west-1',
      'us-user/ap-southeast-1',
      'eu-elsewhere/us-east-1',
      'eu-elsewhere/ap-southeast-1',
    ]);
  });

  test('does not say that it is a lab', () => {
    expect(JSON.stringify(world.scenario(at, fast))).not.toMatch(/\blab\b|loopback|plant|truth/);
  });

  test('in the fast profile is the real one divided by its factor, in whole seconds', () => {
    expect(real.limitMs / fast.factor).toBe(fast.limitMs);
    expect(real.ttlSeconds / fast.factor).toBe(fast.ttlSeconds);
    expect(real.healthCheckIntervalSeconds / fast.factor).toBe(fast.healthCheckIntervalSeconds);
    expect(real.leaseMs / fast.factor).toBe(fast.leaseMs);
  });
});

test('the world has a round trip for every vantage and users only where there is one', () => {
  const vantages = Object.values(plan.regions).map(({ place }) => place);
  for (const { roundTripMs } of Object.values(plan.regions)) {
    expect(Object.keys(roundTripMs).sort()).toEqual(Object.keys(plan.places).sort());
  }
  expect(plan.populations.filter(({ place }) => !vantages.includes(place))).toEqual([]);
  const perSecond = plan.populations.reduce(
    (sum, { count, requestEveryMs }) => sum + (count * 1_000) / requestEveryMs,
    0,
  );
  expect(perSecond).toBe(25);
  expect(Object.keys(worlds)).toEqual(['agent-api']);
});

test('rows that need a drill are known by the drill, and the rest need none', () => {
  const needs = Object.keys(world.plants).filter((id) => world.drillsFor(id).length > 0);
  expect(needs).toEqual([
    'failover.active-active',
    'failover.active-passive',
    'failover.eu-dark',
    'failover.residency',
  ]);
});
