/** Which objectives get rules, and what of them the rules are made from. */

import type { Objective } from '../../../contract/objective.ts';
import { promDuration } from '../../../contract/prometheus.ts';
import { slothLabels } from '../../alerts/burning.ts';
import { type BurnPair, burnPairs, canNeverFire } from '../../slo/burn.ts';
import { burnWindows, wholeWindow } from '../../slo/burns.ts';
import { budgetTarget } from '../../slo/spent.ts';

/** A window of an objective: as our metric names it, and as Sloth's records do. */
export type Window = { readonly name: string; readonly record: string };

export type Ruled = {
  readonly objective: Objective;
  readonly target: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Shortest first; the last one is the objective's own. */
  readonly windows: readonly Window[];
  readonly whole: Window;
  /** Those that can fire. */
  readonly pairs: readonly BurnPair[];
};

export type Unruled = { readonly id: string; readonly because: string };

export function ruledOf(service: string, objectives: readonly Objective[]): readonly Ruled[] {
  return objectives.flatMap((objective) => {
    const target = budgetTarget(objective);
    if (target === null) return [];
    const whole = { name: wholeWindow, record: promDuration(objective.windowMs) };
    const others = burnWindows
      .filter(({ name }) => name !== whole.record)
      .map(({ name }): Window => ({ name, record: name }));
    const pairs = burnPairs(objective.windowMs).filter((pair) => !canNeverFire(pair, target));
    const labels = slothLabels(service, objective.id);
    return [{ objective, target, labels, windows: [...others, whole], whole, pairs }];
  });
}

/** What a reader of the rules would miss, and why it is not there. */
export function unruledOf(objectives: readonly Objective[]): readonly Unruled[] {
  return objectives.flatMap((objective): readonly Unruled[] => {
    const { id, indicator, windowMs } = objective;
    const target = budgetTarget(objective);
    if (target === null) {
      const what =
        indicator.kind === 'failover' ? 'drills are too few for burn rates' : 'a quantile has no error budget';
      return [{ id, because: `no rules, ${what}` }];
    }
    const pairs = burnPairs(windowMs);
    if (pairs.length === 0) {
      return [{ id, because: `no alerts, a window of ${promDuration(windowMs)} is too short for burn rates` }];
    }
    const never = pairs.filter((pair) => canNeverFire(pair, target));
    return never.map(({ factor, longMs }) => ({
      id,
      because: `no alert at ${shown(factor)} times over ${promDuration(longMs)}, more than everything would have to fail`,
    }));
  });
}

export function shown(factor: number): string {
  return String(Number(factor.toFixed(2)));
}
