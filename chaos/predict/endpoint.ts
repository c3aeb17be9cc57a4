/** Where a region's endpoint leads, as far as the zone tells it. */
import { isIP } from 'node:net';
import { canonicalName } from '../../zone/names.ts';
import type { RecordSet, Zone } from '../../zone/records.ts';

/**
 * The addresses of a host; and of what is outside of the zone, such as a load balancer, whose addresses Route 53 alone
 * knows, the name: as `plainTarget` writes it.
 */
export function whereLeads(zone: Zone, host: string): readonly string[] {
  const found = new Set<string>();
  const seen = new Set<string>();
  const follow = (to: string): void => {
    if (isIP(to) !== 0) return void found.add(to);
    const name = canonicalName(to);
    if (seen.has(name)) return;
    seen.add(name);
    const own = zone.records.filter((record) => record.name === name && ['A', 'AAAA', 'CNAME'].includes(record.type));
    if (own.length === 0) found.add(plainTarget(name));
    for (const next of own.flatMap(targetsOf)) follow(next);
  };
  follow(host);
  return [...found];
}

/** An address as it is; a name canonical, and a load balancer's without the prefix by which it also has IPv6 addresses. */
export function plainTarget(target: string): string {
  return isIP(target) === 0 ? canonicalName(target).replace(/^dualstack\./, '') : target;
}

/** Whether a record holds one of these targets itself. */
export function holds(record: RecordSet, targets: ReadonlySet<string>): boolean {
  return targetsOf(record).some((target) => targets.has(plainTarget(target)));
}

function targetsOf({ target }: RecordSet): readonly string[] {
  return target.kind === 'values' ? target.values : [target.name];
}
