import type { Clock } from '../../contract/clock.ts';

/** The clock of a machine that can be suspended: no timer runs meanwhile; those that fell due run when it wakes. */
export type SuspendableClock = Clock & {
  suspend(): void;
  resume(): void;
};

/** `monotonic`: whether that clock stands still meanwhile, as Linux's does, or goes on. The wall clock always goes on. */
export function suspendableClock(clock: Clock, monotonic: 'stands-still' | 'goes-on'): SuspendableClock {
  let suspendedAtMs: number | null = null;
  let sleptMs = 0;
  const due: (() => void)[] = [];

  function asleepMs(): number {
    return sleptMs + (suspendedAtMs === null ? 0 : clock.nowMs() - suspendedAtMs);
  }

  return {
    nowMs: () => clock.nowMs() - (monotonic === 'stands-still' ? asleepMs() : 0),
    wallMs: () => clock.wallMs(),
    after(delayMs, run) {
      let cancelled = false;
      const fire = (): void => {
        if (cancelled) return;
        if (suspendedAtMs === null) run();
        else due.push(fire);
      };
      const cancel = clock.after(delayMs, fire);
      return () => {
        cancelled = true;
        cancel();
      };
    },
    suspend() {
      suspendedAtMs ??= clock.nowMs();
    },
    resume() {
      sleptMs = asleepMs();
      suspendedAtMs = null;
      for (const fire of due.splice(0)) fire();
    },
  };
}
