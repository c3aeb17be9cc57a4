/** How much of a window's error budget is spent, by whom, and what is left: what is not measured yet counts as good. */
import type { Spending } from '../../contract/api.ts';
import type { Objective } from '../../contract/objective.ts';
import type { Span } from '../../contract/slo/spans.ts';
import { type Account, tallied } from './account.ts';
import type { Ledger } from './ledger.ts';

type Spent = Pick<Spending, 'allowedMs' | 'spent' | 'spentByDrills' | 'left'>;

/** As of `atMs`, which lies in the window; `null` of what has no budget. */
export function spentIn(objective: Objective, ledger: Ledger, window: Span, atMs: number): Spent | null {
  const target = budgetTarget(objective);
  const seen = { fromMs: window.fromMs, toMs: Math.min(window.toMs, atMs) };
  const lines = ledger.lines(seen);
  if (target === null || lines === undefined) return null;
  const windowMs = window.toMs - window.fromMs;
  const measuredMs = ledger.spanMs(seen);
  const all = of(lines.own, objective).expected + of(lines.drills, objective).expected;
  const share = (account: Account): number => {
    const { bad } = of(account, objective);
    return bad === 0 ? 0 : (bad / all) * Math.min(1, measuredMs / windowMs) * (1 / (1 - target));
  };
  const spentByDrills = share(lines.drills);
  const spent = share(lines.own) + (chargesDrills(objective) ? spentByDrills : 0);
  return { allowedMs: (1 - target) * windowMs, spent, spentByDrills, left: 1 - spent };
}

/** `null` of quantiles and of drills, which have no budget. */
export function budgetTarget({ indicator }: Objective): number | null {
  return 'targetMs' in indicator || indicator.kind === 'failover' ? null : indicator.target;
}

/** Whether the budget is charged with what drills break. */
export function chargesDrills({ drills }: Objective): boolean {
  return drills === undefined || drills === 'charged';
}

function of(account: Account, { missing = 'exclude' }: Objective) {
  const { good, unsure, n } = tallied(account, missing);
  return { bad: n - good - unsure, expected: good + account.bad + unsure + account.missing };
}
