import { sleep } from '../../contract/clock.ts';
import { within } from '../../contract/deadline.ts';
import type { Fault } from '../fault.ts';
import type { AnyUndo } from '../faults.ts';
import type { RunnerDeps } from './types.ts';

/** Says to the target again and again that the runner is there, for a fault that would end by itself. */
export type Renewal = {
  /** Why it has ended by itself, in a sentence; `null` while it holds, or cannot be asked. */
  ended(): string | null;
  stop(): void;
};

const renewalsPerLease = 1 / 0.15;

export function keepRenewed(
  fault: Fault<AnyUndo>,
  undo: AnyUndo,
  leaseMs: number,
  { clock }: Pick<RunnerDeps, 'clock'>,
): Renewal {
  const over = new AbortController();
  let because: string | null = null;
  void renew();

  async function renew(): Promise<void> {
    while (because === null && !over.signal.aborted) {
      try {
        await sleep(clock, leaseMs / renewalsPerLease, over.signal);
        because =
          (await within(clock, leaseMs / 3, over.signal, async (signal) => fault.renew?.(undo, signal))) ?? null;
      } catch {
        // No answer this time. Where none comes at all the target ends it, as it would for a runner that is dead.
      }
    }
  }

  return { ended: () => because, stop: () => over.abort(new Error('the fault is no longer renewed')) };
}
