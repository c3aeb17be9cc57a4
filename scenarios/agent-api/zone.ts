import type { GeoLocation, HealthCheck, RecordSet, Routing } from '../../zone/records.ts';
import type { Bindings, Profile } from '../world.ts';
import { names, type RegionName, regionNames, regions, zoneName } from './design.ts';

type Zone = { readonly records: readonly RecordSet[]; readonly healthChecks: readonly HealthCheck[] };

const failureThreshold = 3;

/** Every record that names an endpoint has the health check of its region. */
export function zoneOf(at: Bindings, profile: Profile): Zone {
  const to = endpoints(at, profile);
  const alias = aliases(at);
  const failover = (label: string, primary: RegionName, secondary: RegionName): RecordSet[] => [
    to(label, primary, { policy: 'failover', role: 'PRIMARY' }),
    to(label, secondary, { policy: 'failover', role: 'SECONDARY' }),
  ];
  return {
    records: [
      ...failover('us', 'us-east-1', 'eu-west-1'),
      to('eu', 'eu-west-1', { policy: 'simple' }),
      ...failover('ap', 'ap-southeast-1', 'us-east-1'),
      ...regionNames.map((region) => to('global', region, { policy: 'weighted', weight: regions[region].share })),
      ...failover('standby', 'us-east-1', 'eu-west-1'),
      // Target health off: users in Europe never fall to another region.
      alias('europe', { continent: 'EU' }, { label: 'eu', evaluateTargetHealth: false }),
      alias('north-america', { continent: 'NA' }, { label: 'us', evaluateTargetHealth: true }),
      alias('asia', { continent: 'AS' }, { label: 'ap', evaluateTargetHealth: true }),
      alias('everyone-else', { country: '*' }, { label: 'global', evaluateTargetHealth: true }),
    ],
    healthChecks: regionNames.map((region) => healthCheck(region, at, profile)),
  };
}

function endpoints(at: Bindings, profile: Profile) {
  return (label: string, region: RegionName, routing: Routing): RecordSet => ({
    name: `${label}.${zoneName}.`,
    type: 'A',
    setIdentifier: routing.policy === 'simple' ? null : region,
    routing,
    healthCheckId: healthCheckId(region),
    target: { kind: 'values', ttlSeconds: profile.ttlSeconds, values: [at.addresses[region] ?? ''] },
  });
}

type AliasTarget = { readonly label: string; readonly evaluateTargetHealth: boolean };

/** Records of the entry name, each for users of one part of the world. */
export function aliases(at: Pick<Bindings, 'hostedZoneId'>) {
  return (setIdentifier: string, location: GeoLocation, { label, evaluateTargetHealth }: AliasTarget): RecordSet => ({
    name: `${names.entry}.`,
    type: 'A',
    setIdentifier,
    routing: { policy: 'geolocation', location },
    healthCheckId: null,
    target: { kind: 'alias', name: `${label}.${zoneName}.`, hostedZoneId: at.hostedZoneId, evaluateTargetHealth },
  });
}

function healthCheckId(region: RegionName): string {
  return `hc-${region}`;
}

function healthCheck(region: RegionName, at: Bindings, profile: Profile): HealthCheck {
  return {
    id: healthCheckId(region),
    version: 1,
    type: 'HTTPS',
    ipAddress: at.addresses[region] ?? null,
    port: at.doorPort,
    hostname: null,
    path: '/health',
    searchString: null,
    requestIntervalSeconds: profile.healthCheckIntervalSeconds,
    failureThreshold,
    inverted: false,
    disabled: false,
    healthThreshold: 0,
    childHealthChecks: [],
  };
}
