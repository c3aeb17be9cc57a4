import { describe, expect, test } from 'vitest';
import { assignmentOf, httpCheckAt, httpCheckFor, metricsSourcesOf, objectivesOf } from '../../scenarios/compile.ts';
import { defineScenario, parseScenario } from '../../scenarios/define.ts';

const source = defineScenario({
  service: 'shop',
  entry: { api: 'https://api.shop.example/base/', spare: 'https://spare.shop.example' },
  zone: { provider: 'route53', id: 'Z1', nameservers: ['192.0.2.53:53', '192.0.2.54:53'] },
  regions: {
    us: {
      jurisdiction: 'US',
      endpoint: 'https://us.shop.example',
      metrics: { url: 'https://us.shop.example/metrics', keep: ['up'] },
    },
    eu: { jurisdiction: 'EU', endpoint: 'https://[2001:db8::1]:8443' },
  },
  identity: {
    servedBy: { header: 'X-Region' },
    storedIn: { header: 'x-stored-in' },
    userCountry: { requestHeader: 'X-User-Country' },
  },
  residency: [{ countries: ['EU', 'GB'], servedIn: ['EU'], storedIn: ['EU'] }],
  references: ['https://status.example'],
  checks: [
    { name: 'home', kind: 'http', to: 'regions', path: '/ping', every: '10s', timeout: '3s' },
    { name: 'smoke', kind: 'http', to: ['eu'], every: '1m', expect: { headers: { 'X-Region': '{region}' } } },
    { name: 'entry', kind: 'http', to: 'entry.api', path: '/health', every: '5s', from: 'us' },
    {
      name: 'geo',
      kind: 'dns',
      hostname: 'api.shop.example',
      subnets: ['london', 'tokyo'],
      expect: { london: 'eu' },
      every: '30s',
    },
    { name: 'own', kind: 'dns', hostname: 'API.shop.example.', type: 'AAAA', every: '30s' },
    { name: 'eu-user', kind: 'residency', to: 'entry.api', path: '/records', userCountry: 'DE', every: '30s' },
    { name: 'eu-elsewhere', kind: 'residency', to: 'regions', path: '/records', userCountry: 'GB', every: '30s' },
    { name: 'us-user', kind: 'residency', to: 'regions', path: '/records', userCountry: 'US', every: '30s' },
  ],
  objectives: [
    { id: 'fast', check: 'home', region: 'us', indicator: { latency: 'p95' }, target: '100ms', window: '1d' },
  ],
});
const scenario = parseScenario(source);
const { checks, ...assignment } = assignmentOf(scenario, 7);
const byId = new Map(checks.map((check) => [check.id, check]));

