import type { Clock } from '../../contract/clock.ts';

/** Time that jumps to the next timer as soon as the event loop has nothing more urgent: it counts waits, and never waits. */
export type InstantClock = Clock & {
  /** Every wait that was asked for, in the order asked. */
  readonly waitsMs: readonly number[];
};

type Timer = { readonly dueMs: number; readonly run: () => void };

export function instantClock(startMs = 1_700_000_000_000): InstantClock {
  let nowMs = startMs;
  const waitsMs: number[] = [];
  const timers = new Set<Timer>();

  function runNext(): void {
    const [next] = [...timers].sort((a, b) => a.dueMs - b.dueMs);
    if (next === undefined) return;
    timers.delete(next);
    nowMs = Math.max(nowMs, next.dueMs);
    next.run();
  }

  return {
    nowMs: () => nowMs,
    wallMs: () => nowMs,
    waitsMs,
    after(delayMs, run) {
      waitsMs.push(delayMs);
      const timer = { dueMs: nowMs + delayMs, run };
      timers.add(timer);
      setImmediate(runNext);
      return () => timers.delete(timer);
    },
  };
}
