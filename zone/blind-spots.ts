/** What a zone leaves unknown about a name: what no prediction can see, said before one is believed. */
import { ownerOf } from './lookup.ts';
import { canonicalName, isWithin, parentOf } from './names.ts';
import type { HealthCheck, RecordSet, Zone } from './records.ts';

export type BlindSpot = {
  readonly kind:
    | 'private-zone'
    | 'outside'
    | 'missing'
    | 'delegated'
    | 'circle'
    | 'long-chain'
    | 'policy'
    | 'target-health'
    | 'health-check';
  /** The name, or the health check, that it is about. */
  readonly subject: string;
  /** One sentence, for people. */
  readonly says: string;
};

/** Beyond these, the rest is counted: a list that nobody reads helps nobody. */
const mostSaid = 12;

/** Longer chains are not followed, here as in answers. */
const mostHops = 16;

/** What cannot be known of `name`'s answers from its zone and its health checks; empty where all can. */
export function blindSpots(zone: Zone, healthChecks: readonly HealthCheck[], name: string): readonly BlindSpot[] {
  const asked = canonicalName(name);
  const spots: BlindSpot[] = [];
  if (zone.isPrivate === true) {
    const says = `zone ${zone.name} is private: it answers inside its own networks only, so what users elsewhere get is not known`;
    spots.push({ kind: 'private-zone', subject: zone.name, says });
  }
  const { records, leaves } = reachedFrom(zone, asked);
  spots.push(...leaves, ...records.flatMap((record) => ofRecord(zone, record)));
  const checks = new Set(records.flatMap(({ healthCheckId }) => healthCheckId ?? []));
  const known = new Map(healthChecks.map((check) => [check.id, check]));
  for (const id of checks) spots.push(...ofCheck(id, known));
  return shortened(unique(spots), asked);
}

type Reached = { readonly records: readonly RecordSet[]; readonly leaves: readonly BlindSpot[] };

/** The records that may answer for a name, over aliases and CNAMEs of the zone, each once; and where the ways leave it. */
function reachedFrom(zone: Zone, asked: string): Reached {
  const records: RecordSet[] = [];
  const leaves: BlindSpot[] = [];
  const done = new Set<string>();
  const open = [{ name: asked, by: new Set<string>() }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { name, by } = next;
    if (by.has(name)) {
      const says = `${name} leads back to itself, over ${[...by].join(' and ')}: it answers nothing`;
      leaves.push({ kind: 'circle', subject: name, says });
      continue;
    }
    if (done.has(name)) continue;
    if (by.size > mostHops) {
      const says = `${asked} leads to ${name} over more than ${mostHops} other names: resolvers give up before`;
      leaves.push({ kind: 'long-chain', subject: name, says });
      continue;
    }
    done.add(name);
    const way = wayOut(zone, name, asked);
    if (way !== null) leaves.push(way);
    const owner = way === null ? ownerOf(zone, name) : undefined;
    for (const record of zone.records) {
      if (record.name !== owner || !['A', 'AAAA', 'CNAME'].includes(record.type)) continue;
      records.push(record);
      const to = leadsTo(zone, record);
      if (to !== null) open.push({ name: to, by: new Set([...by, name]) });
    }
  }
  return { records, leaves };
}

/** Why the zone itself does not answer for a name; `null` where it does. */
function wayOut(zone: Zone, name: string, asked: string): BlindSpot | null {
  const via = name === asked ? '' : `${asked} leads to ${name}, and `;
  if (!isWithin(name, zone.name)) {
    const says = `${via}${name} is not in zone ${zone.name}: what is answered for it is not known`;
    return { kind: 'outside', subject: name, says };
  }
  const child = delegationOf(zone, name);
  if (child !== null) {
    const says = `${via}${name} lies in ${child}, which zone ${zone.name} delegates to other name servers: the records that answer are there, and were not read`;
    return { kind: 'delegated', subject: name, says };
  }
  if (ownerOf(zone, name) !== undefined) return null;
  return { kind: 'missing', subject: name, says: `${via}${name} has no records in zone ${zone.name}` };
}

/** The delegated child zone that a name lies in; `null` where it is the zone's own. */
function delegationOf(zone: Zone, name: string): string | null {
  let at: string | undefined = name;
  let found: string | null = null;
  while (at !== undefined && at !== zone.name && isWithin(at, zone.name)) {
    const here = at;
    if (zone.records.some((record) => record.name === here && record.type === 'NS')) found = here;
    at = parentOf(at);
  }
  return found;
}

function leadsTo(zone: Zone, { type, target }: RecordSet): string | null {
  if (target.kind === 'alias') return target.hostedZoneId === zone.id ? canonicalName(target.name) : null;
  return type === 'CNAME' ? canonicalName(target.values[0] ?? '.') : null;
}

function ofRecord(zone: Zone, { name, routing, target }: RecordSet): readonly BlindSpot[] {
  const spots: BlindSpot[] = [];
  if (routing.policy === 'unmodelled') {
    const says = `${name} is routed by ${routing.named} routing, which is not modelled: any of its healthy records is taken to be as likely as another`;
    spots.push({ kind: 'policy', subject: name, says });
  }
  if (target.kind === 'alias' && target.evaluateTargetHealth && target.hostedZoneId !== zone.id) {
    const says = `${name} is an alias of ${target.name}, whose health is AWS's to know: it is taken to be healthy while it has targets`;
    spots.push({ kind: 'target-health', subject: name, says });
  }
  return spots;
}

function ofCheck(id: string, known: ReadonlyMap<string, HealthCheck>): readonly BlindSpot[] {
  const check = known.get(id);
  if (check === undefined) {
    const says = `health check ${id} is named by a record and is not in the account: it is taken to be healthy`;
    return [{ kind: 'health-check', subject: id, says }];
  }
  const decidedBy = { CLOUDWATCH_METRIC: 'a CloudWatch alarm', RECOVERY_CONTROL: 'a routing control' } as const;
  switch (check.type) {
    case 'CLOUDWATCH_METRIC':
    case 'RECOVERY_CONTROL': {
      const says = `health check ${id} is decided by ${decidedBy[check.type]} (${check.type}): when it notices is not known`;
      return [{ kind: 'health-check', subject: id, says }];
    }
    case 'CALCULATED': {
      const blind = check.childHealthChecks.filter((child) => child !== id && ofCheck(child, known).length > 0);
      if (blind.length === 0) return [];
      const says = `health check ${id} is calculated, also from ${blind.join(', ')}, which cannot be evaluated: when it notices is not known`;
      return [{ kind: 'health-check', subject: id, says }];
    }
    case 'HTTP':
    case 'HTTPS':
    case 'HTTP_STR_MATCH':
    case 'HTTPS_STR_MATCH':
    case 'TCP':
      return [];
  }
}

function unique(spots: readonly BlindSpot[]): readonly BlindSpot[] {
  return [...new Map(spots.map((spot) => [spot.says, spot])).values()];
}

function shortened(spots: readonly BlindSpot[], asked: string): readonly BlindSpot[] {
  const [last] = spots.slice(mostSaid);
  if (last === undefined) return spots;
  const more = `${asked}: ${spots.length - mostSaid} more of the kind are not listed`;
  return [...spots.slice(0, mostSaid), { ...last, subject: asked, says: more }];
}
