/** What in a zone decides how fast an entry name leaves a region: its check or its targets, and the TTL that caches keep. */

import type { FailureMode } from '../../contract/failure-mode.ts';
import { possibleAnswers } from '../../zone/answer.ts';
import { canonicalName } from '../../zone/names.ts';
import type { ClientLocation, HealthCheck, RecordSet, Zone } from '../../zone/records.ts';
import { type HealthCheckSettings, type PredictionInput, route53Checkers, sees, tryMs } from './input.ts';

/** The name as one client asks for it, and the addresses of the region that will be dark. */
export type NamedRegion = {
  readonly zone: Zone;
  readonly healthChecks: readonly HealthCheck[];
  readonly hostname: string;
  readonly addresses: readonly string[];
  readonly client: ClientLocation;
  /** How a health check fails at the region's endpoint once it is dark. */
  readonly mode: FailureMode;
  /** What the targets of its load balancer are then; `null`: nobody can tell. */
  readonly targets: 'gone' | 'as they were' | null;
};

export type Guarded = {
  /** `null`: none, or none whose timing is known. */
  readonly check: HealthCheckSettings | null;
  /** Its records inherit the health of a load balancer that will have no target. */
  readonly byTargets: boolean;
  /** Something else decides, in a time that the zone does not tell: an alarm, a switch, another kind of target. */
  readonly otherwise: boolean;
  readonly ttlMs: number;
  readonly ttlOf: PredictionInput['ttlOf'];
  /** The share of this client's answers that lead to the region, with everything well and with the region dark. */
  readonly share: { readonly well: number; readonly dark: number };
};

/** Of Route 53's alias to an AWS resource; it cannot be set. */
const resourceTtlSeconds = 60;
const mostHops = 16;

/** Follows the tree of aliases from the name down to the records that hold the region's addresses. */
export function guardOf(named: NamedRegion): Guarded {
  const { zone, healthChecks, mode, targets } = named;
  const own = recordsOf(named);
  const ids = new Set(own.flatMap((record) => record.healthCheckId ?? []));
  const tripped = new Set([...ids].filter((id) => trips(healthChecks, id, mode)));
  const inheriting = own.filter((record) => inheritsHealth(record, zone));
  const balanced = inheriting.filter(({ target }) => target.kind === 'alias' && isLoadBalancer(target.name));
  const emptied = targets === 'gone' ? balanced : [];
  const dark = { ...named, zone: withUnhealthy(zone, new Set(emptied)) };
  const share = {
    well: shareOf(named, () => true),
    dark: shareOf(dark, (id) => id !== emptiedMark && !tripped.has(id)),
  };
  const checks = [...tripped].flatMap((id) => settingsOf(healthChecks, id));
  // Records of one region may be guarded by several checks: names have left it when the slowest has tripped.
  const slowest = checks.reduce<HealthCheckSettings | null>(
    (worst, check) => (worst === null || pace(check, mode) > pace(worst, mode) ? check : worst),
    null,
  );
  const ttls = own.map((record) => (record.target.kind === 'values' ? record.target.ttlSeconds : resourceTtlSeconds));
  const ttlSeconds = Math.max(0, ...ttls);
  const aliased = own.some(({ target }) => target.kind === 'alias' && resourceTtlSeconds === ttlSeconds);
  const byOthers = inheriting.length > (targets === null ? 0 : balanced.length);
  const otherwise = byOthers || (tripped.size > 0 && slowest === null);
  const byTargets = emptied.length > 0;
  return {
    check: slowest,
    byTargets,
    otherwise,
    ttlMs: ttlSeconds * 1_000,
    ttlOf: aliased ? 'alias' : 'record',
    share,
  };
}

/** No check: what a record has in a zone with its targets gone. */
const emptiedMark = 'no target is healthy';

function withUnhealthy(zone: Zone, emptied: ReadonlySet<RecordSet>): Zone {
  const records = zone.records.map((record) =>
    emptied.has(record) ? { ...record, healthCheckId: emptiedMark } : record,
  );
  return { ...zone, records };
}

function inheritsHealth({ target }: RecordSet, zone: Zone): boolean {
  return target.kind === 'alias' && target.hostedZoneId !== zone.id && target.evaluateTargetHealth;
}

/** By the names that AWS gives them: `NAME.REGION.elb.amazonaws.com`, or `NAME.elb.REGION.amazonaws.com`. */
function isLoadBalancer(name: string): boolean {
  return /\.elb\.(?:[a-z\d-]+\.)?amazonaws\.com(?:\.cn)?\.?$/i.test(name);
}

