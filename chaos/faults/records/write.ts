import { type Bounds, exactly } from '../../../contract/bounds.ts';
import { type Clock, sleep } from '../../../contract/clock.ts';
import { canonicalJson } from '../../../contract/json.ts';
import type { RecordSet } from '../../../zone/records.ts';
import type { Change } from '../../../zone/validate.ts';
import type { Schedules, ZoneWriter } from '../../account.ts';
import { Trouble } from '../../trouble.ts';
import { type Marker, markerIn, type RecordsUndo } from './undo.ts';

/** What a drill of records works with. */
export type Written = {
  readonly zone: ZoneWriter;
  readonly schedules: Schedules;
  readonly clock: Clock;
};

const lookEveryMs = 2_000;
const attempts = 5;

/** Route 53 says that changes are everywhere within a minute; an injection has no longer itself. */
export const inSyncWithinMs = 30_000;

/** Whether all name servers have what was changed; `false`: not yet, after `limitMs`. */
export async function inSync({ clock, zone }: Written, limitMs: number, signal: AbortSignal): Promise<boolean> {
  const untilMs = clock.nowMs() + limitMs;
  for (;;) {
    if (await zone.isInSync(signal)) return true;
    if (clock.nowMs() >= untilMs) return false;
    await sleep(clock, lookEveryMs, signal);
  }
}

export type Step = { readonly batch: readonly Change[]; readonly comment: string } | 'done';
export type Read = { readonly records: readonly RecordSet[]; readonly marker: Marker | null };

/**
 * Reads, decides, and changes by one batch that names the state it was decided on; reads again where the zone was in
 * another. Resolves to when the change was made, `null` where there was none to make.
 */
export async function settle(
  written: Written,
  undo: RecordsUndo,
  decide: (read: Read) => Step,
  signal: AbortSignal,
): Promise<Bounds | null> {
  const { zone, clock } = written;
  let refused: unknown;
  let firstSentMs: number | null = null;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    signal.throwIfAborted();
    const { records } = await zone.records(signal);
    const step = decide({ records, marker: markerIn(records, undo.zoneName) });
    // An earlier attempt whose answer was lost may have done it.
    if (step === 'done') return firstSentMs === null ? null : { lowerMs: firstSentMs, upperMs: clock.nowMs() };
    const sentMs = clock.nowMs();
    firstSentMs ??= sentMs;
    try {
      await zone.change(step.batch, step.comment, signal);
      return { lowerMs: firstSentMs, upperMs: clock.nowMs() };
    } catch (error) {
      if (!(error instanceof Trouble && error.kind === 'taken')) throw error;
      refused = error;
    }
  }
  throw refused;
}

export function now(clock: Clock): Bounds {
  return exactly(clock.nowMs());
}

export function current(records: readonly RecordSet[], like: RecordSet): RecordSet | null {
  const same = ({ name, type, setIdentifier }: RecordSet): boolean =>
    name === like.name && type === like.type && setIdentifier === like.setIdentifier;
  return records.find(same) ?? null;
}

/** Values in any order. */
export function isSame(a: RecordSet | null, b: RecordSet | null): boolean {
  return canonicalJson(sorted(a)) === canonicalJson(sorted(b));
}

function sorted(record: RecordSet | null): unknown {
  if (record === null || record.target.kind === 'alias') return record;
  return { ...record, target: { ...record.target, values: record.target.values.toSorted() } };
}

export function titleOf({ name, type, setIdentifier }: RecordSet): string {
  return setIdentifier === null ? `${name} ${type}` : `${name} ${type} (${setIdentifier})`;
}

export function requireAsPlanned(records: readonly RecordSet[], undo: RecordsUndo): void {
  for (const { before } of undo.changes) {
    if (isSame(current(records, before), before)) continue;
    throw new Trouble('taken', `${titleOf(before)}: was changed by somebody else since the plan`);
  }
}

/** What a record leads to: `127.1.0.1, weight 60`. */
export function shownRecord(record: RecordSet | null): string {
  if (record === null) return 'none';
  const { target, routing } = record;
  const to = target.kind === 'alias' ? `alias of ${target.name}` : target.values.join(' ');
  return routing.policy === 'weighted' ? `${to}, weight ${routing.weight}` : to;
}
