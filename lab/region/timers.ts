import type { Cancel, Clock } from '../../contract/clock.ts';

/** Timers that can all be called off at once: what a door has under way. */
export type Timers = {
  /** Runs at `dueMs` of the clock and not before, or at once when that has passed. */
  at(dueMs: number, run: () => void): void;
  cancelAll(): void;
};

export function timers(clock: Clock): Timers {
  const waiting = new Set<Cancel>();
  return {
    at(dueMs, run) {
      const delayMs = dueMs - clock.nowMs();
      if (delayMs <= 0) return run();
      // The runtime cuts fractions of a millisecond off: three such cuts would make a region look nearer than it is.
      const cancel = clock.after(Math.ceil(delayMs), () => {
        waiting.delete(cancel);
        run();
      });
      waiting.add(cancel);
    },
    cancelAll() {
      for (const cancel of waiting) cancel();
      waiting.clear();
    },
  };
}
