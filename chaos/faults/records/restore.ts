import type { Bounds } from '../../../contract/bounds.ts';
import type { Verified } from '../../../contract/drill.ts';
import type { Remains } from '../../fault.ts';
import { Trouble } from '../../trouble.ts';
import { marked, markerIn, puttingBack, type RecordChange, type RecordsUndo } from './undo.ts';
import { current, inSync, isSame, type Read, type Step, settle, shownRecord, titleOf, type Written } from './write.ts';

/** Less than an attempt at restoring may take; the next one goes on waiting. */
const waitMs = 20_000;

/**
 * Moves the marker on to `restored`, in the batch that puts back what is still as the drill left it: an injection still
 * under way then names a state that is no more. What somebody else has changed meanwhile stays.
 */
export async function restore(written: Written, undo: RecordsUndo, signal: AbortSignal): Promise<Bounds | null> {
  let changed = false;
  const bounds = await settle(
    written,
    undo,
    (read) => {
      const { step, isChange } = stepOf(read, undo);
      changed ||= isChange;
      return step;
    },
    signal,
  );
  if (!(await inSync(written, waitMs, signal))) {
    throw new Trouble('unreachable', `the change back in zone ${undo.zoneName} has not reached all name servers yet`);
  }
  return changed ? bounds : null;
}

function stepOf({ records, marker }: Read, undo: RecordsUndo): { readonly step: Step; readonly isChange: boolean } {
  const ours = marker?.undo.drill === undo.drill ? marker.state : null;
  const comment = `drill ${undo.drill}: back as it was`;
  if (ours === 'restored') return { step: 'done', isChange: false };
  if (ours === 'proving' || ours === 'armed') {
    return { step: { batch: marked(undo, ours, 'restored'), comment }, isChange: false };
  }
  const standing = undo.changes.filter((change) => isInjected(records, change));
  if (ours === 'injected') {
    const batch = [...marked(undo, ours, 'restored'), ...puttingBack(standing)];
    return { step: { batch, comment }, isChange: standing.length > 0 };
  }
  // No marker: never armed, or mended; unless all stands as only this drill would have left it.
  const isLeft = marker === null && standing.length === undo.changes.length;
  return isLeft
    ? { step: { batch: puttingBack(standing), comment }, isChange: true }
    : { step: 'done', isChange: false };
}

function isInjected(records: readonly Parameters<typeof isSame>[0][], { before, after }: RecordChange): boolean {
  return isSame(
    current(
      records.filter((record) => record !== null),
      before,
    ),
    after,
  );
}

/** What is not as it was before the drill. */
export async function remains({ zone }: Written, undo: RecordsUndo, signal: AbortSignal): Promise<Remains> {
  const { records } = await zone.records(signal);
  const marker = markerIn(records, undo.zoneName);
  const left: string[] = [];
  const notes: string[] = [];
  const verified: Verified[] = [];
  for (const change of undo.changes) {
    const { before } = change;
    const at = current(records, before);
    const wanted = shownRecord(before);
    const look = { part: 'records', name: titleOf(before), wanted, found: shownRecord(at) } as const;
    const isOpen = marker === null || (marker.undo.drill === undo.drill && marker.state !== 'restored');
    if (isSame(at, before)) verified.push({ ...look, state: 'as-it-was' });
    else if (isOpen && isInjected(records, change)) {
      left.push(`${titleOf(before)} is ${shownRecord(at)}, was ${wanted}: not put back`);
      verified.push({ ...look, state: 'left' });
    } else if (at === null) {
      left.push(`${titleOf(before)} is gone: deleted by somebody else; it was ${wanted}`);
      verified.push({ ...look, state: 'left' });
    } else {
      notes.push(`${titleOf(before)} is ${shownRecord(at)}, was ${wanted}: changed by somebody else, and left alone`);
      verified.push({ ...look, state: 'changed' });
    }
  }
  if (marker?.undo.drill === undo.drill && marker.state !== 'restored' && left.length === 0) {
    left.push(`zone ${undo.zoneName}: the drill's marker still says ${marker.state}`);
  }
  return { left, notes, verified, lowered: 0 };
}
