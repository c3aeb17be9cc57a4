import type { Bounds } from '../../../contract/bounds.ts';
import type { Clock } from '../../../contract/clock.ts';
import { type DrillMark, type WorkloadState, type Written, workloadName } from '../../cluster.ts';
import { Trouble } from '../../trouble.ts';
import type { ScaledWorkload, Scaler } from './undo.ts';

/** How often a compare-and-set is tried again: a rollout's status changes the version a few times a second. */
const attemptLimit = 50;

type Write = (at: WorkloadState, signal: AbortSignal) => Promise<Written>;

/** What to do with a workload as it is now; `done` ends the loop with a value. */
type Step<T> = { readonly done: T } | { readonly write: Write };

/** Reads, decides, writes by compare-and-set; on a conflict reads and decides again. `decide` judges every read. */
export async function settle<T>(
  scaler: Scaler,
  planned: ScaledWorkload,
  signal: AbortSignal,
  decide: (at: WorkloadState) => Step<T>,
): Promise<T> {
  for (let attempt = 0; attempt < attemptLimit; attempt += 1) {
    signal.throwIfAborted();
    const at = await scaler.workload(planned, signal);
    const step = decide(at);
    if ('done' in step) return step.done;
    await step.write(at, signal);
  }
  throw new Trouble('taken', `${workloadName(planned)}: changed ${attemptLimit} times while it was being written`);
}

/** The mark of this drill in a state, for a workload. */
export function markOf(
  drill: string,
  planned: ScaledWorkload,
  state: DrillMark['state'],
  clock: Pick<Clock, 'wallMs'>,
): DrillMark {
  const at = new Date(clock.wallMs()).toISOString();
  return { drill, uid: planned.uid, original: planned.original, injected: planned.injected, state, at };
}

/** When the one write that took effect was sent and answered; `null` while none has. */
export function writeTimes(clock: Clock): { bounds(): Bounds | null; timed(write: Write): Write } {
  let bounds: Bounds | null = null;
  return {
    bounds: () => bounds,
    timed: (write) => async (at, signal) => {
      const lowerMs = clock.nowMs();
      const written = await write(at, signal);
      if (written.written) bounds = { lowerMs, upperMs: clock.nowMs() };
      return written;
    },
  };
}
