import { type Bounds, exactly } from '../../../contract/bounds.ts';
import type { Clock } from '../../../contract/clock.ts';
import { type WorkloadState, workloadName } from '../../cluster.ts';
import { Trouble } from '../../trouble.ts';
import { markOf, settle, writeTimes } from './marks.ts';
import { armSuspensions, suspend } from './suspend.ts';
import { changedBy, isSame, type ScaledWorkload, type Scaler, type ScaleUndo } from './undo.ts';

/** Writes `armed` on each workload, on the version that shows it as planned. Refuses one that another drill holds. */
export async function arm(scaler: Scaler, undo: ScaleUndo, clock: Clock, signal: AbortSignal): Promise<void> {
  for (const planned of undo.workloads) {
    await settle(scaler, planned, signal, (at) => {
      if (at.mark?.drill === undo.drill && at.mark.state === 'armed') return { done: undefined };
      if (at.mark !== null && at.mark.state !== 'restored') throw takenBy(at);
      requireAsPlanned(at, planned);
      return { write: (read, inner) => scaler.mark(read, markOf(undo.drill, planned, 'armed', clock), inner) };
    });
  }
  await armSuspensions(scaler, undo, signal);
}

/**
 * Suspends what would undo it, and takes each workload away, in order. Goes on only while the mark is `armed` with this
 * drill's id.
 */
export async function inject(scaler: Scaler, undo: ScaleUndo, clock: Clock, signal: AbortSignal): Promise<Bounds> {
  await suspend(scaler, undo, signal);
  let began: Bounds | undefined;
  for (const planned of undo.workloads) {
    const bounds = await takeAway(scaler, undo, planned, { clock, signal });
    began ??= bounds;
    await settle(scaler, planned, signal, (at) => {
      if (at.mark?.drill !== undo.drill || at.mark.state === 'restoring' || at.mark.state === 'restored') {
        throw takenBy(at);
      }
      if (at.mark.state === 'injected') return { done: undefined };
      return { write: (read, inner) => scaler.mark(read, markOf(undo.drill, planned, 'injected', clock), inner) };
    });
  }
  if (began === undefined) throw new Trouble('wrong-input', `${undo.region}: no workload to take away`);
  return began;
}

async function takeAway(
  scaler: Scaler,
  undo: ScaleUndo,
  planned: ScaledWorkload,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Bounds> {
  const stopwatch = writeTimes(clock);
  return settle(scaler, planned, signal, (at) => {
    if (at.mark?.drill !== undo.drill || at.mark.state !== 'armed') throw takenBy(at);
    if (at.replicas === planned.injected) return { done: stopwatch.bounds() ?? exactly(clock.nowMs()) };
    requireAsPlanned(at, planned);
    return { write: stopwatch.timed((read, inner) => scaler.scale(read, planned.injected, inner)) };
  });
}

function requireAsPlanned(at: WorkloadState, planned: ScaledWorkload): void {
  const name = workloadName(planned);
  if (!isSame(at, planned))
    throw new Trouble('taken', `${name}: was deleted and made anew since the drill was planned`);
  if (at.replicas !== planned.original) {
    throw new Trouble('taken', `${name}: has ${at.replicas} replicas, want ${planned.original}: ${changedBy(at)}`);
  }
}

function takenBy(at: WorkloadState): Trouble {
  const name = workloadName(at.workload);
  return at.mark === null
    ? new Trouble('taken', `${name}: the drill's annotation is gone: removed by somebody else`)
    : new Trouble('taken', `${name}: its annotation says ${at.mark.state} for drill ${at.mark.drill}`);
}
