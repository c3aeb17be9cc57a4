/** What counts as healthy with a region dark, or with none. */
import { endpointHealthy, healthOf } from '../../../zone/health.ts';
import type { HealthCheck, RecordSet, Zone } from '../../../zone/records.ts';
import { regionOf, regionOfRecord, type Surroundings } from './facts.ts';
import { blindnessOf, isDecidedElsewhere } from './sight.ts';

/** The region that is dark; `null`: all is well. */
export type World = { readonly dark: string | null; healthy(healthCheckId: string): boolean };

/** Of an alias to what is outside of the zone: no check, but its target's own health goes with it. */
const targetMark = 'target of an alias\n';

/** The zone, with the health of targets outside of it as checks of their own: its model knows nothing of them. */
export function withTargets(zone: Zone): Zone {
  const records = zone.records.map((record): RecordSet => {
    const { target, healthCheckId } = record;
    if (target.kind !== 'alias' || target.hostedZoneId === zone.id || !target.evaluateTargetHealth) return record;
    return { ...record, healthCheckId: `${targetMark}${target.name}\n${healthCheckId ?? ''}` };
  });
  return { ...zone, records };
}

export function worldsOf(around: Surroundings): readonly World[] {
  const checks = new Map(around.healthChecks.map((check) => [check.id, check]));
  const guarded = guardedBy(around, checks);
  return [null, ...Object.keys(around.scenario.regions)].map((dark) => worldWith(dark, { around, checks, guarded }));
}

type Known = {
  readonly around: Surroundings;
  readonly checks: ReadonlyMap<string, HealthCheck>;
  readonly guarded: ReadonlyMap<string, ReadonlySet<string>>;
};

function worldWith(dark: string | null, { around, checks, guarded }: Known): World {
  const known = {
    // What an alarm decides has no opinion in the model: here it is taken to see what it guards.
    check: (id: string) => {
      const check = checks.get(id);
      return check !== undefined && isDecidedElsewhere(check.type) ? { ...check, type: 'TCP' as const } : check;
    },
    said: (id: string) => [!isDown(id)],
  };
  const isDown = (id: string): boolean => {
    const check = checks.get(id);
    if (check === undefined) return false;
    if (isUnhealthyNow(id, around)) return true;
    if (dark === null) return false;
    if (isDecidedElsewhere(check.type)) return guarded.get(id)?.has(dark) === true;
    const place = around.places.find(({ region }) => region === dark);
    return place !== undefined && blindnessOf(check, place, around).length === 0;
  };
  const cached = new Map<string, boolean>();
  const healthy = (id: string): boolean => {
    const seen = cached.get(id);
    if (seen !== undefined) return seen;
    const found = id.startsWith(targetMark) ? targetHealthy(id) : healthOf(id, known);
    cached.set(id, found);
    return found;
  };
  const targetHealthy = (id: string): boolean => {
    const [, target = '', own = ''] = id.split('\n');
    return (own === '' || healthOf(own, known)) && (dark === null || regionOf(target, around.places) !== dark);
  };
  return { dark, healthy };
}

/** By its checkers, as they last said. */
export function isUnhealthyNow(id: string, { status }: Pick<Surroundings, 'status'>): boolean {
  return !endpointHealthy((status[id] ?? []).map(({ healthy }) => healthy));
}

/** The regions whose records name a check, and each of its children. */
export function guardedBy(
  { entries, places }: Surroundings,
  checks: ReadonlyMap<string, HealthCheck>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const guarded = new Map<string, Set<string>>();
  const add = (id: string, region: string): void => {
    guarded.set(id, (guarded.get(id) ?? new Set()).add(region));
    for (const child of checks.get(id)?.childHealthChecks ?? [])
      if (!guarded.get(child)?.has(region)) add(child, region);
  };
  for (const record of entries.flatMap(({ zone }) => zone.records)) {
    const region = regionOfRecord(record, places);
    if (record.healthCheckId !== null && region !== undefined) add(record.healthCheckId, region);
  }
  return guarded;
}
