import { type Clock, sleep } from '../../../contract/clock.ts';

/** A little more than a second: requests sent evenly do not arrive so. */
const windowMs = 1_050;

/** Waits for a turn: at most `perSecond` turns begin within any second, first come first served. */
export function pace(perSecond: number, clock: Clock): (signal: AbortSignal) => Promise<void> {
  const begun: number[] = [];
  return async (signal) => {
    const earliest = begun.length < perSecond ? undefined : begun[begun.length - perSecond];
    const atMs = Math.max(clock.nowMs(), (earliest ?? Number.NEGATIVE_INFINITY) + windowMs);
    begun.push(atMs);
    if (begun.length > perSecond) begun.splice(0, begun.length - perSecond);
    const waitMs = atMs - clock.nowMs();
    if (waitMs > 0) await sleep(clock, waitMs, signal);
  };
}
