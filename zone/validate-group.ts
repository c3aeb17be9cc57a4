/** What Route 53 says of the records of one name together. */
import { canonicalJson } from '../contract/json.ts';
import { isWithin } from './names.ts';
import type { RecordSet, Zone } from './records.ts';
import { titleOf } from './validate-record.ts';

/** Most records of one name and type with the same policy. */
const mostInGroup = 100;

/** What is wrong with `record` among its siblings, in a zone that holds them all already. */
export function conflictsOf(zone: Zone, record: RecordSet): readonly string[] {
  const sameName = zone.records.filter(({ name }) => name === record.name);
  const siblings = sameName.filter((other) => other.type === record.type && other !== record);
  return [
    ...cnameConflicts(zone, record, sameName),
    ...groupConflicts(record, siblings),
    ...aliasMistakes(zone, record),
  ];
}

function cnameConflicts(zone: Zone, record: RecordSet, sameName: readonly RecordSet[]): readonly string[] {
  const others = sameName.filter(({ type }) => type !== record.type);
  if (record.type === 'CNAME' && others.length > 0) {
    return [
      `RRSet of type CNAME with DNS name ${record.name} is not permitted as it conflicts with other records with the same DNS name in zone ${zone.name}`,
    ];
  }
  if (others.some(({ type }) => type === 'CNAME')) {
    return [
      `RRSet of type ${record.type} with DNS name ${record.name} is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${zone.name}`,
    ];
  }
  return [];
}

function groupConflicts(record: RecordSet, siblings: readonly RecordSet[]): readonly string[] {
  const { policy } = record.routing;
  const cannot = `RRSet with ${titleOf(record)} cannot be created as`;
  if (siblings.length === 0) return [];
  if (policy === 'simple') return [`${cannot} other RRSets exist with the same name and type.`];
  if (siblings.some((other) => other.routing.policy !== policy)) {
    return [`${cannot} a non-${policy} set exists with the same name and type.`];
  }
  if (siblings.length >= mostInGroup) return [`${cannot} more than ${mostInGroup} exist with the same name and type.`];
  return clashesOf(record, siblings);
}

/** What the policy itself does not allow beside siblings of the same policy. */
function clashesOf(record: RecordSet, siblings: readonly RecordSet[]): readonly string[] {
  const { routing } = record;
  const title = `RRSet with ${titleOf(record)}`;
  // Beside the policy's name their routing is just what has to be unique: role, region or location.
  const twin = siblings.find((other) => canonicalJson(other.routing) === canonicalJson(routing));
  switch (routing.policy) {
    case 'simple':
    case 'multivalue':
      return [];
    case 'weighted': {
      const ttls = [record, ...siblings].map(ttlOf).filter((ttl) => ttl !== null);
      return new Set(ttls).size > 1 ? [`${title} cannot be created as weighted sets must contain the same TTL.`] : [];
    }
    case 'latency': {
      const because = 'cannot be created because a latency RRSet with the same name, type and region already exists.';
      return twin === undefined ? [] : [`${title}, and Region Name=${routing.region} ${because}`];
    }
    case 'failover':
    case 'geolocation': {
      const what =
        routing.policy === 'failover'
          ? `a failover ${routing.role}`
          : `a geolocation record for ${canonicalJson(routing.location)}`;
      const because = `cannot be created as ${what} exists with the same name and type: ${twin?.setIdentifier}.`;
      return twin === undefined ? [] : [`${title} ${because}`];
    }
  }
}

/** Targets in other zones are for the owners of those to know: AWS's own, such as a load balancer's, and other accounts'. */
function aliasMistakes(zone: Zone, record: RecordSet): readonly string[] {
  const { target } = record;
  if (target.kind !== 'alias') return [];
  const tried = `Tried to create an alias that targets ${target.name}, type ${record.type} in zone ${target.hostedZoneId}`;
  const elsewhere = `${tried}, but the alias target name does not lie within the target zone`;
  const inZone = isWithin(target.name, zone.name);
  if (target.hostedZoneId !== zone.id) return inZone ? [elsewhere] : [];
  const there = zone.records.some(({ name, type }) => name === target.name && type === record.type);
  return [
    ...(inZone ? [] : [elsewhere]),
    ...(there && target.name !== record.name ? [] : [`${tried}, but that target was not found`]),
  ];
}

function ttlOf({ target }: RecordSet): number | null {
  return target.kind === 'values' ? target.ttlSeconds : null;
}
