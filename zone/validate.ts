/** Change batches, judged and applied as Route 53 does: all of a batch, or nothing of it. */
import { canonicalJson } from '../contract/json.ts';
import { groupAt } from './lookup.ts';
import { canonicalName } from './names.ts';
import type { RecordSet, Zone } from './records.ts';
import { conflictsOf } from './validate-group.ts';
import { malformed, mistakesOf } from './validate-record.ts';

export type Change = { readonly action: 'CREATE' | 'DELETE' | 'UPSERT'; readonly record: RecordSet };

export type Applied =
  | { readonly ok: true; readonly zone: Zone }
  /** `InvalidInput`: a record is malformed by itself. `InvalidChangeBatch`: the zone does not allow the changes. */
  | { readonly ok: false; readonly code: 'InvalidChangeBatch' | 'InvalidInput'; readonly messages: readonly string[] };

/** Of a batch. An alias counts as one record; what an UPSERT changes counts twice. */
const mostRecords = 1_000;
const mostCharacters = 32_000;
/** Of a zone. */
const mostRecordSets = 10_000;

/**
 * The zone after `changes`, which are made in their order and then judged together, or all that is wrong with them.
 * With `healthChecks` a record that names another one is refused.
 */
export function applyChanges(zone: Zone, changes: readonly Change[], healthChecks?: ReadonlySet<string>): Applied {
  if (changes.length === 0) return refused('InvalidInput', ['Invalid request: want at least one change']);
  const tooLarge = limitsExceeded(changes);
  if (tooLarge.length > 0) return refused('InvalidChangeBatch', tooLarge);
  const tidy = changes.map(({ action, record }) => ({ action, record: canonical(record) }));
  const garbled = tidy.flatMap(({ action, record }, index) => malformed(action, record, index + 1));
  if (garbled.length > 0) return refused('InvalidInput', garbled);

  const messages: string[] = [...contradictions(tidy)];
  const records = spelledOut(zone);
  for (const change of tidy) messages.push(...apply(records, change));
  if (records.length > mostRecordSets) {
    messages.push(`Number of resource record sets limit of ${mostRecordSets} exceeded in zone ${zone.name}.`);
  }
  const after: Zone = { ...zone, records };
  for (const { action, record } of tidy) {
    if (action === 'DELETE') continue;
    messages.push(...mistakesOf(zone, record));
    // A record that a later change of the batch took away again has no siblings to conflict with.
    if (records.includes(record)) messages.push(...conflictsOf(after, record));
    if (record.healthCheckId !== null && healthChecks?.has(record.healthCheckId) === false) {
      messages.push(`Health check with ID ${record.healthCheckId} does not exist`);
    }
  }
  messages.push(...apexMistakes(zone, records));
  return messages.length > 0 ? refused('InvalidChangeBatch', [...new Set(messages)]) : { ok: true, zone: after };
}

function limitsExceeded(changes: readonly Change[]): readonly string[] {
  let records = 0;
  let characters = 0;
  for (const { action, record } of changes) {
    const values = record.target.kind === 'values' ? record.target.values : [];
    const times = action === 'UPSERT' ? 2 : 1;
    records += Math.max(1, values.length) * times;
    characters += values.reduce((sum, value) => sum + value.length, 0) * times;
  }
  return [
    ...(records > mostRecords ? [`Number of records limit of ${mostRecords} exceeded.`] : []),
    ...(characters > mostCharacters
      ? [`Number of characters in record values limit of ${mostCharacters} exceeded.`]
      : []),
  ];
}

/** A record set may be changed once in a batch, or deleted and then created. */
function contradictions(changes: readonly Change[]): readonly string[] {
  const seen = new Map<string, string>();
  return changes.flatMap(({ action, record }) => {
    const key = keyOf(record);
    const before = seen.get(key);
    seen.set(key, action);
    if (before === undefined || (before === 'DELETE' && action === 'CREATE')) return [];
    const which = `'${record.type} ${record.name}'`;
    return [`The request contains an invalid set of changes for a resource record set ${which}`];
  });
}

/** The same record, its names as the zone keeps them. */
export function canonical(record: RecordSet): RecordSet {
  const { target } = record;
  return {
    ...record,
    name: canonicalName(record.name),
    target: target.kind === 'alias' ? { ...target, name: canonicalName(target.name) } : target,
  };
}

/** The zone's records, those of the apex that Route 53 makes itself included. */
export function spelledOut(zone: Zone): RecordSet[] {
  const made = (['NS', 'SOA'] as const).flatMap((type) =>
    groupAt(zone, zone.name, type).filter((record) => !zone.records.includes(record)),
  );
  return [...zone.records, ...made];
}

function apply(records: RecordSet[], { action, record }: Change): readonly string[] {
  const index = records.findIndex((other) => keyOf(other) === keyOf(record));
  const identifier = record.setIdentifier === null ? '' : `, set-identifier='${record.setIdentifier}'`;
  const shown = `resource record set [name='${record.name}', type='${record.type}'${identifier}]`;
  const current = records[index];
  if (action === 'DELETE') {
    if (current === undefined) return [`Tried to delete ${shown} but it was not found`];
    if (!sameContent(current, record)) {
      return [`Tried to delete ${shown} but the values provided do not match the current values`];
    }
    records.splice(index, 1);
  } else if (current === undefined) records.push(record);
  else if (action === 'CREATE') return [`Tried to create ${shown} but it already exists`];
  else records[index] = record;
  return [];
}

function apexMistakes(zone: Zone, records: readonly RecordSet[]): readonly string[] {
  const has = (type: string): boolean => records.some((record) => record.name === zone.name && record.type === type);
  const before = (type: string): boolean => groupAt(zone, zone.name, type).length > 0;
  return [
    ...(before('SOA') && !has('SOA') ? ['A HostedZone must contain exactly one SOA record.'] : []),
    ...(before('NS') && !has('NS') ? ['A HostedZone must contain at least one NS record for the zone itself.'] : []),
  ];
}

/** A record set is one of its name and type, by its set identifier. */
function keyOf({ name, type, setIdentifier }: RecordSet): string {
  return JSON.stringify([name, type, setIdentifier]);
}

/** Values in any order: a set of records has none. */
function sameContent(a: RecordSet, b: RecordSet): boolean {
  return canonicalJson(sorted(a)) === canonicalJson(sorted(b));
}

function sorted(record: RecordSet): RecordSet {
  const { target } = record;
  return target.kind === 'alias' ? record : { ...record, target: { ...target, values: [...target.values].sort() } };
}

function refused(code: 'InvalidChangeBatch' | 'InvalidInput', messages: readonly string[]): Applied {
  return { ok: false, code, messages };
}
