import { type Clock, systemClock } from '../../contract/clock.ts';

/** The machine's clock with timers that are quicker, and that can be put forward: for real sockets and long waits. */
export type QuickClock = Clock & { forward(byMs: number): void };

export function quickClock(quicker: number): QuickClock {
  const real = systemClock();
  let aheadMs = 0;
  return {
    nowMs: () => real.nowMs() + aheadMs,
    wallMs: () => real.wallMs() + aheadMs,
    after: (delayMs, run) => real.after(delayMs / quicker, run),
    forward(byMs) {
      aheadMs += byMs;
    },
  };
}
