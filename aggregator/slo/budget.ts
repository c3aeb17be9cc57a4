/** The error budget of a window: what it allows, who spent it, and how long the rest lasts. */
import type { Objective } from '../../contract/objective.ts';
import { type Account, tallied } from './account.ts';
import type { Rate } from './burn.ts';
import type { Lines } from './lines.ts';

export type BudgetState = {
  /** Everything may fail for so long. */
  readonly allowedMs: number;
  /** Of the whole budget, 1 being all of it. What the window has yet to measure is taken for good. */
  readonly spent: number;
  /** What drills spent: in `spent` where they are charged, on a line of its own otherwise. */
  readonly spentByDrills: number;
  /** May be below 0. */
  readonly left: number;
};

export function budgetState(
  objective: Objective,
  target: number,
  { own, drills }: Lines,
  { windowMs, measuredMs }: { readonly windowMs: number; readonly measuredMs: number },
): BudgetState {
  const all = of(own, objective).expected + of(drills, objective).expected;
  const share = (account: Account): number => {
    const { bad } = of(account, objective);
    return bad === 0 ? 0 : (bad / all) * Math.min(1, measuredMs / windowMs) * (1 / (1 - target));
  };
  const spentByDrills = share(drills);
  const charged = objective.drills === undefined || objective.drills === 'charged';
  const spent = share(own) + (charged ? spentByDrills : 0);
  return { allowedMs: (1 - target) * windowMs, spent, spentByDrills, left: 1 - spent };
}

function of(account: Account, { missing = 'exclude' }: Objective) {
  const { good, unsure, n } = tallied(account, missing);
  return { bad: n - good - unsure, expected: good + account.bad + unsure + account.missing };
}

/**
 * When the rest is gone, if it goes on to burn like this: sooner and later by the interval of the rate. `null`: not at
 * that rate; 0: it is gone.
 */
export function exhaustedInMs(
  left: number,
  windowMs: number,
  { burn, interval }: Rate,
): { readonly atThisRateMs: number | null; readonly betweenMs: readonly [number, number | null] } {
  const at = (rate: number): number | null => (left <= 0 ? 0 : rate <= 0 ? null : (left * windowMs) / rate);
  return { atThisRateMs: at(burn ?? 0), betweenMs: [at(interval[1]) ?? 0, at(interval[0])] };
}
