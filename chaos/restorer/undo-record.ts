import { type LeaseState, undoKey } from '../cluster.ts';
import { isScaleUndo, type ScaleUndo } from '../faults/scale-to-zero.ts';

/** The record of a drill's Lease; `null` where there is none that this version can read. */
export function undoIn(lease: LeaseState | null): ScaleUndo | null {
  const text = lease?.annotations[undoKey];
  if (text === undefined) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isScaleUndo(value) ? value : null;
  } catch {
    return null;
  }
}