describe('an assignment', () => {
  test('gives each question an id that stays', () => {
    expect(checks.map(({ id }) => id)).toEqual([
      'home/us',
      'home/eu',
      'smoke/eu',
      'entry',
      'geo/london@192.0.2.53:53',
      'geo/tokyo@192.0.2.53:53',
      'geo/london@192.0.2.54:53',
      'geo/tokyo@192.0.2.54:53',
      'own',
      'eu-user',
      'eu-elsewhere/us',
      'eu-elsewhere/eu',
      'us-user/us',
      'us-user/eu',
    ]);
  });

  test('says which hosts are a region’s, and what tells a broken vantage', () => {
    expect(assignment).toEqual({
      version: 7,
      regions: { us: ['us.shop.example'], eu: ['2001:db8::1'] },
      references: ['https://status.example'],
    });
  });

  test('asks each region at its own endpoint', () => {
    expect(byId.get('home/us')).toEqual({
      id: 'home/us',
      name: 'home',
      target: 'shop',
      region: 'us',
      entry: null,
      vantages: null,
      everyMs: 10_000,
      timeoutMs: 3_000,
      kind: 'http',
      url: 'https://us.shop.example/ping',
      method: 'GET',
      headers: {},
      body: null,
      resolveWith: 'resolver',
      expect: { status: [200], headers: {}, bodyContains: [] },
      identity: { servedBy: 'x-region', storedIn: 'x-stored-in' },
    });
  });

  test('asks an entry name below the path of its URL, from the vantages named', () => {
    expect(byId.get('entry')).toMatchObject({
      url: 'https://api.shop.example/base/health',
      entry: 'api',
      region: null,
      vantages: ['us'],
      timeoutMs: 5_000,
    });
  });

  test('puts the region asked for {region} in an expected header', () => {
    expect(byId.get('smoke/eu')).toMatchObject({ expect: { headers: { 'x-region': 'eu' } } });
  });

  test('asks the authorities for each place, and the resolver where nothing else is said', () => {
    expect(byId.get('geo/london@192.0.2.53:53')).toMatchObject({
      entry: 'api',
      server: '192.0.2.53:53',
      subnet: '128.40.0.0/24',
      place: 'london',
      expectRegions: ['eu'],
    });
    expect(byId.get('geo/tokyo@192.0.2.54:53')).toMatchObject({ place: 'tokyo', expectRegions: null });
    expect(byId.get('own')).toMatchObject({
      entry: 'api',
      server: null,
      subnet: null,
      place: null,
      recordType: 'AAAA',
    });
  });

  test('asks the name servers that it is given, or none', () => {
    const ids = (servers: readonly string[]) =>
      assignmentOf(scenario, 1, servers)
        .checks.filter(({ name }) => name === 'geo')
        .map(({ id }) => id);
    expect(ids(['[2001:db8::53]:53'])).toEqual(['geo/london@[2001:db8::53]:53', 'geo/tokyo@[2001:db8::53]:53']);
    expect(ids([])).toEqual([]);
  });

  test('expects of residency what the rules say', () => {
    const expectOf = (id: string) => {
      const check = byId.get(id);
      return check?.kind === 'residency' ? check.expect : undefined;
    };
    expect(expectOf('eu-user')).toEqual({ answer: 'served', servedIn: ['eu'], storedIn: ['eu'] });
    expect(expectOf('eu-elsewhere/us')).toEqual({ answer: 'refused', status: 451 });
    expect(expectOf('eu-elsewhere/eu')).toEqual({ answer: 'served', servedIn: ['eu'], storedIn: ['eu'] });
    expect(expectOf('us-user/us')).toEqual({ answer: 'served', servedIn: ['us'], storedIn: null });
    expect(byId.get('eu-user')).toMatchObject({
      url: 'https://api.shop.example/base/records',
      method: 'POST',
      headers: { 'x-user-country': 'DE', 'content-type': 'application/json' },
      body: '{}',
    });
  });
});

test('an entry name is asked as its first check does, and plainly where it has none', () => {
  expect(httpCheckFor(scenario, 'api')).toMatchObject({
    id: 'api',
    entry: 'api',
    url: 'https://api.shop.example/base/health',
  });
  expect(httpCheckFor(scenario, 'spare')).toMatchObject({
    url: 'https://spare.shop.example/',
    expect: { status: [200] },
  });
  expect(httpCheckAt(scenario, 'eu')).toMatchObject({ region: 'eu', url: 'https://[2001:db8::1]:8443/ping' });
});

test('objectives and metric sources are those of the scenario', () => {
  expect(objectivesOf(scenario)).toEqual([
    {
      id: 'fast',
      check: 'home',
      region: 'us',
      from: 'own',
      indicator: { kind: 'latency', quantile: 0.95, targetMs: 100 },
      windowMs: 86_400_000,
    },
  ]);
  expect(metricsSourcesOf(scenario)).toEqual([{ region: 'us', url: 'https://us.shop.example/metrics', keep: ['up'] }]);
});

test('the compiler refuses a region and an entry name that are not defined', () => {
  const two = { jurisdiction: 'EU', endpoint: 'https://eu.shop.example' };
  const expect_ = { servedBy: [], within: '4m' } as const;
  const typed = defineScenario({
    service: 'shop',
    entry: { api: 'https://api.shop.example' },
    regions: { us: two, eu: two },
    drills: [
      // @ts-expect-error: ap is no region
      { name: 'a', fault: { 'scale-to-zero': 'ap' }, expect: [{ entry: 'api', ...expect_ }] },
      // @ts-expect-error: apl is no entry name
      { name: 'b', fault: { 'scale-to-zero': 'us' }, expect: [{ entry: 'apl', ...expect_ }] },
    ],
  });
  expect(() => parseScenario(typed)).toThrow(/drills\[0\]\.fault[\s\S]*drills\[1\]\.expect/);
});
