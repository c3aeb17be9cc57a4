/** The ways that an answer can take through the records of a name, so that what led somewhere can be named. */
import { groupAt, ownerOf } from '../../../zone/lookup.ts';
import { canonicalName, isWithin } from '../../../zone/names.ts';
import { select } from '../../../zone/policies.ts';
import type { ClientLocation, RecordSet, Zone } from '../../../zone/records.ts';

/** One decision: the record that was chosen, and whether there was a choice. */
export type Step = {
  readonly record: RecordSet;
  readonly healthy: boolean;
  /** What could have been answered instead, if it counted as healthy. */
  readonly others: readonly RecordSet[];
};

export type Way = {
  readonly steps: readonly Step[];
  readonly probability: number;
  /** Addresses, or the name outside of the zone that it leads to; empty: no answer. */
  readonly values: readonly string[];
  /** It was given up: aliases in a circle, or too many. */
  readonly lost: boolean;
};

type Asked = {
  /** Of `withTargets`. */
  readonly zone: Zone;
  readonly type: string;
  readonly client: ClientLocation;
  readonly healthy: (healthCheckId: string) => boolean;
  /** What was found of records already: in wide trees of aliases each would be asked for again and again. */
  readonly known: Map<RecordSet, boolean>;
};

const mostHops = 16;

/** Every way, with its probability; none where the name does not exist. */
export function waysOf(name: string, asked: Omit<Asked, 'known'>): readonly Way[] {
  return waysAt(canonicalName(name), { ...asked, known: new Map() }, [], 1);
}

function waysAt(name: string, asked: Asked, before: readonly Step[], probability: number): readonly Way[] {
  const owner = ownerOf(asked.zone, name);
  if (owner === undefined) return before.length === 0 ? [] : [{ steps: before, probability, values: [], lost: false }];
  const exact = groupAt(asked.zone, owner, asked.type);
  const group = exact.length > 0 ? exact : groupAt(asked.zone, owner, 'CNAME');
  const selection = select(group, asked.client, (record) => isHealthy(record, asked));
  const total =
    selection.kind === 'one' ? selection.among.reduce((sum, { weight }) => sum + weight, 0) : selection.among.length;
  const among = selection.kind === 'one' ? selection.among : selection.among.map((record) => ({ record, weight: 1 }));
  if (among.length === 0) return [{ steps: before, probability, values: [], lost: false }];
  return among.flatMap(({ record, weight }) => {
    const step = { record, healthy: isHealthy(record, asked), others: othersOf(group, record, asked) };
    return waysThrough(record, asked, [...before, step], (probability * weight) / total);
  });
}

function waysThrough(record: RecordSet, asked: Asked, steps: readonly Step[], probability: number): readonly Way[] {
  const { target, type } = record;
  const next = target.kind === 'alias' ? target.name : type === 'CNAME' ? (target.values[0] ?? '') : null;
  const inside =
    next !== null &&
    (target.kind === 'alias' ? target.hostedZoneId === asked.zone.id : isWithin(canonicalName(next), asked.zone.name));
  if (next === null)
    return [{ steps, probability, values: target.kind === 'values' ? target.values : [], lost: false }];
  if (!inside) return [{ steps, probability, values: [next], lost: false }];
  if (steps.length > mostHops) return [{ steps, probability, values: [], lost: true }];
  return waysAt(canonicalName(next), asked, steps, probability);
}

/** What would be chosen if this record were not there: of a geolocation group, only what fits the client. */
function othersOf(group: readonly RecordSet[], record: RecordSet, { client }: Asked): readonly RecordSet[] {
  const rest = group.filter((other) => other !== record);
  if (rest.length === 0 || record.routing.policy === 'simple') return [];
  if (record.routing.policy === 'geolocation') {
    // One by one: the smallest that fits hides the others.
    return rest.filter((other) => {
      const alone = select([other], client, () => true);
      return alone.among.length > 0;
    });
  }
  return rest;
}

/** As Route 53 has it: its own check, and for an alias that looks there, any record of its target. */
function isHealthy(record: RecordSet, asked: Asked): boolean {
  const found = asked.known.get(record);
  if (found !== undefined) return found;
  // Aliases in a circle have nothing healthy in them but what leads out of it.
  asked.known.set(record, false);
  const healthy = judged(record, asked);
  asked.known.set(record, healthy);
  return healthy;
}

function judged({ target, healthCheckId, type }: RecordSet, asked: Asked): boolean {
  if (healthCheckId !== null && !asked.healthy(healthCheckId)) return false;
  if (target.kind !== 'alias' || !target.evaluateTargetHealth || target.hostedZoneId !== asked.zone.id) return true;
  const owner = ownerOf(asked.zone, target.name);
  return owner !== undefined && groupAt(asked.zone, owner, type).some((below) => isHealthy(below, asked));
}
