/** Which records have to be changed so that names no longer lead to a region. Pure. */
import { isIP } from 'node:net';
import { canonicalName } from '../../../zone/names.ts';
import type { RecordSet } from '../../../zone/records.ts';
import { Trouble } from '../../trouble.ts';
import type { RecordChange } from './undo.ts';

export type Manual = {
  readonly records: readonly RecordSet[];
  /** Entry names. */
  readonly names: readonly string[];
  readonly region: string;
  /** Host of the endpoint of the region taken out, and of the one that takes over. */
  readonly from: string;
  readonly to: string;
};

const mostHops = 16;
type Way = Pick<RecordSet, 'target' | 'healthCheckId'>;

/**
 * The changes of a manual failover: a weight becomes 0 where others have some, an answer among several is taken away, and
 * anything else gets the target, and the health check, of a record that leads to the region taking over.
 */
export function manualFailover(manual: Manual): readonly RecordChange[] {
  const { records, names, region } = manual;
  const visited = reached(records, names);
  const from = addressesOf(records, manual.from);
  const to = addressesOf(records, manual.to);
  const leading = visited.filter((record) => leads(record, from));
  if (leading.length === 0) {
    throw new Trouble('wrong-input', `no record of ${names.join(', ')} leads to ${region} (${manual.from})`);
  }
  const ways = visited.filter((record) => leads(record, to) && !leads(record, from));
  return leading.map((before) => {
    const group = visited.filter(({ name, type }) => name === before.name && type === before.type);
    const others = group.filter((record) => !leads(record, from));
    return { before, after: changed(before, { others, ways, from, to: manual.to }) };
  });
}

type Choice = {
  readonly others: readonly RecordSet[];
  readonly ways: readonly RecordSet[];
  readonly from: ReadonlySet<string>;
  readonly to: string;
};

function changed(before: RecordSet, { others, ways, from, to }: Choice): RecordSet | null {
  const { routing, target } = before;
  if (
    routing.policy === 'weighted' &&
    others.some((one) => one.routing.policy === 'weighted' && one.routing.weight > 0)
  ) {
    return { ...before, routing: { policy: 'weighted', weight: 0 } };
  }
  if (routing.policy === 'multivalue' && others.length > 0) return null;
  if (target.kind === 'values') {
    const rest = target.values.filter((value) => !from.has(comparable(value)));
    if (rest.length > 0) return { ...before, target: { ...target, values: rest } };
  }
  const way = wayTo(before, others, ways, to);
  if (way === null) {
    const { name, type } = before;
    throw new Trouble('wrong-input', `${name} ${type}: no record of the zone shows how it could lead to ${to}`);
  }
  const healthCheckId = routing.policy === 'simple' ? before.healthCheckId : way.healthCheckId;
  return { ...before, target: way.target, healthCheckId };
}

/** As its own sibling does it, or else any other of the names, or else by the address itself. */
function wayTo(before: RecordSet, others: readonly RecordSet[], ways: readonly RecordSet[], to: string): Way | null {
  const known = [...ways.filter((way) => others.includes(way)), ...ways].find(({ type }) => type === before.type);
  if (known !== undefined) return known;
  const { target, type, healthCheckId } = before;
  if (target.kind !== 'values') return null;
  const fits =
    (type === 'A' && isIP(to) === 4) || (type === 'AAAA' && isIP(to) === 6) || (type === 'CNAME' && isIP(to) === 0);
  return fits ? { target: { ...target, values: [to] }, healthCheckId } : null;
}

/** Every record that an answer for one of the names can come from. */
function reached(records: readonly RecordSet[], names: readonly string[]): readonly RecordSet[] {
  const found = new Set<RecordSet>();
  let next = names.map(canonicalName);
  for (let hop = 0; hop < mostHops && next.length > 0; hop += 1) {
    const here = records.filter(({ name, type }) => next.includes(name) && ['A', 'AAAA', 'CNAME'].includes(type));
    const fresh = here.filter((record) => !found.has(record));
    for (const record of fresh) found.add(record);
    next = fresh.flatMap(({ target, type }) => {
      if (target.kind === 'alias') return [target.name];
      return type === 'CNAME' ? target.values.map(canonicalName) : [];
    });
  }
  return [...found];
}

/** A host's own name, and what the zone says of it. */
function addressesOf(records: readonly RecordSet[], host: string): ReadonlySet<string> {
  if (isIP(host) !== 0) return new Set([host]);
  const name = canonicalName(host);
  const own = records.filter((record) => record.name === name && record.routing.policy === 'simple');
  const values = own.flatMap(({ target }) =>
    target.kind === 'values' ? target.values.map(comparable) : [target.name],
  );
  return new Set([name, ...values]);
}

function leads({ target, name }: RecordSet, addresses: ReadonlySet<string>): boolean {
  // What a region's own host name says is left alone: by it the region is watched.
  if (addresses.has(name)) return false;
  return target.kind === 'alias'
    ? addresses.has(target.name)
    : target.values.some((value) => addresses.has(comparable(value)));
}

function comparable(value: string): string {
  return isIP(value) === 0 ? canonicalName(value) : value;
}
