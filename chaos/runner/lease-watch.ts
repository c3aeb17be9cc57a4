import { type Clock, sleep } from '../../contract/clock.ts';
import { type LeaseHome, type LeaseState, stopKey } from '../cluster.ts';

/** What watching a Lease for its whole duration showed. */
export type LeaseFate =
  | { readonly kind: 'gone' }
  | { readonly kind: 'live'; readonly lease: LeaseState }
  /** Unchanged for its whole duration: its holder is dead, or cut off. */
  | { readonly kind: 'silent'; readonly lease: LeaseState };

const looksPerDuration = 8;

/**
 * Watches a Lease until it changes or its duration has passed, by this process's own clock since it was first seen here:
 * wall clocks are never compared. A stop left on it is no sign of life.
 */
export async function watchLease(
  home: LeaseHome,
  first: LeaseState,
  clock: Clock,
  signal: AbortSignal,
): Promise<LeaseFate> {
  const untilMs = clock.nowMs() + Math.max(1_000, first.durationMs) * 1.05;
  let lease = first;
  for (;;) {
    const leftMs = untilMs - clock.nowMs();
    if (leftMs <= 0) return { kind: 'silent', lease };
    await sleep(clock, Math.min(leftMs, first.durationMs / looksPerDuration), signal);
    const found = await home.lease(first.name, signal);
    if (found === null) return { kind: 'gone' };
    if (signOfLife(found) !== signOfLife(first)) return { kind: 'live', lease: found };
    lease = found;
  }
}

/** What changes when the holder does something, or another does. A restorer's beats and a stop change nothing of it. */
export function signOfLife({ uid, holder, renewedAt, transitions }: LeaseState): string {
  return JSON.stringify([uid, holder, renewedAt, transitions]);
}

/** Asks the runner of a drill, wherever it is, to restore: leaves the reason on its Lease. `false`: there is no such Lease. */
export async function leaveStop(home: LeaseHome, name: string, because: string, signal: AbortSignal): Promise<boolean> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const found = await home.lease(name, signal);
    if (found === null) return false;
    const annotations = { ...found.annotations, [stopKey]: because };
    if ((await home.replaceLease(found, { ...found, annotations }, signal)) !== null) return true;
  }
  return false;
}
