import type { Bounds } from '../../../contract/bounds.ts';
import { Trouble } from '../../trouble.ts';
import { makeSchedule, moveSchedule, prove, untilNothingArrivesMs } from '../account/schedule.ts';
import { type Marker, marked, markerIn, mending, type RecordsUndo, scheduleOf, taking } from './undo.ts';
import { inSync, inSyncWithinMs, now, requireAsPlanned, settle, type Written } from './write.ts';

/**
 * Makes the schedule that mends, puts the marker into the zone, and has the account itself move it on to `armed`: then
 * it has been seen that it can change records there, and how.
 */
export async function arm(written: Written, undo: RecordsUndo, signal: AbortSignal): Promise<void> {
  const { zone, schedules, clock } = written;
  const planned = scheduleOf(undo);
  const { records } = await zone.records(signal);
  const found = markerIn(records, undo.zoneName);
  if (found !== null && found.undo.drill !== undo.drill) throw takenBy(found);
  requireAsPlanned(records, undo);
  await makeSchedule(schedules, planned, actionOf(undo), clock, signal);
  await settle(
    written,
    undo,
    ({ marker }) => {
      if (marker === null) return { batch: marked(undo, null, 'proving'), comment: `drill ${undo.drill}: proving` };
      if (marker.undo.drill !== undo.drill) throw takenBy(marker);
      return 'done';
    },
    signal,
  );
  await inSync(written, inSyncWithinMs, signal);
  const isDone = async (inner: AbortSignal): Promise<boolean> =>
    markerIn((await zone.records(inner)).records, undo.zoneName)?.state === 'armed';
  if (await isDone(signal)) return;
  const action = { kind: 'change-records', zone: undo.zone, changes: marked(undo, 'proving', 'armed') } as const;
  await prove(schedules, planned, { action, isDone }, clock, signal);
  await moveOn(written, undo, untilNothingArrivesMs, signal);
}

/** Goes on only while the marker is `armed` with this drill's id. What was changed is everywhere when it resolves, if that does not take long. */
export async function inject(written: Written, undo: RecordsUndo, signal: AbortSignal): Promise<Bounds> {
  const { clock } = written;
  const { records } = await written.zone.records(signal);
  requireOurs(markerIn(records, undo.zoneName), undo);
  await moveOn(written, undo, untilNothingArrivesMs, signal);
  const bounds = await settle(
    written,
    undo,
    (read) => {
      requireOurs(read.marker, undo);
      if (read.marker?.state === 'injected') return 'done';
      requireAsPlanned(read.records, undo);
      const batch = [...marked(undo, 'armed', 'injected'), ...taking(undo.changes)];
      return { batch, comment: `drill ${undo.drill}: away from ${undo.region}` };
    },
    signal,
  );
  await inSync(written, inSyncWithinMs, signal);
  return bounds ?? now(clock);
}

function moveOn(written: Written, undo: RecordsUndo, inMs: number, signal: AbortSignal): Promise<void> {
  const { schedules, clock } = written;
  return moveSchedule(schedules, scheduleOf(undo), { action: actionOf(undo), inMs }, clock, signal);
}

function actionOf(undo: RecordsUndo) {
  return { kind: 'change-records', zone: undo.zone, changes: mending(undo) } as const;
}

function requireOurs(marker: Marker | null, undo: RecordsUndo): void {
  const isOurs = marker?.undo.drill === undo.drill && (marker.state === 'armed' || marker.state === 'injected');
  if (isOurs) return;
  if (marker !== null) throw takenBy(marker);
  throw new Trouble(
    'taken',
    `zone ${undo.zoneName}: the drill's marker is gone, so its schedule has mended, or somebody has`,
  );
}

function takenBy({ undo, state }: Marker): Trouble {
  return new Trouble('taken', `zone ${undo.zoneName}: its marker says ${state} for drill ${undo.drill}`);
}