/** `timing`: what the zone doesn't tell. A name that goes on leading to the dark region has no check that helps. */
export function predictionInputOf(
  named: NamedRegion,
  timing: Omit<PredictionInput, 'check' | 'leaves' | 'mode' | 'ttlMs' | 'ttlOf' | 'nameservers'>,
): PredictionInput {
  const { check, byTargets, otherwise, ttlMs, ttlOf, share } = guardOf(named);
  const turns = share.well > 0 && share.dark === 0;
  const leaves = turns && (check !== null || byTargets) ? true : otherwise ? null : false;
  const nameservers = Math.max(1, named.zone.nameservers.length);
  return {
    ...timing,
    mode: named.mode,
    check: leaves === true ? check : null,
    targets: leaves === true && byTargets ? timing.targets : [],
    leaves,
    ttlMs,
    ttlOf,
    nameservers,
  };
}

/** A check that is switched off, or that cannot see this failure, goes on saying that all is well. */
function trips(healthChecks: readonly HealthCheck[], id: string, mode: FailureMode): boolean {
  const check = healthChecks.find((candidate) => candidate.id === id);
  if (check === undefined || check.disabled) return false;
  if (check.type === 'CALCULATED') {
    const well = check.childHealthChecks.filter((child) => child === id || !trips(healthChecks, child, mode)).length;
    return well < check.healthThreshold;
  }
  return settingsOf(healthChecks, id).every(({ kind }) => sees(kind, mode));
}

/**
 * The records that hold the region's addresses, and the CNAMEs on the way to them: their checks and TTLs decide too.
 * Each name is looked at once, so that very many ways through a zone, or circles, cost no more than its records.
 */
function recordsOf({ zone, hostname, addresses }: NamedRegion): readonly RecordSet[] {
  const known = new Map<string, readonly RecordSet[]>();
  const below = (name: string, hops: number): readonly RecordSet[] => {
    const before = known.get(name);
    if (before !== undefined || hops === 0) return before ?? [];
    known.set(name, []);
    const found = zone.records
      .filter((record) => record.name === name && ['A', 'AAAA', 'CNAME'].includes(record.type))
      .flatMap((record) => {
        if (holds(record, addresses)) return [record];
        const target = canonicalName(
          record.target.kind === 'alias' ? record.target.name : (record.target.values[0] ?? '.'),
        );
        const further = record.type === 'CNAME' || record.target.kind === 'alias' ? below(target, hops - 1) : [];
        return record.type === 'CNAME' && further.length > 0 ? [record, ...further] : further;
      });
    known.set(name, found);
    return found;
  };
  return [...new Set(below(canonicalName(hostname), mostHops))];
}

function holds(record: RecordSet, addresses: readonly string[]): boolean {
  const { target } = record;
  return target.kind === 'values'
    ? target.values.some((value) => addresses.includes(value))
    : addresses.includes(target.name);
}

function shareOf(named: NamedRegion, healthy: (id: string) => boolean): number {
  const question = { name: named.hostname, type: 'A' };
  return possibleAnswers(named.zone, question, named.client, healthy)
    .filter(({ values }) => values.some((value) => named.addresses.includes(value)))
    .reduce((sum, { probability }) => sum + probability, 0);
}

function settingsOf(healthChecks: readonly HealthCheck[], id: string): readonly HealthCheckSettings[] {
  const check = healthChecks.find((candidate) => candidate.id === id);
  switch (check?.type) {
    case 'HTTP':
    case 'HTTPS':
    case 'HTTP_STR_MATCH':
    case 'HTTPS_STR_MATCH':
    case 'TCP':
      return [
        {
          kind: check.type === 'TCP' ? 'tcp' : 'over-http',
          everyMs: check.requestIntervalSeconds * 1_000,
          threshold: check.failureThreshold,
          checkers: route53Checkers,
        },
      ];
    case 'CALCULATED':
      return check.childHealthChecks.flatMap((child) => (child === id ? [] : settingsOf(healthChecks, child)));
    case 'CLOUDWATCH_METRIC':
    case 'RECOVERY_CONTROL':
    case undefined:
      return [];
  }
}

function pace(check: HealthCheckSettings, mode: FailureMode): number {
  return (check.everyMs + tryMs(check, mode)) * check.threshold;
}
