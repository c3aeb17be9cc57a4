/** The design that lab drills are made in: two regions, a failover record, and a name of its own for nothing else. */
import type { Bindings, LabPlan, LabRegion, Profile, World } from '../../scenarios/world.ts';
import type { HealthCheck, RecordSet } from '../../zone/records.ts';
import type { LabSettings } from './settings.ts';

export const lost = 'us-east-1';
export const heir = 'eu-west-1';
export const drillName = 'lose';
const zoneName = 'bench.test';
const names = { entry: `api.${zoneName}`, global: `api.${zoneName}`, standby: `api.${zoneName}` };
const limit = '60s';

const places = {
  toronto: { subnet: '198.18.1.0/24', country: 'CA', continent: 'NA' },
  frankfurt: { subnet: '198.18.2.0/24', country: 'DE', continent: 'EU' },
};

export function benchWorld(settings: LabSettings): { readonly world: World; readonly profile: Profile } {
  const profile: Profile = {
    name: 'fast',
    factor: 30,
    ttlSeconds: settings.ttlSeconds,
    healthCheckIntervalSeconds: settings.checkEverySeconds,
    leaseMs: 5_000,
    limitMs: 60_000,
    probeEveryMs: 500,
    burstEveryMs: settings.burstEveryMs,
    samplingMs: 1_000,
    holdMs: settings.holdMs,
    podReadyMs: settings.podReadyMs,
    podGoneMs: settings.podGoneMs,
  };
  const world: World = {
    name: 'bench',
    profiles: { fast: profile, real: profile },
    lab: () => planOf(settings),
    scenario: (at) => scenarioOf(at, settings),
    sampled: [],
    drills: [drillName],
    drillsFor: () => [],
    plants: {},
    rows: () => [],
  };
  return { world, profile };
}

function planOf(settings: LabSettings): LabPlan {
  const { replicas, roundTripMs, whenDark, raiseTtlTo } = settings;
  const region = (place: string): LabRegion => ({
    jurisdiction: 'ANY',
    workloads: { 'agent-api': replicas },
    serving: 'agent-api',
    place,
    roundTripMs: { toronto: roundTripMs, frankfurt: roundTripMs },
    serviceMs: 3,
    whenDark,
    raiseTtlTo,
  });
  return {
    zoneName,
    regions: { [lost]: region('toronto'), [heir]: region('frankfurt') },
    places,
    zone: (at) => ({ records: recordsAt(at, settings), healthChecks: checksAt(at, settings) }),
    guard: {},
    populations: [],
    names,
    // A look is three of them and the answer: what a prediction takes checkers all over the world to need.
    checkersRoundTripMs: [1, 45],
    replicationLagMs: 0,
  };
}

function recordsAt(at: Bindings, { ttlSeconds }: LabSettings): readonly RecordSet[] {
  return [lost, heir].map((region) => ({
    name: `${names.entry}.`,
    type: 'A',
    setIdentifier: region,
    routing: { policy: 'failover', role: region === lost ? 'PRIMARY' : 'SECONDARY' },
    healthCheckId: `hc-${region}`,
    target: { kind: 'values', ttlSeconds, values: [at.addresses[region] ?? ''] },
  }));
}

function checksAt(at: Bindings, { checkEverySeconds, threshold }: LabSettings): readonly HealthCheck[] {
  return [lost, heir].map((region) => ({
    id: `hc-${region}`,
    version: 1,
    type: 'HTTPS',
    ipAddress: at.addresses[region] ?? null,
    port: at.doorPort,
    hostname: null,
    path: '/health',
    searchString: null,
    requestIntervalSeconds: checkEverySeconds,
    failureThreshold: threshold,
    inverted: false,
    disabled: false,
    healthThreshold: 0,
    childHealthChecks: [],
  }));
}

const modes = { 'status-503': 'status-503', refuse: 'refused', 'black-hole': 'black-hole', swallow: 'hung' } as const;

function scenarioOf(at: Bindings, settings: LabSettings): object {
  const region = (name: string, place: string): object => ({
    jurisdiction: 'ANY',
    share: 50,
    endpoint: `https://${at.addresses[name] ?? ''}:${at.doorPort}`,
    place,
    whenDark: modes[settings.whenDark],
    kubernetes: { context: name, namespace: 'default', workloads: ['deployment/agent-api'] },
  });
  return {
    // What drills have measured counts for the same service alone: for pods that start alike behind doors that are alike.
    service: `bench-${settings.replicas}-${settings.podReadyMs}-${settings.whenDark}`,
    entry: { api: `https://${names.entry}:${at.doorPort}` },
    zone: { provider: 'route53', id: at.hostedZoneId, names: [names.entry], nameservers: at.nameservers },
    regions: { [lost]: region(lost, 'toronto'), [heir]: region(heir, 'frankfurt') },
    identity: { servedBy: { header: 'x-region' } },
    places,
    checks: [{ name: 'home', kind: 'http', to: 'regions', path: '/v1/ping', every: '500ms', timeout: '3s' }],
    drills: [
      {
        name: drillName,
        fault: { 'scale-to-zero': lost },
        expect: [{ entry: 'api', servedBy: [heir], within: limit, failback: limit }],
        burst: { every: `${settings.burstEveryMs}ms`, for: '120s' },
        lease: '5s',
        hold: `${settings.holdMs}ms`,
      },
    ],
    allow: { contexts: [lost], workloads: ['deployment/agent-api'] },
    overrides: {
      'guard.headroom': 'what is left is not asked for anything here',
      // A machine with other work on it loses a round now and then: the drill's own burst shows whether all is well.
      'guard.fleet-healthy': 'rounds on a busy machine',
      'guard.last-healthy-region': 'rounds on a busy machine',
      'guard.vantages': 'rounds on a busy machine',
    },
  };
}
