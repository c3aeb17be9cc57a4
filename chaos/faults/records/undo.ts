import { isObject } from '../../../contract/json.ts';
import type { RecordSet } from '../../../zone/records.ts';
import type { Change } from '../../../zone/validate.ts';
import { type AccountUndo, type Planned, scheduleName } from '../account/schedule.ts';

/** One record set as it was found, and as it is during the drill; `null`: it is taken away. */
export type RecordChange = { readonly before: RecordSet; readonly after: RecordSet | null };

/** What mending needs, as JSON: enough without a scenario. It is also what the marker in the zone says. */
export type RecordsUndo = {
  readonly fault: 'records';
  readonly drill: string;
  readonly region: string;
  /** Id of the hosted zone, and its name with the final dot. */
  readonly zone: string;
  readonly zoneName: string;
  /** Whom to change it as; `null`: whoever runs the program. */
  readonly role: string | null;
  readonly undo: AccountUndo;
  readonly changes: readonly RecordChange[];
};

/** `armed` is written by the account's own schedule: from `proving`, by compare-and-set. */
export type MarkerState = 'proving' | 'armed' | 'injected' | 'restored';
export type Marker = { readonly undo: RecordsUndo; readonly state: MarkerState };

const states: ReadonlySet<string> = new Set<MarkerState>(['proving', 'armed', 'injected', 'restored']);
const ttlSeconds = 60;
/** Of one character string of a TXT record there may be 255. */
const partLength = 200;
/** A request may have 32,000 characters of values, and one that moves the marker on has them twice. */
export const longestMarker = 12_000;

/** One to a zone: whoever creates it keeps other drills of this kind out. */
export function markerName(zoneName: string): string {
  return `_blackstart.${zoneName}`;
}

export function markerOf(undo: RecordsUndo, state: MarkerState): RecordSet {
  const data = Buffer.from(JSON.stringify(undo)).toString('base64url');
  const parts = data.match(new RegExp(`.{1,${partLength}}`, 'g')) ?? [];
  const values = [
    `"blackstart drill=${undo.drill} state=${state} parts=${parts.length}"`,
    ...parts.map((part, index) => `"${index} ${part}"`),
  ];
  return {
    name: markerName(undo.zoneName),
    type: 'TXT',
    setIdentifier: null,
    routing: { policy: 'simple' },
    healthCheckId: null,
    target: { kind: 'values', ttlSeconds, values },
  };
}

/** `null` where there is none, or none that this version can read. */
export function markerIn(records: readonly RecordSet[], zoneName: string): Marker | null {
  const record = records.find(({ name, type }) => name === markerName(zoneName) && type === 'TXT');
  if (record === undefined || record.target.kind !== 'values') return null;
  const texts = record.target.values.map((value) => value.replaceAll('"', ''));
  const state = texts.map((text) => /^blackstart .*state=(\w+)/.exec(text)?.[1]).find((found) => found !== undefined);
  const inOrder = texts
    .flatMap((text) => {
      const [, index, part] = /^(\d+) ([\w-]+)$/.exec(text) ?? [];
      return index === undefined || part === undefined ? [] : [{ index: Number(index), part }];
    })
    .sort((a, b) => a.index - b.index);
  if (state === undefined || !states.has(state) || inOrder.length === 0) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(inOrder.map(({ part }) => part).join(''), 'base64url').toString());
    return isRecordsUndo(value) ? { undo: value, state: state as MarkerState } : null;
  } catch {
    return null;
  }
}

/** From one state of the marker to another; `null` is no marker at all. A zone that is in another state refuses it. */
export function marked(undo: RecordsUndo, from: MarkerState | null, to: MarkerState | null): readonly Change[] {
  return [
    ...(from === null ? [] : [{ action: 'DELETE', record: markerOf(undo, from) } as const]),
    ...(to === null ? [] : [{ action: 'CREATE', record: markerOf(undo, to) } as const]),
  ];
}

export function taking(changes: readonly RecordChange[]): readonly Change[] {
  return changes.flatMap(({ before, after }) => [
    { action: 'DELETE', record: before } as const,
    ...(after === null ? [] : [{ action: 'CREATE', record: after } as const]),
  ]);
}

export function puttingBack(changes: readonly RecordChange[]): readonly Change[] {
  return changes.flatMap(({ before, after }) => [
    ...(after === null ? [] : [{ action: 'DELETE', record: after } as const]),
    { action: 'CREATE', record: before } as const,
  ]);
}

/** What the account does when nobody is left: all of it, and only from the state that the injection made. */
export function mending(undo: RecordsUndo): readonly Change[] {
  return [...marked(undo, 'injected', null), ...puttingBack(undo.changes)];
}

export function scheduleOf({ zone, drill, undo }: RecordsUndo): Planned {
  return { name: scheduleName('records', zone), drill, undo };
}

export function isRecordsUndo(value: unknown): value is RecordsUndo {
  return (
    isObject(value) &&
    value['fault'] === 'records' &&
    ['drill', 'region', 'zone', 'zoneName'].every((key) => typeof value[key] === 'string') &&
    (value['role'] === null || typeof value['role'] === 'string') &&
    isObject(value['undo']) &&
    typeof value['undo']['role'] === 'string' &&
    typeof value['undo']['region'] === 'string' &&
    Array.isArray(value['changes']) &&
    value['changes'].every((change) => isObject(change) && isRecordLike(change['before']) && 'after' in change)
  );
}

function isRecordLike(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value['name'] === 'string' &&
    typeof value['type'] === 'string' &&
    isObject(value['target'])
  );
}
