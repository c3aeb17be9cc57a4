import { describe, expect, test } from 'vitest';
import { burstOf } from '../../chaos/burst.ts';
import { burstChecks } from '../../chaos/facts.ts';
import type { Check } from '../../contract/check.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { drillWorld } from '../fakes/drill-world.ts';

const nameservers = ['127.0.0.53:53', '127.0.0.54:53'];
const vantages = [
  { vantage: 'us-a', region: 'us-east-1' },
  { vantage: 'us-b', region: 'us-east-1' },
  { vantage: 'eu-a', region: 'eu-west-1' },
];

async function placed(): Promise<Scenario> {
  const { scenario } = (await drillWorld()).options;
  const [us, eu] = [scenario.regions['us-east-1'], scenario.regions['eu-west-1']];
  if (us === undefined || eu === undefined) throw new Error('no regions');
  return {
    ...scenario,
    places: {
      'new-york': { subnet: '198.51.100.0/24', country: 'US', continent: 'NA' },
      london: { subnet: '203.0.113.0/24', country: 'GB', continent: 'EU' },
    },
    regions: { 'us-east-1': { ...us, place: 'new-york' }, 'eu-west-1': { ...eu, place: 'london' } },
    residency: [{ countries: ['DE'], servedIn: ['EU'], storedIn: ['EU'], refusal: 451 }],
    checks: [
      ...scenario.checks,
      {
        name: 'eu-user',
        kind: 'residency',
        endpoint: { to: 'entry', entry: 'api' },
        path: '/v1/records',
        method: 'POST',
        body: '{}',
        userCountry: 'DE',
        everyMs: 1_000,
        timeoutMs: 1_000,
        from: ['eu-a'],
      },
    ],
  };
}

async function bursts() {
  const plan = { drill: 'd1', entries: ['api'], regions: ['us-east-1'], vantages, nameservers, everyMs: 100 };
  return burstOf(await placed(), plan);
}

function of(checks: readonly Check[], name: string): readonly Check[] {
  return checks.filter((check) => check.name === name);
}

describe("a drill's burst", () => {
  test('has every kind of check that a verdict is made from, each with an id of its own', async () => {
    const { fast, slow } = await bursts();
    const all = [...fast.checks, ...slow.checks];
    expect(new Set(all.map(({ name }) => name))).toEqual(new Set(burstChecks));
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all.every(({ id }) => id.startsWith('d1/'))).toBe(true);
  });

  test('asks the entry name as the scenario does, from everywhere', async () => {
    const [client] = of((await bursts()).fast.checks, 'client');
    expect(client).toMatchObject({ kind: 'http', url: 'https://api.agent.test/v1/ping', entry: 'api', vantages: null });
  });

  test('asks each name server as the users of each vantage are answered', async () => {
    const authority = of((await bursts()).fast.checks, 'authority').map((check) =>
      check.kind === 'dns' ? [check.server, check.subnet, check.vantages] : [],
    );
    expect(authority).toEqual([
      ['127.0.0.53:53', '198.51.100.0/24', ['us-a', 'us-b']],
      ['127.0.0.53:53', '203.0.113.0/24', ['eu-a']],
      ['127.0.0.54:53', '198.51.100.0/24', ['us-a', 'us-b']],
      ['127.0.0.54:53', '203.0.113.0/24', ['eu-a']],
    ]);
  });

  test("asks the vantage's own resolver without a subnet, and the region itself by its own endpoint", async () => {
    const { fast } = await bursts();
    expect(of(fast.checks, 'resolver')).toMatchObject([{ server: null, subnet: null, entry: 'api' }]);
    expect(of(fast.checks, 'direct')).toMatchObject([
      { region: 'us-east-1', url: 'https://us-east-1.agent.test/v1/ping' },
    ]);
  });

  test('writes more slowly than it reads, from where the scenario writes', async () => {
    const { slow } = await bursts();
    expect(slow.everyMs).toBe(500);
    expect(slow.checks).toMatchObject([{ name: 'residency', userCountry: 'DE', vantages: ['eu-a'], entry: 'api' }]);
  });
});
