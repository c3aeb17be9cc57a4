import type { Clock } from '../../contract/clock.ts';

/** How many requests an account may make: Route 53 allows five a second over the whole API. */
export type Quota = { readonly perSecond: number; readonly burst: number };

/** Says whether one more request may be made now. A bucket of `burst` that fills with `perSecond`. */
export function throttle({ perSecond, burst }: Quota, clock: Clock): () => boolean {
  let left = burst;
  let filledAtMs = clock.nowMs();
  return () => {
    const nowMs = clock.nowMs();
    left = Math.min(burst, left + ((nowMs - filledAtMs) / 1_000) * perSecond);
    filledAtMs = nowMs;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}
