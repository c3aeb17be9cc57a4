/** What a drill may say of its load. */
import { describe, expect, test } from 'vitest';
import { Mistakes } from '../../contract/mistake.ts';
import { parseScenario } from '../../scenarios/define.ts';
import type { LoadPlan } from '../../scenarios/load-plan.ts';

function parsed(load: unknown): LoadPlan | undefined {
  const region = { jurisdiction: 'US', share: 50 };
  const kubernetes = { context: 'east', namespace: 'shop', workloads: ['deployment/shop'] };
  const source = {
    service: 'shop',
    entry: { api: 'https://api.shop.example', admin: 'https://admin.shop.example' },
    regions: {
      east: { ...region, endpoint: 'https://east.shop.example', kubernetes },
      west: { ...region, endpoint: 'https://west.shop.example' },
    },
    drills: [
      {
        name: 'lose-east',
        fault: { 'scale-to-zero': 'east' },
        expect: [{ entry: 'api', servedBy: ['west'], within: '90s' }],
        load,
      },
    ],
  };
  return parseScenario(source, (path) => path).drills[0]?.load;
}

function mistakesIn(load: unknown): readonly string[] {
  try {
    parsed(load);
    return [];
  } catch (error) {
    if (!(error instanceof Mistakes)) throw error;
    return error.mistakes.map(({ place, got, want }) => `${place}: got ${got}, want ${want}`);
  }
}

test('a drill has none unless it says so', () => {
  expect(parsed(undefined)).toBeUndefined();
});

test('with a script alone it asks the drill’s first entry, ten users, for as long as the drill may take', () => {
  expect(parsed({ script: 'steady.ts' })).toEqual({
    ...{ script: 'steady.ts', entry: 'api', path: '/', users: 10, ratePerSecond: null, forMs: null },
    ...{ env: {}, thresholds: {}, resolver: null, ca: null, sourceAddress: null },
  });
});

test('all of it is read', () => {
  const load = {
    ...{ script: './load/cart.ts', entry: 'admin', path: '/cart', users: 100, rate: '600/m', for: '5m' },
    ...{ env: { API_VERSION: '2' }, thresholds: { http_req_failed: 'rate<0.05', checks: ['rate>0.9', 'rate>0.8'] } },
    ...{ resolver: '127.0.0.53:5353', ca: 'ca.pem', sourceAddress: '127.1.0.10' },
  };
  const { rate: _rate, for: _for, ...kept } = load;
  const thresholds = { http_req_failed: ['rate<0.05'], checks: ['rate>0.9', 'rate>0.8'] };
  expect(parsed(load)).toEqual({ ...kept, ratePerSecond: 10, forMs: 300_000, thresholds });
});

describe('a mistake in it is told with its place:', () => {
  const script = 'steady.ts';
  test.each<[unknown, string]>([
    [{}, 'drills[0].load.script: got nothing, want one of steady.ts, spike.ts, thousand-users.ts'],
    [{ script: 'steady' }, 'drills[0].load.script: got "steady", want one of'],
    [{ script, entry: 'apy' }, 'drills[0].load.entry: got "apy", want one of api, admin (nearest: api)'],
    [{ script, users: 0 }, 'drills[0].load.users: got 0, want a number of users from 1'],
    [{ script, users: 2.5 }, 'drills[0].load.users: got 2.5, want a whole number'],
    [{ script, rate: '5 a second' }, 'drills[0].load.rate: got "5 a second", want a rate, such as 50/s'],
    [{ script, rate: 0 }, 'drills[0].load.rate: got 0, want a rate'],
    [{ script, for: '2d' }, 'drills[0].load.for: got "2d", want a duration of at most'],
    [{ script, env: { TARGET: 'x' } }, 'drills[0].load.env.TARGET: got TARGET, want a variable other than TARGET'],
    [{ script, env: { K6_DNS: 'x' } }, 'drills[0].load.env.K6_DNS: got K6_DNS, want a variable other than'],
    [{ script, env: { A: 2 } }, 'drills[0].load.env.A: got 2, want a text'],
    [{ script, thresholds: { checks: 3 } }, 'drills[0].load.thresholds.checks: got 3, want a threshold of k6'],
    [{ script, resolver: 'ns1' }, 'drills[0].load.resolver: got "ns1", want an address and a port'],
    [{ script, sourceAddress: 'here' }, 'drills[0].load.sourceAddress: got "here", want an IP address'],
    [{ script, vus: 3 }, 'drills[0].load.vus: got the unknown key "vus", want one of script, entry'],
  ])('%j', (load, mistake) => {
    const [first, ...others] = mistakesIn(load);
    expect(others).toEqual([]);
    expect(first).toContain(mistake);
  });
});
