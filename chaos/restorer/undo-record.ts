import { type LeaseState, undoKey } from '../cluster.ts';
import type { ScaleUndo } from '../faults/scale-to-zero.ts';
import { type AnyUndo, isUndo, scaleUndoIn } from '../faults.ts';

/** The record of a drill's Lease, of whatever kind; `null` where there is none that this version can read. */
export function undoOnLease(lease: LeaseState | null): AnyUndo | null {
  const text = lease?.annotations[undoKey];
  if (text === undefined) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isUndo(value) ? value : null;
  } catch {
    return null;
  }
}

/** The same, for who can mend nothing but workloads. */
export function undoIn(lease: LeaseState | null): ScaleUndo | null {
  const undo = undoOnLease(lease);
  return undo === null ? null : scaleUndoIn(undo);
}
