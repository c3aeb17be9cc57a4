/** What Route 53 says of one record set by itself. */
import { isIPv4, isIPv6 } from 'node:net';
import { canonicalName, isWithin } from './names.ts';
import type { RecordSet, RecordType, Routing, Zone } from './records.ts';

const longestTtlSeconds = 2_147_483_647;
const notAliasable: ReadonlySet<RecordType> = new Set(['NS', 'SOA']);
const notMultivalue: ReadonlySet<RecordType> = new Set(['NS', 'CNAME', 'SOA']);
const onlyOneValue: ReadonlySet<RecordType> = new Set(['CNAME', 'SOA']);

const valueRules: { readonly [T in RecordType]?: { holds(value: string): boolean; readonly problem: string } } = {
  A: { holds: isIPv4, problem: 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)' },
  AAAA: { holds: isIPv6, problem: 'AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)' },
  CNAME: { holds: isHostName, problem: 'DomainLabelEmpty (Value is not a domain name)' },
  NS: { holds: isHostName, problem: 'DomainLabelEmpty (Value is not a domain name)' },
  PTR: { holds: isHostName, problem: 'DomainLabelEmpty (Value is not a domain name)' },
  TXT: {
    holds: (value) => /^"(?:[^"\\]|\\.)*"(?:\s+"(?:[^"\\]|\\.)*")*$/.test(value),
    problem: 'InvalidCharacterString (Value should be enclosed in quotation marks)',
  },
  MX: { holds: (value) => /^\d{1,5} \S+$/.test(value), problem: 'MXRRDATAIllegal (Value should be: priority host)' },
  SRV: {
    holds: (value) => /^\d{1,5} \d{1,5} \d{1,5} \S+$/.test(value),
    problem: 'SRVRRDATAIllegal (Value should be: priority weight port host)',
  },
  CAA: {
    holds: (value) => /^\d{1,3} \w+ ".*"$/.test(value),
    problem: 'CAARRDATAIllegal (Value should be: flags tag "text")',
  },
};

/** `name x, type A, SetIdentifier y`, as Route 53's messages have it. */
export function titleOf({ name, type, setIdentifier }: RecordSet): string {
  return `DNS name ${name}, type ${type}${setIdentifier === null ? '' : `, SetIdentifier ${setIdentifier}`}`;
}

/** What makes the request itself malformed (`InvalidInput`); empty when it is well-formed. */
export function malformed(action: string, record: RecordSet): readonly string[] {
  const change = `Change with [Action=${action}, Name=${record.name}, Type=${record.type}, SetIdentifier=${record.setIdentifier}]`;
  const messages: string[] = [];
  if (record.routing.policy !== 'simple' && (record.setIdentifier === null || record.setIdentifier === '')) {
    messages.push(`Invalid request: Missing field 'SetIdentifier' in ${change}`);
  }
  if (record.routing.policy === 'simple' && record.setIdentifier !== null) {
    const policies = 'Weight, Region, Failover, GeoLocation, or MultiValueAnswer';
    messages.push(`Invalid request: Expected exactly one of [${policies}], but found none in ${change}`);
  }
  if ((record.setIdentifier?.length ?? 0) > 128) {
    messages.push(`Invalid request: SetIdentifier has more than 128 characters in ${change}`);
  }
  messages.push(...weightOutOfRange(record.routing).map((text) => `Invalid request: ${text} in ${change}`));
  return messages;
}

/** What is wrong with the content of a record that is to be (`InvalidChangeBatch`); empty when nothing is. */
export function mistakesOf(zone: Zone, record: RecordSet): readonly string[] {
  const messages: string[] = [];
  if (!isWithin(record.name, zone.name)) {
    messages.push(`RRSet with DNS name ${record.name} is not permitted in zone ${zone.name}`);
  }
  if (record.type === 'CNAME' && record.name === zone.name) {
    messages.push(`RRSet of type CNAME with DNS name ${record.name} is not permitted at apex in zone ${zone.name}`);
  }
  if (record.routing.policy === 'multivalue') messages.push(...multivalueMistakes(record));
  if (isPrimaryWithoutHealth(record)) {
    messages.push(`RRSet with ${titleOf(record)}: a non-alias primary RRSet must have an associated health check`);
  }
  return [...messages, ...targetMistakes(record)];
}

function targetMistakes(record: RecordSet): readonly string[] {
  const { target, type } = record;
  if (target.kind === 'alias') {
    return notAliasable.has(type) ? [`RRSet with ${titleOf(record)} cannot be an alias`] : [];
  }
  const messages: string[] = [];
  if (!Number.isInteger(target.ttlSeconds) || target.ttlSeconds < 0 || target.ttlSeconds > longestTtlSeconds) {
    messages.push(`RRSet with ${titleOf(record)}: got TTL ${target.ttlSeconds}, want 0 to ${longestTtlSeconds}`);
  }
  if (target.values.length === 0) messages.push(`RRSet with ${titleOf(record)} has no value`);
  if (onlyOneValue.has(type) && target.values.length > 1) {
    messages.push(`RRSet of type ${type} with DNS name ${record.name} can have only one value`);
  }
  const rule = valueRules[type];
  for (const [index, value] of target.values.entries()) {
    if (target.values.indexOf(value) !== index) messages.push(`Duplicate Resource Record: '${value}'`);
    if (rule !== undefined && !rule.holds(value)) {
      messages.push(`Invalid Resource Record: 'FATAL problem: ${rule.problem} encountered with '${value}''`);
    }
  }
  return messages;
}

function multivalueMistakes(record: RecordSet): readonly string[] {
  if (record.target.kind === 'alias') return [`RRSet with ${titleOf(record)}: a multivalue answer cannot be an alias`];
  return notMultivalue.has(record.type) ? [`RRSet with ${titleOf(record)}: not permitted for multivalue answer`] : [];
}

function isPrimaryWithoutHealth({ routing, target, healthCheckId }: RecordSet): boolean {
  return (
    routing.policy === 'failover' && routing.role === 'PRIMARY' && target.kind === 'values' && healthCheckId === null
  );
}

function weightOutOfRange(routing: Routing): readonly string[] {
  if (routing.policy !== 'weighted') return [];
  const { weight } = routing;
  return Number.isInteger(weight) && weight >= 0 && weight <= 255 ? [] : [`Weight ${weight} is not in 0 to 255`];
}

function isHostName(value: string): boolean {
  const labels = canonicalName(value).slice(0, -1).split('.');
  return value.length <= 255 && labels.every((label) => label.length > 0 && label.length <= 63 && !/\s/.test(label));
}
