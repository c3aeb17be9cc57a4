/** Which records of a zone a question is about. */
import { parseHostPort } from '../contract/address.ts';
import type { AnswerRecord } from './choice.ts';
import { isWithin, parentOf } from './names.ts';
import type { RecordSet, Zone } from './records.ts';

/** What Route 53 gives a new zone. */
const soaTtlSeconds = 900;
const nsTtlSeconds = 172_800;
const soaTail = 'awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400';

/**
 * The name whose records answer for `name`: itself where it or a name below it exists, else the wildcard next to its
 * closest existing ancestor; `undefined` where nothing does.
 */
export function ownerOf(zone: Zone, name: string): string | undefined {
  if (exists(zone, name)) return name;
  let ancestor = parentOf(name);
  while (ancestor !== undefined && isWithin(ancestor, zone.name)) {
    if (exists(zone, ancestor)) {
      const wildcard = `*.${ancestor}`;
      return zone.records.some((record) => record.name === wildcard) ? wildcard : undefined;
    }
    ancestor = parentOf(ancestor);
  }
  return undefined;
}

/** The records of one name and type; the apex has SOA and NS records also where the zone does not spell them out. */
export function groupAt(zone: Zone, name: string, type: string): readonly RecordSet[] {
  const group = zone.records.filter((record) => record.name === name && record.type === type);
  if (group.length > 0 || name !== zone.name) return group;
  if (type === 'SOA') {
    return [apexRecord(zone, 'SOA', soaTtlSeconds, [`${hostOf(zone, zone.nameservers[0], 0)} ${soaTail}`])];
  }
  if (type !== 'NS' || zone.nameservers.length === 0) return [];
  const hosts = zone.nameservers.map((server, index) => hostOf(zone, server, index));
  return [apexRecord(zone, 'NS', nsTtlSeconds, hosts)];
}

/** The SOA that goes with a negative answer; its TTL is how long that may be kept (RFC 2308). */
export function negativeSoa(zone: Zone): AnswerRecord | undefined {
  const target = groupAt(zone, zone.name, 'SOA')[0]?.target;
  if (target?.kind !== 'values') return undefined;
  const value = target.values[0] ?? '';
  const minimumSeconds = Number(value.split(/\s+/)[6] ?? soaTtlSeconds);
  return { name: zone.name, type: 'SOA', ttlSeconds: Math.min(target.ttlSeconds, minimumSeconds), value };
}

function exists(zone: Zone, name: string): boolean {
  return name === zone.name || zone.records.some((record) => isWithin(record.name, name));
}

function apexRecord(zone: Zone, type: 'SOA' | 'NS', ttlSeconds: number, values: readonly string[]): RecordSet {
  return {
    name: zone.name,
    type,
    setIdentifier: null,
    routing: { policy: 'simple' },
    healthCheckId: null,
    target: { kind: 'values', ttlSeconds, values },
  };
}

/** A name server as a host name: one that is known by its address only gets a name of the zone. */
function hostOf(zone: Zone, server: string | undefined, index: number): string {
  const host = server === undefined ? undefined : parseHostPort(server)?.host;
  if (host === undefined || /^[\d.]+$/.test(host) || host.includes(':')) return `ns-${index + 1}.${zone.name}`;
  return host.endsWith('.') ? host : `${host}.`;
}
