import type { Bindings, Profile } from '../world.ts';
import { names, type RegionName, regionNames, regions, routing } from './design.ts';
import { drills } from './drills.ts';
import { places } from './geography.ts';

/** Longer than the slowest region takes for the furthest vantage. */
const attempt = '5s';

/** What the service's owners would write, once the addresses are known. Nothing in it tells that this is a lab. */
export function scenario(at: Bindings, profile: Profile): object {
  const door = (host: string): string => `https://${host}:${at.doorPort}`;
  const endpoint = (region: RegionName): string => door(at.addresses[region] ?? '');
  const perRegion = <T>(value: (region: RegionName) => T): Record<string, T> =>
    Object.fromEntries(regionNames.map((region) => [region, value(region)]));
  return {
    service: 'agent-api',
    entry: { api: door(names.entry), standby: door(names.standby), global: door(names.global) },
    zone: { provider: 'route53', id: at.hostedZoneId, names: Object.values(names), nameservers: at.nameservers },
    regions: perRegion((region) => ({
      jurisdiction: regions[region].jurisdiction,
      share: regions[region].share,
      endpoint: endpoint(region),
      place: regions[region].place,
      metrics: { url: `${endpoint(region)}/metrics`, keep: ['agent_region_requests_total'] },
      kubernetes: { context: region, namespace: 'default', workloads: ['deployment/agent-api'] },
    })),
    identity: {
      servedBy: { header: 'x-region' },
      storedIn: { header: 'x-stored-in' },
      userCountry: { requestHeader: 'x-user-country' },
    },
    residency: [{ countries: ['EU', 'GB'], servedIn: ['EU'], storedIn: ['EU'], refusal: 451 }],
    inventory: perRegion((region) => ({ http: `${endpoint(region)}/inventory` })),
    residencyLog: perRegion((region) => `${endpoint(region)}/residency-log`),
    places,
    checks: checks(profile),
    objectives: objectives(profile),
    drills: drills(profile),
    allow: { contexts: ['us-east-1', 'eu-west-1'], workloads: ['deployment/agent-api'] },
    metrics: { prefix: 'agent' },
    overrides: {
      'guard.headroom':
        'the design is known to lack it (capacity.headroom): at its load per pod the 10 pods left cannot carry the 60 % of us-east-1',
    },
  };
}

function checks(profile: Profile): readonly object[] {
  const often = { every: `${profile.probeEveryMs}ms`, timeout: attempt };
  // Ten rounds at least while undisturbed samples are taken.
  const seldom = { every: `${Math.min(profile.probeEveryMs * 5, profile.samplingMs / 10)}ms`, timeout: attempt };
  const write = { kind: 'residency', path: '/v1/records', body: '{"note":"a probe was here"}', ...seldom };
  const ping = { kind: 'http', path: '/v1/ping', ...often };
  return [
    { name: 'home', to: 'regions', ...ping },
    {
      name: 'smoke',
      kind: 'http',
      to: 'regions',
      path: '/',
      ...seldom,
      expect: { status: 200, headers: { 'x-region': '{region}' } },
    },
    { name: 'entry', to: 'entry.api', ...ping },
    { name: 'standby', to: 'entry.standby', ...ping },
    { name: 'global', to: 'entry.global', ...ping },
    {
      name: 'geo',
      kind: 'dns',
      hostname: names.entry,
      server: 'authorities',
      subnets: Object.keys(routing),
      expect: routing,
      ...seldom,
    },
    { name: 'draws', kind: 'dns', hostname: names.global, server: 'authorities', ...often },
    // Two countries that the rule is for: one of the EU, and the one that it names beside it.
    { name: 'eu-user', to: 'entry.api', userCountry: 'DE', from: ['eu-west-1'], ...write },
    { name: 'gb-user', to: 'entry.api', userCountry: 'GB', from: ['eu-west-1'], ...write },
    { name: 'us-user', to: 'regions', userCountry: 'US', from: ['us-east-1'], ...write },
    { name: 'eu-elsewhere', to: ['us-east-1', 'ap-southeast-1'], userCountry: 'DE', from: ['eu-west-1'], ...write },
  ];
}

const hourMs = 3_600_000;

function objectives(profile: Profile): readonly object[] {
  const window = `${Math.round(hourMs / profile.factor)}ms`;
  // The design's drills take more than this window's budget away: they are not to spend what guards them. An hour in
  // every profile: of two minutes the budget is 120 ms, which one pause of the machine spends for good.
  const availability = { indicator: 'availability', target: '99.9%', window: `${hourMs}ms`, drills: 'apart' };
  return [
    ...regionNames.map((region) => ({
      id: `latency.${region}`,
      check: 'home',
      region,
      from: 'own',
      indicator: { latency: 'p95' },
      target: `${regions[region].latencyLimitMs}ms`,
      window,
      // A region that is taken away on purpose answers nobody; that is not how fast it answers.
      drills: 'excluded',
    })),
    ...regionNames.map((region) => ({ id: `errors.${region}`, check: 'home', region, ...availability })),
    { id: 'availability', check: 'entry', ...availability },
  ];
}
