/** Short ways to write records, for tests. */
import type { ClientLocation, GeoLocation, RecordSet, Routing, Zone } from '../../zone/records.ts';

export const nowhere: ClientLocation = { continent: null, country: null, subdivision: null, latencyMs: {} };

export function zoneOf(...records: readonly RecordSet[]): Zone {
  return { id: 'Z1', name: 'agent.test.', nameservers: ['ns-1.agent.test.'], records };
}

export function values(name: string, ...addresses: readonly string[]): RecordSet {
  return {
    name: `${name}.agent.test.`,
    type: 'A',
    setIdentifier: null,
    routing: { policy: 'simple' },
    healthCheckId: null,
    target: { kind: 'values', ttlSeconds: 60, values: addresses },
  };
}

export function routed(record: RecordSet, setIdentifier: string, routing: Routing): RecordSet {
  return { ...record, setIdentifier, routing };
}

export function checked(record: RecordSet, healthCheckId: string): RecordSet {
  return { ...record, healthCheckId };
}

export function alias(name: string, to: string, evaluateTargetHealth: boolean): RecordSet {
  const target = { kind: 'alias', name: `${to}.agent.test.`, hostedZoneId: 'Z1', evaluateTargetHealth } as const;
  return { ...values(name), target };
}

export function weighted(name: string, address: string, weight: number): RecordSet {
  return checked(routed(values(name, address), address, { policy: 'weighted', weight }), address);
}

export function failover(name: string, address: string, role: 'PRIMARY' | 'SECONDARY'): RecordSet {
  return checked(routed(values(name, address), address, { policy: 'failover', role }), address);
}

export function geo(record: RecordSet, setIdentifier: string, location: GeoLocation): RecordSet {
  return routed(record, setIdentifier, { policy: 'geolocation', location });
}

/** The zone of world agent-api: addresses `us`, `eu` and `ap` stand for the regions and name their health checks. */
export const agentZone = zoneOf(
  failover('us', '127.1.0.1', 'PRIMARY'),
  failover('us', '127.2.0.1', 'SECONDARY'),
  checked(values('eu', '127.2.0.1'), '127.2.0.1'),
  failover('ap', '127.3.0.1', 'PRIMARY'),
  failover('ap', '127.1.0.1', 'SECONDARY'),
  weighted('global', '127.1.0.1', 60),
  weighted('global', '127.2.0.1', 30),
  weighted('global', '127.3.0.1', 10),
  failover('standby', '127.1.0.1', 'PRIMARY'),
  failover('standby', '127.2.0.1', 'SECONDARY'),
  geo(alias('api', 'eu', false), 'europe', { continent: 'EU' }),
  geo(alias('api', 'us', true), 'north-america', { continent: 'NA' }),
  geo(alias('api', 'ap', true), 'asia', { continent: 'AS' }),
  geo(alias('api', 'global', true), 'default', { country: '*' }),
);

export const newYork: ClientLocation = { ...nowhere, continent: 'NA', country: 'US', subdivision: 'NY' };
export const london: ClientLocation = { ...nowhere, continent: 'EU', country: 'GB' };
export const singapore: ClientLocation = { ...nowhere, continent: 'AS', country: 'SG' };
export const lagos: ClientLocation = { ...nowhere, continent: 'AF', country: 'NG' };
