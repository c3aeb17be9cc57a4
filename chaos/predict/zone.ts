/** What in a zone decides how fast an entry name leaves a region: its health check, and the TTL that caches keep. */
import { possibleAnswers } from '../../zone/answer.ts';
import { canonicalName } from '../../zone/names.ts';
import type { ClientLocation, HealthCheck, RecordSet, Zone } from '../../zone/records.ts';
import { type HealthCheckSettings, type PredictionInput, route53Checkers } from './input.ts';

/** The name as one client asks for it, and the addresses of the region that will be dark. */
export type NamedRegion = {
  readonly zone: Zone;
  readonly healthChecks: readonly HealthCheck[];
  readonly hostname: string;
  readonly addresses: readonly string[];
  readonly client: ClientLocation;
};

export type Guarded = {
  /** `null`: none, or none whose timing is known. */
  readonly check: HealthCheckSettings | null;
  readonly ttlMs: number;
  /** The share of this client's answers that lead to the region, with everything well and with the region dark. */
  readonly share: { readonly well: number; readonly dark: number };
};

/** Of Route 53's alias to an AWS resource; it cannot be set. */
const resourceTtlSeconds = 60;
const mostHops = 16;

/** Follows the tree of aliases from the name down to the records that hold the region's addresses. */
export function guardOf(named: NamedRegion): Guarded {
  const own = recordsOf(named);
  const ids = new Set(own.flatMap((record) => record.healthCheckId ?? []));
  const share = { well: shareOf(named, () => true), dark: shareOf(named, (id) => !ids.has(id)) };
  const checks = [...ids].flatMap((id) => settingsOf(named.healthChecks, id));
  // Records of one region may be guarded by several checks: names have left it when the slowest has tripped.
  const slowest = checks.reduce<HealthCheckSettings | null>(
    (worst, check) => (worst === null || pace(check) > pace(worst) ? check : worst),
    null,
  );
  const ttls = own.map((record) => (record.target.kind === 'values' ? record.target.ttlSeconds : resourceTtlSeconds));
  return { check: slowest, ttlMs: Math.max(0, ...ttls) * 1_000, share };
}

/** `timing`: what the zone doesn't tell. A name that goes on leading to the dark region has no check that helps. */
export function predictionInputOf(
  named: NamedRegion,
  timing: Omit<PredictionInput, 'check' | 'ttlMs' | 'nameservers'>,
): PredictionInput {
  const { check, ttlMs, share } = guardOf(named);
  const leaves = share.well > 0 && share.dark === 0;
  return { ...timing, check: leaves ? check : null, ttlMs, nameservers: Math.max(1, named.zone.nameservers.length) };
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
        { everyMs: check.requestIntervalSeconds * 1_000, threshold: check.failureThreshold, checkers: route53Checkers },
      ];
    case 'CALCULATED':
      return check.childHealthChecks.flatMap((child) => (child === id ? [] : settingsOf(healthChecks, child)));
    case 'CLOUDWATCH_METRIC':
    case 'RECOVERY_CONTROL':
    case undefined:
      return [];
  }
}

function pace(check: HealthCheckSettings): number {
  return check.everyMs * check.threshold;
}
