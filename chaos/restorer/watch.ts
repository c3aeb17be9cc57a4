import { type Clock, sleep } from '../../contract/clock.ts';
import { within } from '../../contract/deadline.ts';
import { type LeaseState, restorerKey } from '../cluster.ts';
import { signOfLife } from '../runner/lease-watch.ts';
import { sentenceOf } from '../trouble.ts';
import type { RestorerDeps } from './types.ts';

export type Watched =
  | { readonly kind: 'gone' }
  /** Its holder has said nothing for its whole duration; as it was read just now. */
  | { readonly kind: 'silent'; readonly lease: LeaseState };

const looksPerDuration = 8;
const looksPerBeat = 2;
/** An API server that was away gives the holder this share of the duration to renew, once it is back. */
const graceShare = 0.25;
/** What is taken for the duration before the Lease was read. */
const usualLeaseMs = 15_000;
const shortestMs = 1_000;

export function lookEveryMs(lease: LeaseState | null): number {
  return Math.max(shortestMs, lease?.durationMs ?? usualLeaseMs) / looksPerDuration;
}

/**
 * Beats on a drill's Lease and watches it, until it is gone, or its holder has been silent for its whole duration: by
 * this process's own monotonic clock since it last saw it change. A cluster that does not answer is asked for ever.
 */
export async function watchOver(
  name: string,
  holder: string,
  deps: RestorerDeps,
  onLease: (lease: LeaseState) => void,
): Promise<Watched> {
  const { cluster, clock, signal } = deps;
  const silence = silenceOf(clock);
  const beat = beating(deps);
  let known: LeaseState | null = null;
  let said = '';
  for (;;) {
    signal.throwIfAborted();
    try {
      const found: LeaseState | null = await within(clock, limitMs(known), signal, (inner) =>
        cluster.lease(name, inner),
      );
      if (found === null) return { kind: 'gone' };
      known = found;
      onLease(found);
      said = '';
      // Taken over by this process before, by a call whose answer was lost.
      if (found.holder === holder || silence.see(found)) return { kind: 'silent', lease: found };
      await within(clock, limitMs(found), signal, (inner) => beat(found, inner));
    } catch (error) {
      signal.throwIfAborted();
      silence.unanswered();
      if (sentenceOf(error) !== said) deps.message(`the cluster is asked again: ${sentenceOf(error)}`);
      said = sentenceOf(error);
    }
    await sleep(clock, lookEveryMs(known), signal);
  }
}

/** Enough for a call, and not so much that silence would be seen much later than it is due. */
function limitMs(lease: LeaseState | null): number {
  return Math.min(10_000, Math.max(shortestMs, 2 * lookEveryMs(lease)));
}

function silenceOf(clock: Clock) {
  let sign: string | null = null;
  let changedMs = 0;
  let answeringSinceMs: number | null = null;
  return {
    /** Whether the holder has been silent for the whole duration. */
    see(lease: LeaseState): boolean {
      const nowMs = clock.nowMs();
      answeringSinceMs ??= nowMs;
      if (signOfLife(lease) !== sign) {
        sign = signOfLife(lease);
        changedMs = nowMs;
        return false;
      }
      const durationMs = Math.max(shortestMs, lease.durationMs);
      return nowMs - changedMs >= durationMs && nowMs - answeringSinceMs >= graceShare * durationMs;
    },
    unanswered(): void {
      answeringSinceMs = null;
    },
  };
}

/** Beats at every second look. A beat that meets another version is made up for at the next look. */
function beating({ cluster, instance }: RestorerDeps): (lease: LeaseState, signal: AbortSignal) => Promise<void> {
  let beat = 0;
  let looks = 0;
  let isDue = true;
  return async (lease, signal) => {
    looks += 1;
    isDue ||= looks % looksPerBeat === 1;
    if (!isDue) return;
    const text = JSON.stringify({ instance, beat: beat + 1 });
    if ((await cluster.annotateLease(lease, { [restorerKey]: text }, signal)) === null) return;
    beat += 1;
    isDue = false;
  };
}
