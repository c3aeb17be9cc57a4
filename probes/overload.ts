/**
 * What an agent does when the machine cannot keep up: it begins only as many rounds as it can begin on time. The others
 * are missing, and evenly so. An agent that took them all would have all of them late, and no good sample at all.
 */
import { hashOf, seededRandom } from '../contract/random.ts';
import type { Turn } from './wheel.ts';

export type Admission = {
  /** How late the turns are tells how far the machine keeps up. */
  heard(turn: Turn): void;
  /** Whether this round is among those that begin. `place`: of the check, see `placeOf`. */
  admits(place: number, round: number): boolean;
  /** The share of rounds that begin now, in (0, 1]. */
  readonly share: number;
};

/** Long enough for a pause of the garbage collector to be forgotten in it. */
const windowMs = 200;
/** Turns that are so late on the average, for two windows, tell of more work than there is time. */
const lateMs = 10;
/** A thread that waits for so much of its time is late because others have the machine: to begin less would not help. */
const busyRatio = 0.8;
/** Turns that are no later than this leave room for more. */
const punctualMs = 5;
const less = 0.8;
/** Half the rounds at once where turns wait for several others. */
const muchLess = 0.5;
const hopelessMs = 100;
const more = 1.08;
const leastShare = 1 / 128;

/** `activeMs`: for how long this thread has had something to do, since it began. */
export function admission(activeMs: () => number): Admission {
  let share = 1;
  let sinceMs = Number.NaN;
  let lateSum = 0;
  let turns = 0;
  let wasLate = false;
  let activeSinceMs = activeMs();

  function judge(meanMs: number, activeRatio: number): void {
    const isBusy = activeRatio >= busyRatio;
    if (isBusy && meanMs > lateMs) {
      // Once may be a stall, which is over.
      if (wasLate) share = Math.max(leastShare, share * (meanMs > hopelessMs ? muchLess : less));
      wasLate = true;
      return;
    }
    wasLate = false;
    if (!isBusy || meanMs <= punctualMs) share = Math.min(1, share * more);
  }

  return {
    heard({ dueMs, nowMs }) {
      if (Number.isNaN(sinceMs)) sinceMs = nowMs;
      lateSum += nowMs - dueMs;
      turns += 1;
      if (nowMs - sinceMs < windowMs) return;
      const nowActiveMs = activeMs();
      judge(lateSum / turns, (nowActiveMs - activeSinceMs) / (nowMs - sinceMs));
      activeSinceMs = nowActiveMs;
      sinceMs = nowMs;
      lateSum = 0;
      turns = 0;
    },
    // Steps of the golden ratio: whatever the share, each check's turns come as evenly as they can, and no two checks
    // are always left out together.
    admits: (place, round) => share === 1 || (place + round * goldenRatio) % 1 < share,
    get share() {
      return share;
    },
  };
}

const goldenRatio = (Math.sqrt(5) - 1) / 2;

/** Where a check stands in the rotation, in [0, 1). */
export function placeOf(check: string): number {
  return seededRandom(hashOf(`${check} in turn`))();
}
