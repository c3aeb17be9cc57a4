/** Whether the zone that a drill was predicted from is still the one that it was measured in. */
import type { Verified } from '../../contract/drill.ts';
import { canonicalJson } from '../../contract/json.ts';
import type { HealthCheck, RecordSet } from '../../zone/records.ts';
import type { ZoneReader } from '../zone-reader.ts';
import { readZone, type ZoneState } from './zone.ts';

/** Beyond these, the rest is counted. */
const mostNamed = 20;

/**
 * Reads the zone again, once, when a drill is over: what it finds changed is somebody else's doing, for what a drill
 * changes itself is back by then. Empty where nothing changed, or where the zone was not read before.
 */
export async function zoneChanges(
  before: ZoneState | null,
  reader: ZoneReader | null,
  signal: AbortSignal,
): Promise<readonly Verified[]> {
  if (before === null || reader === null) return [];
  const { state, because } = await readZone(reader, signal);
  const common = { part: 'zone records', wanted: 'as before the drill' } as const;
  if (state === null) {
    const found = `not read again: ${because ?? 'no answer'}`;
    return [{ ...common, name: `of ${before.zone.name}`, found, state: 'unknown' }];
  }
  const found = differences(before, state).map(([name, what]) => ({
    ...common,
    name,
    found: what,
    state: 'changed' as const,
  }));
  const more = found.length - mostNamed;
  if (more <= 0) return found;
  const rest = { ...common, name: `of ${before.zone.name}`, found: `${more} more changed`, state: 'changed' as const };
  return [...found.slice(0, mostNamed), rest];
}

/** The name of each record set or health check that is not as it was, and what became of it. */
function differences(before: ZoneState, after: ZoneState): readonly (readonly [name: string, found: string])[] {
  return [
    ...differing(byKey(before.zone.records, titleOf), byKey(after.zone.records, titleOf)),
    ...differing(byKey(before.healthChecks, checkTitleOf), byKey(after.healthChecks, checkTitleOf)),
  ];
}

function differing(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly (readonly [string, string])[] {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.flatMap((name) => {
    const [was, is] = [before.get(name), after.get(name)];
    if (was === is) return [];
    return [[name, was === undefined ? 'new' : is === undefined ? 'gone' : 'changed by somebody else']] as const;
  });
}

function byKey<T>(items: readonly T[], title: (item: T) => string): ReadonlyMap<string, string> {
  return new Map(items.map((item) => [title(item), canonicalJson(withoutVersion(item))]));
}

/** A health check's version grows with each write, also with one that puts things back. */
function withoutVersion<T>(item: T): T {
  return typeof item === 'object' && item !== null && 'version' in item ? { ...item, version: 0 } : item;
}

function titleOf({ name, type, setIdentifier }: RecordSet): string {
  return `${name} ${type}${setIdentifier === null ? '' : ` ${setIdentifier}`}`;
}

function checkTitleOf({ id }: HealthCheck): string {
  return `health check ${id}`;
}
