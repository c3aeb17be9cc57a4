/** What in a zone decides how fast an entry name leaves a region: its check or its targets, and the TTL that caches keep. */

import type { FailureMode } from '../../contract/failure-mode.ts';
import { possibleAnswers } from '../../zone/answer.ts';
import { canonicalName } from '../../zone/names.ts';
import type { ClientLocation, HealthCheck, RecordSet, Zone } from '../../zone/records.ts';
import { holds, plainTarget } from './endpoint.ts';
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
  /** The slowest of those that see the failure. `null`: none, or none whose timing is known, or it leads nothing away. */
  readonly check: HealthCheckSettings | null;
  /** Whether names follow the targets of a load balancer. */
  readonly byTargets: boolean;
  /** Where there are a check and targets: whether each alone leads names away, or only both together. */
  readonly needs: PredictionInput['needs'];
  /** `null`: perhaps, by something whose timing the zone does not tell, or the region is not found behind the name. */
  readonly leaves: boolean | null;
  readonly ttlMs: number;
  readonly ttlOf: PredictionInput['ttlOf'];
  /** The share of this client's answers that lead to the region, with everything well and with the region dark. */
  readonly share: { readonly well: number; readonly dark: number };
};

/** Of Route 53's alias to an AWS resource; it cannot be set. */
const resourceTtlSeconds = 60;
const mostHops = 16;

/** Health checks that trip, and aliases whose target is not healthy any more. */
type Causes = { readonly checks: ReadonlySet<string>; readonly targets: ReadonlySet<RecordSet> };

/** Follows the tree of aliases from the name down to the records that hold the region's addresses. */
export function guardOf(named: NamedRegion): Guarded {
  const { zone, healthChecks, mode } = named;
  const own = recordsOf(named);
  const { known, others } = causesIn(own, named);
  const checks = [...known.checks].flatMap((id) => settingsOf(healthChecks, id));
  // Records of one region may be guarded by several checks: names have left it when the slowest has tripped.
  const slowest = checks.reduce<HealthCheckSettings | null>(
    (worst, check) => (worst === null || pace(check, mode) > pace(worst, mode) ? check : worst),
    null,
  );
  const holding = own.filter((record) => !leadsFurther(record, zone));
  const ttls = holding.map(({ target }) => (target.kind === 'values' ? target.ttlSeconds : resourceTtlSeconds));
  const ttlSeconds = Math.max(0, ...ttls);
  const aliased = holding.some(({ target }) => target.kind === 'alias' && resourceTtlSeconds === ttlSeconds);
  const share = { well: shareOf(named, nothingTrips), dark: shareOf(named, both(known, others)) };
  const leadAway = (causes: Causes): boolean => shareOf(named, causes) === 0;
  const byChecks = leadAway({ ...nothingTrips, checks: known.checks });
  const byTargets = leadAway({ ...nothingTrips, targets: known.targets });
  const together = leadAway(known);
  return {
    check: byTargets && !byChecks ? null : slowest,
    byTargets: known.targets.size > 0 && (byTargets || (together && !byChecks)),
    needs: together && !byChecks && !byTargets ? 'both' : 'either',
    leaves: share.well === 0 || leadAway(others) ? null : together ? true : share.dark === 0 ? null : false,
    ttlMs: ttlSeconds * 1_000,
    ttlOf: aliased ? 'alias' : 'record',
    share,
  };
}

const nothingTrips: Causes = { checks: new Set(), targets: new Set() };

function both(a: Causes, b: Causes): Causes {
  return { checks: new Set([...a.checks, ...b.checks]), targets: new Set([...a.targets, ...b.targets]) };
}

/** What the region's records will feel: `others` of what has a timing that the zone does not tell, such as an alarm. */
function causesIn(
  own: readonly RecordSet[],
  { zone, healthChecks, mode, targets }: NamedRegion,
): { readonly known: Causes; readonly others: Causes } {
  const ids = new Set(own.flatMap((record) => record.healthCheckId ?? []));
  const tripped = [...ids].filter((id) => trips(healthChecks, id, mode));
  const isTimed = (id: string): boolean => settingsOf(healthChecks, id).length > 0;
  const inheriting = own.filter((record) => inheritsHealth(record, zone));
  const isBalanced = ({ target }: RecordSet): boolean => target.kind === 'alias' && isLoadBalancer(target.name);
  const felt = inheriting.filter((record) => targets !== 'as they were' || !isBalanced(record));
  const isEmptied = (record: RecordSet): boolean => targets === 'gone' && isBalanced(record);
  return {
    known: { checks: new Set(tripped.filter(isTimed)), targets: new Set(felt.filter(isEmptied)) },
    others: {
      checks: new Set(tripped.filter((id) => !isTimed(id))),
      targets: new Set(felt.filter((record) => !isEmptied(record))),
    },
  };
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
  timing: Omit<PredictionInput, 'check' | 'leaves' | 'needs' | 'mode' | 'ttlMs' | 'ttlOf' | 'nameservers'>,
  guard: Guarded = guardOf(named),
): PredictionInput {
  const { check, byTargets, needs, leaves, ttlMs, ttlOf } = guard;
  return {
    ...timing,
    mode: named.mode,
    check: leaves === true ? check : null,
    targets: leaves === true && byTargets ? timing.targets : [],
    needs,
    leaves,
    ttlMs,
    ttlOf,
    nameservers: Math.max(1, named.zone.nameservers.length),
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
 * The records that hold the region's addresses, and the aliases and CNAMEs on the way to them: their checks decide too.
 * Each name is looked at once, so that very many ways through a zone, or circles, cost no more than its records.
 */
function recordsOf({ zone, hostname, addresses }: NamedRegion): readonly RecordSet[] {
  const wanted = new Set(addresses.map(plainTarget));
  const known = new Map<string, readonly RecordSet[]>();
  const below = (name: string, hops: number): readonly RecordSet[] => {
    const before = known.get(name);
    if (before !== undefined || hops === 0) return before ?? [];
    known.set(name, []);
    const found = zone.records
      .filter((record) => record.name === name && ['A', 'AAAA', 'CNAME'].includes(record.type))
      .flatMap((record) => {
        if (holds(record, wanted)) return [record];
        const { type, target } = record;
        if (type !== 'CNAME' && !leadsFurther(record, zone)) return [];
        const next = target.kind === 'alias' ? target.name : (target.values[0] ?? '.');
        const further = below(canonicalName(next), hops - 1);
        return further.length > 0 ? [record, ...further] : [];
      });
    known.set(name, found);
    return found;
  };
  return [...new Set(below(canonicalName(hostname), mostHops))];
}

/** An alias within the zone: it has no TTL of its own. */
function leadsFurther({ target }: RecordSet, zone: Zone): boolean {
  return target.kind === 'alias' && target.hostedZoneId === zone.id;
}

function shareOf({ zone, hostname, addresses, client }: NamedRegion, { checks, targets }: Causes): number {
  const wanted = new Set(addresses.map(plainTarget));
  const question = { name: hostname, type: 'A' };
  const healthy = (id: string): boolean => !checks.has(id);
  return possibleAnswers(zone, question, client, healthy, (alias) => !targets.has(alias))
    .filter(({ values }) => values.some((value) => wanted.has(plainTarget(value))))
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
