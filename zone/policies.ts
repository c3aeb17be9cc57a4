/** Which records of a group may be answered: Route 53's rules, one function a policy. */
import type { ClientLocation, GeoLocation, RecordSet, Routing } from './records.ts';

export type Weighted = { readonly weight: number; readonly record: RecordSet };
export type Selection =
  | { readonly kind: 'one'; readonly among: readonly Weighted[] }
  | { readonly kind: 'several'; readonly count: number; readonly among: readonly RecordSet[] };

type Healthy = (record: RecordSet) => boolean;
type Policy = (group: readonly RecordSet[], client: ClientLocation, healthy: Healthy) => Selection;

/** Most records in a multivalue answer. */
const mostValues = 8;

const policies: { readonly [P in Routing['policy']]: Policy } = {
  // Never left out: with one record, an unhealthy answer is better than none.
  simple: (group) => only(group[0]),

  failover(group, _client, healthy) {
    const primary = group.find((record) => roleOf(record) === 'PRIMARY');
    const secondary = group.find((record) => roleOf(record) === 'SECONDARY');
    if (primary !== undefined && healthy(primary)) return only(primary);
    return secondary !== undefined && healthy(secondary) ? only(secondary) : only(primary ?? secondary);
  },

  weighted(group, _client, healthy) {
    const weighing = group.filter((record) => weightOf(record) > 0);
    const idle = group.filter((record) => weightOf(record) === 0);
    const fits = [weighing.filter(healthy), idle.filter(healthy), weighing, idle].find((records) => records.length > 0);
    return {
      kind: 'one',
      among: (fits ?? []).map((record) => ({ record, weight: weightOf(record) || 1 })),
    };
  },

  latency(group, client, healthy) {
    const nearest = [...group].sort((a, b) => latencyOf(a, client) - latencyOf(b, client) || 0);
    return only(nearest.find(healthy) ?? nearest[0]);
  },

  geolocation(group, client, healthy) {
    const fits = [...group]
      .map((record) => ({ record, size: sizeOf(record, client) }))
      .filter(({ size }) => size !== undefined)
      .sort((a, b) => (a.size ?? 0) - (b.size ?? 0))
      .map(({ record }) => record);
    return only(fits.find(healthy) ?? fits[0]);
  },

  // Any that is healthy: which of them, only Route 53 knows.
  unmodelled(group, _client, healthy) {
    const well = group.filter(healthy);
    return { kind: 'one', among: (well.length > 0 ? well : group).map((record) => ({ record, weight: 1 })) };
  },

  multivalue(group, _client, healthy) {
    const well = group.filter(healthy);
    return { kind: 'several', count: mostValues, among: well.length > 0 ? well : group };
  },
};

/** What may be answered of a group of one name and type. A group has one policy: validation sees to that. */
export function select(group: readonly RecordSet[], client: ClientLocation, healthy: Healthy): Selection {
  const first = group[0];
  return first === undefined ? only(undefined) : policies[first.routing.policy](group, client, healthy);
}

/** Whether the answer of a group may differ from place to place. */
export function isLocated(group: readonly RecordSet[]): boolean {
  return group.some(({ routing: { policy } }) => ['geolocation', 'latency', 'unmodelled'].includes(policy));
}

function only(record: RecordSet | undefined): Selection {
  return { kind: 'one', among: record === undefined ? [] : [{ weight: 1, record }] };
}

function roleOf({ routing }: RecordSet): 'PRIMARY' | 'SECONDARY' | undefined {
  return routing.policy === 'failover' ? routing.role : undefined;
}

function weightOf({ routing }: RecordSet): number {
  return routing.policy === 'weighted' ? routing.weight : 0;
}

/** A region of unknown distance comes last, in the order of the zone. */
function latencyOf({ routing }: RecordSet, client: ClientLocation): number {
  return routing.policy === 'latency' ? (client.latencyMs[routing.region] ?? Number.MAX_VALUE) : Number.MAX_VALUE;
}

/** How large the location of a record is if the client is in it: the smallest that fits is answered. */
function sizeOf({ routing }: RecordSet, client: ClientLocation): number | undefined {
  if (routing.policy !== 'geolocation') return undefined;
  return sizeIn(routing.location, client);
}

function sizeIn(location: GeoLocation, client: ClientLocation): number | undefined {
  if ('continent' in location) return location.continent === client.continent ? 2 : undefined;
  if (location.country === '*') return 3;
  if (location.country !== client.country) return undefined;
  if (location.subdivision === undefined) return 1;
  return location.subdivision === client.subdivision ? 0 : undefined;
}
