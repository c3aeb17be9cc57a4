/** Waits with a bound, on the machine's clock: whole programs run here. */
import { sleep, systemClock } from '../../contract/clock.ts';

export const clock = systemClock();

export function pause(pauseMs: number): Promise<void> {
  return sleep(clock, pauseMs);
}

/** Rejects with what was waited for once the time is up. */
export async function bounded<T>(limitMs: number, what: string, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const cancel = clock.after(limitMs, () => late.reject(new Error(`waited ${limitMs / 1_000} s for ${what}`)));
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    cancel();
  }
}

const lookEveryMs = 100;

/** Looks until there is something to see. `undefined` is nothing yet. */
export async function until<T>(
  limitMs: number,
  what: string,
  look: () => Promise<T | undefined>,
  everyMs = lookEveryMs,
): Promise<T> {
  const untilMs = clock.nowMs() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (clock.nowMs() > untilMs) throw new Error(`waited ${limitMs / 1_000} s for ${what}`);
    await pause(everyMs);
  }
}
