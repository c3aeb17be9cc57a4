/** Due times at which a scenario lets drills begin: those in a freeze or out of hours are none. */
import type { Scenario } from '../../scenarios/scenario.ts';
import type { SchedulePlan } from '../../scenarios/schedule.ts';
import { notFrozen, withinHours } from '../guard/calendar.ts';
import { dueTimes } from './due.ts';

/** A schedule that hits nothing but closed hours is found out after so many. */
const mostTried = 5_000;
const farthestMs = 5 * 366 * 86_400_000;

/** The next `count` after a moment, or fewer where there are no more within years. */
export function allowedDueTimes(
  plan: SchedulePlan,
  { allow, overrides }: Pick<Scenario, 'allow' | 'overrides'>,
  afterMs: number,
  count: number,
): readonly number[] {
  const found: number[] = [];
  let tried = 0;
  for (const wallMs of dueTimes(plan, afterMs)) {
    tried += 1;
    if (tried > mostTried || wallMs > afterMs + farthestMs) break;
    const frozen = overrides['guard.freeze'] === undefined && notFrozen({ wallMs, allow }) !== undefined;
    const closed = overrides['guard.hours'] === undefined && withinHours({ wallMs, allow }) !== undefined;
    if (frozen || closed) continue;
    found.push(wallMs);
    if (found.length === count) break;
  }
  return found;
}
