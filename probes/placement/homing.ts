/** Which aggregator an agent is at, and when it moves. Pure: what it sees goes in, where it is comes out. */

/** A link as the agent sees it, since when. */
export type Sighting = { readonly up: boolean; readonly sinceMs: number };

export type Homing = {
  readonly at: string;
  readonly sinceMs: number;
  /** Returns since it last stayed for long: each doubles the wait before the next. */
  readonly returns: number;
};

export type HomingLimits = {
  /** For how long an aggregator may be gone before the agent moves to the next. */
  readonly leaveAfterMs: number;
  /** For how long a better one has to be there before the agent returns to it. */
  readonly returnAfterMs: number;
};

export const defaultLimits: HomingLimits = { leaveAfterMs: 5_000, returnAfterMs: 30_000 };

const mostDoublings = 5;
/** A stay of so many waits was no flapping. */
const lastingWaits = 10;

export function startingAt(at: string, nowMs: number): Homing {
  return { at, sinceMs: nowMs, returns: 0 };
}

/** Where the agent is from now on. `order`: the best first. Never to one that is not up. */
export function moved(
  homing: Homing,
  order: readonly string[],
  sightings: ReadonlyMap<string, Sighting>,
  now: { readonly nowMs: number; readonly limits: HomingLimits },
): Homing {
  const { nowMs, limits } = now;
  const rank = order.indexOf(homing.at);
  const isUp = (aggregator: string): boolean => sightings.get(aggregator)?.up === true;
  const waitMs = limits.returnAfterMs * 2 ** homing.returns;
  const better = order
    .slice(0, Math.max(0, rank))
    .find((one) => isUp(one) && nowMs - (sightings.get(one)?.sinceMs ?? nowMs) >= waitMs);
  if (better !== undefined) return { at: better, sinceMs: nowMs, returns: Math.min(mostDoublings, homing.returns + 1) };
  const current = sightings.get(homing.at);
  const goneMs = current === undefined || current.up ? 0 : nowMs - Math.max(current.sinceMs, homing.sinceMs);
  const next = order.find((one) => one !== homing.at && isUp(one));
  // One that is no longer in the list has nothing to wait for.
  if (next === undefined || (rank >= 0 && goneMs < limits.leaveAfterMs)) return homing;
  const lasted = nowMs - homing.sinceMs >= lastingWaits * limits.returnAfterMs;
  return { at: next, sinceMs: nowMs, returns: lasted ? 0 : homing.returns };
}

/**
 * The aggregators that a link is wanted to: where the agent is, those that are better, those that hold something of it
 * or have to hear that it left, and all of them while the one where it is is gone.
 */
export function wanted(
  homing: Homing,
  order: readonly string[],
  sightings: ReadonlyMap<string, Sighting>,
  owes: (aggregator: string) => boolean,
): ReadonlySet<string> {
  const chosen = new Set(order.filter(owes));
  const isUp = (aggregator: string): boolean => sightings.get(aggregator)?.up === true;
  for (const one of order) {
    chosen.add(one);
    if (one === homing.at && isUp(one)) return chosen;
  }
  return chosen;
}
