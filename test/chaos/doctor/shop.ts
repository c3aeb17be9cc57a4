/** A shop in two regions, its zone in five sound ways, and short ways to break it. */
import type { ZoneFacts } from '../../../chaos/doctor/zone.ts';
import { parseScenario } from '../../../scenarios/define.ts';
import type { HealthCheck, RecordSet, Routing } from '../../../zone/records.ts';

export const us = 'us-east-1';
export const eu = 'eu-west-1';
export const zoneId = 'Z1';
const addresses = {
  [us]: { A: '192.0.2.1', AAAA: '2001:db8:1::1' },
  [eu]: { A: '192.0.2.2', AAAA: '2001:db8:2::1' },
} as const;
type Region = keyof typeof addresses;
type Type = 'A' | 'AAAA';

export type Source = { [key: string]: unknown };

export const kubernetes = { context: 'us', namespace: 'default', workloads: ['deployment/shop'] };

export function loseUs(servedBy: readonly string[], within = '2m'): Source {
  return { name: 'lose-us', fault: { 'scale-to-zero': us }, expect: [{ entry: 'api', servedBy, within }] };
}

/** `us-east-1` with 60 % of the users, who are in North America; `eu-west-1` with 40 %, in Europe. */
export function shop(more: Source = {}): Source {
  return {
    service: 'shop',
    entry: { api: 'https://api.shop.example' },
    zone: { provider: 'route53', id: zoneId, names: ['api.shop.example'], nameservers: ['192.0.2.53:53'] },
    regions: {
      [us]: { jurisdiction: 'US', share: 60, endpoint: `https://${us}.shop.example`, place: 'toronto', kubernetes },
      [eu]: { jurisdiction: 'EU', share: 40, endpoint: `https://${eu}.shop.example`, place: 'frankfurt' },
    },
    checks: [{ name: 'home', kind: 'http', to: 'regions', every: '10s' }],
    drills: [loseUs([eu])],
    allow: { contexts: ['us'], workloads: ['deployment/shop'] },
    ...more,
  };
}

export const residency = { residency: [{ countries: ['EU'], servedIn: ['EU'], storedIn: ['EU'] }] };

export function name(label: string): string {
  return `${label}.shop.example.`;
}

export function check(region: Region, more: Partial<HealthCheck> = {}): HealthCheck {
  return {
    id: `hc-${region}`,
    version: 1,
    type: 'HTTPS',
    ipAddress: null,
    port: 443,
    hostname: `${region}.shop.example`,
    path: '/health',
    searchString: null,
    requestIntervalSeconds: 10,
    failureThreshold: 3,
    inverted: false,
    disabled: false,
    healthThreshold: 0,
    childHealthChecks: [],
    ...more,
  };
}

export function to(label: string, region: Region, routing: Routing, type: Type = 'A'): RecordSet {
  const isSimple = routing.policy === 'simple';
  return {
    name: name(label),
    type,
    setIdentifier: isSimple ? null : region,
    routing,
    healthCheckId: isSimple ? null : `hc-${region}`,
    target: { kind: 'values', ttlSeconds: 60, values: [addresses[region][type]] },
  };
}

type AliasPlan = {
  readonly target: string;
  readonly routing: Routing;
  readonly looks: boolean;
  readonly id?: string;
  readonly type?: Type;
  readonly hostedZoneId?: string;
};

export function alias(
  label: string,
  { target, routing, looks, id, type = 'A', hostedZoneId = zoneId }: AliasPlan,
): RecordSet {
  return {
    name: name(label),
    type,
    setIdentifier: routing.policy === 'simple' ? null : (id ?? target),
    routing,
    healthCheckId: null,
    target: { kind: 'alias', name: target, hostedZoneId, evaluateTargetHealth: looks },
  };
}

/** Of IPv4 and of IPv6. */
export function both(make: (type: Type) => readonly RecordSet[]): readonly RecordSet[] {
  return (['A', 'AAAA'] as const).flatMap(make);
}

const simple = { policy: 'simple' } as const;
export const primary = { policy: 'failover', role: 'PRIMARY' } as const;
export const secondary = { policy: 'failover', role: 'SECONDARY' } as const;
export const weight = (of: number): Routing => ({ policy: 'weighted', weight: of });
export const continent = (of: 'EU' | 'NA'): Routing => ({ policy: 'geolocation', location: { continent: of } });
export const anywhere: Routing = { policy: 'geolocation', location: { country: '*' } };

/** The regions' own names, which nothing moves. */
const hosts = both((type) => [to(us, us, simple, type), to(eu, eu, simple, type)]);

export function facts(
  records: readonly RecordSet[],
  more: Partial<ZoneFacts> & { readonly source?: Source } = {},
): ZoneFacts {
  const { source = shop(), ...rest } = more;
  return {
    scenario: parseScenario(source),
    zone: { id: zoneId, name: 'shop.example.', nameservers: ['ns-1.example.'], records: [...records, ...hosts] },
    healthChecks: [check(us), check(eu)],
    checksRead: true,
    status: {},
    resolved: {},
    ...rest,
  };
}

export const pair = both((type) => [to('api', us, primary, type), to('api', eu, secondary, type)]);
export const weighted = both((type) => [to('api', us, weight(60), type), to('api', eu, weight(40), type)]);
export const nearest = both((type) => [
  to('api', us, { policy: 'latency', region: us }, type),
  to('api', eu, { policy: 'latency', region: eu }, type),
]);

/** Europe stays in Europe, whatever is dark; everybody else falls from one region to the other. */
export const geography = both((type) => [
  alias('api', { target: name('europe'), routing: continent('EU'), looks: false, type }),
  alias('api', { target: name('world'), routing: anywhere, looks: true, type }),
  to('europe', eu, simple, type),
  to('world', us, primary, type),
  to('world', eu, secondary, type),
]);

/** Load balancers, which know by themselves whether anybody is behind them. */
export const balanced = both((type) => [
  alias('api', { target: 'us.elb.example.', routing: primary, looks: true, type, hostedZoneId: 'ZELB' }),
  alias('api', { target: 'eu.elb.example.', routing: secondary, looks: true, type, hostedZoneId: 'ZELB' }),
]);

const balancers = {
  [us]: { jurisdiction: 'US', share: 60, endpoint: 'https://us.elb.example', place: 'toronto', kubernetes },
  [eu]: { jurisdiction: 'EU', share: 40, endpoint: 'https://eu.elb.example', place: 'frankfurt' },
};

export const soundZones: Readonly<Record<string, () => ZoneFacts>> = {
  'a failover pair': () => facts(pair),
  'weights that are the shares, and checks of several checks': () =>
    facts(
      weighted.map((record) => ({ ...record, healthCheckId: `all-of-${record.setIdentifier}` })),
      {
        healthChecks: ([us, eu] as const).flatMap((region) => [
          check(region),
          check(region, { id: `second-${region}`, path: '/ready' }),
          check(region, {
            id: `all-of-${region}`,
            type: 'CALCULATED',
            hostname: null,
            childHealthChecks: [`hc-${region}`, `second-${region}`],
            healthThreshold: 1,
          }),
        ]),
      },
    ),
  'the nearest region': () => facts(nearest),
  'residents who stay, by aliases that do not look at health': () => facts(geography, { source: shop(residency) }),
  'aliases to load balancers': () => facts(balanced, { source: shop({ regions: balancers }) }),
};
