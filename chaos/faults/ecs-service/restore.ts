import type { Bounds } from '../../../contract/bounds.ts';
import type { Verified } from '../../../contract/drill.ts';
import type { Remains } from '../../fault.ts';
import { isThere } from '../account/schedule.ts';
import { read, type Scaled, serviceName, tagged } from './inject.ts';
import { type CountedService, type EcsUndo, scheduleOf, tagIn } from './undo.ts';

/** Puts each count back that is still 0. One that somebody else has set stays. */
export async function restore(scaled: Scaled, undo: EcsUndo, signal: AbortSignal): Promise<Bounds | null> {
  let began: Bounds | null = null;
  const troubles: unknown[] = [];
  for (const service of undo.services.toReversed()) {
    try {
      const bounds = await putBack(scaled, undo, service, signal);
      began ??= bounds;
    } catch (error) {
      troubles.push(error);
    }
  }
  if (troubles.length > 0) throw troubles[0];
  return began;
}

async function putBack(
  scaled: Scaled,
  undo: EcsUndo,
  service: CountedService,
  signal: AbortSignal,
): Promise<Bounds | null> {
  const { services, schedules, clock } = scaled;
  const at = await read(scaled, undo, service, signal);
  if (at === null || at.arn !== service.arn) return null;
  const tag = tagIn(at.tags);
  if (tag !== null && tag.drill !== undo.drill) return null;
  // Without a tag it was never armed, or was mended; unless our schedule is still there, and somebody removed the tag.
  if (tag === null && !(at.desiredCount === 0 && (await isThere(schedules, scheduleOf(undo, service), signal))))
    return null;
  if (tag?.state === 'restored' || tag?.state === 'restored-late') return null;
  const isLate = tag?.state === 'injecting' || tag?.state === 'restoring-late';
  await tagged(scaled, undo, service, { state: isLate ? 'restoring-late' : 'restoring', signal });
  const now = await read(scaled, undo, service, signal);
  const isAway = now?.desiredCount === 0;
  const sentMs = clock.nowMs();
  // Of a call whose answer was lost nobody knows whether it has arrived: what is right is set once more.
  const isDue = isAway || (isLate && now?.desiredCount === service.original);
  if (isDue) await services.setCount({ cluster: undo.cluster, service: service.name }, service.original, signal);
  const bounds = { lowerMs: sentMs, upperMs: clock.nowMs() };
  await tagged(scaled, undo, service, { state: isLate ? 'restored-late' : 'restored', signal });
  return isAway ? bounds : null;
}

/** What is not as it was before the drill. */
export async function remains(scaled: Scaled, undo: EcsUndo, signal: AbortSignal): Promise<Remains> {
  const left: string[] = [];
  const notes: string[] = [];
  const verified: Verified[] = [];
  for (const service of undo.services) {
    const name = serviceName(undo, service);
    const at = await read(scaled, undo, service, signal);
    const look = { part: 'desired counts', name, wanted: String(service.original) } as const;
    if (at === null || at.arn !== service.arn) {
      left.push(`${name} is gone: deleted by somebody else; its desired count was ${service.original}`);
      verified.push({ ...look, found: 'it is gone', state: 'left' });
      continue;
    }
    const tag = tagIn(at.tags);
    const found = String(at.desiredCount);
    const sentence = `${name} has a desired count of ${found}, had ${service.original}`;
    if (at.desiredCount === service.original) verified.push({ ...look, found, state: 'as-it-was' });
    else if (at.desiredCount > service.original) {
      notes.push(`${sentence}: changed by somebody else, and left alone`);
      verified.push({ ...look, found, state: 'changed' });
    } else {
      const isOurs = at.desiredCount === 0 && tag?.drill === undo.drill && !tag.state.startsWith('restored');
      left.push(`${sentence}: ${isOurs ? 'not put back' : 'changed by somebody else'}`);
      verified.push({ ...look, found, state: 'left' });
    }
    if (at.deployment !== service.deployment) notes.push(`${name} was deployed anew during the drill`);
    const isOpen = tag?.drill === undo.drill && !tag.state.startsWith('restored');
    // A tag alone takes nothing from anybody; without compare-and-set a late one can be written over `restored`.
    if (isOpen && at.desiredCount >= service.original) notes.push(`${name}: its tag still says ${tag.state}`);
  }
  return { left, notes, verified, lowered: 0 };
}
