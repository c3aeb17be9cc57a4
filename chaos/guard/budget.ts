/** What an objective's error budget has left, and what a drill would take from it. */
import type { ObjectiveSlice } from '../../contract/api.ts';
import type { Objective } from '../../contract/objective.ts';
import { lieOf, type Span, sliceWidthMs, widened } from '../../contract/slo/spans.ts';
import { ratioInterval } from '../../contract/statistics.ts';
import { formatMs, formatRatio } from '../../contract/units.ts';
import type { BudgetFacts, GuardFacts, Objection } from './facts.ts';

/** So seldom may a stray failure pass for a spent budget: that of tests of health. */
const alpha = 1e-6;

/**
 * As time: `allowedMs` is how long everything may fail in the window. What is spent outside drills is the least that the
 * samples allow; what drills took is as measured, slice by slice.
 */
export function budgetOf(
  objective: Objective,
  slices: readonly ObjectiveSlice[],
  drills: readonly Span[],
  forecastMs: number,
): BudgetFacts {
  const target = objective.indicator.kind === 'availability' ? objective.indicator.target : 0;
  // No slice is merged over where a drill begins or ends: a wide one that a drill cuts is older than its report.
  const apart = widened(drills, sliceWidthMs);
  let [coveredMs, good, bad, inDrillsMs] = [0, 0, 0, 0];
  for (const slice of slices) {
    const samples = slice.good + slice.bad;
    if (samples === 0) continue;
    if (lieOf(apart, { fromMs: slice.atMs, toMs: slice.atMs + slice.widthMs }) === 'covers') {
      inDrillsMs += (slice.widthMs * slice.bad) / samples;
      continue;
    }
    coveredMs += slice.widthMs;
    good += slice.good;
    bad += slice.bad;
  }
  const leastBad = bad === 0 ? 0 : 1 - ratioInterval(good, good + bad, alpha)[1];
  return {
    objective: objective.id,
    target,
    windowMs: objective.windowMs,
    allowedMs: objective.windowMs * (1 - target),
    spentMs: coveredMs * leastBad,
    charged: objective.drills === undefined || objective.drills === 'charged',
    inDrillsMs,
    forecastMs,
  };
}

/** What is left of a budget after the drill; drills that are accounted for apart take nothing from it. */
export function leftMs({ allowedMs, spentMs, charged, inDrillsMs, forecastMs }: BudgetFacts): number {
  return allowedMs - spentMs - (charged ? inDrillsMs + forecastMs : 0);
}

export function budgetLeft({ budgets }: GuardFacts): Objection | undefined {
  const over = budgets.filter((budget) => leftMs(budget) < 0);
  if (over.length === 0) return undefined;
  const charged = over.some((budget) => budget.charged);
  return {
    because: over.map(sentenceOf).join('; '),
    remedy: `wait until failures have left the window${charged ? ', make the drill shorter, let the objective account for drills apart ("drills: apart")' : ''}, or override the rule with a reason`,
  };
}

function sentenceOf(budget: BudgetFacts): string {
  const { objective, target, windowMs, allowedMs, spentMs, charged, inDrillsMs, forecastMs } = budget;
  const parts = [
    `at least ${formatMs(spentMs)} of it are spent`,
    ...(charged ? [`${formatMs(inDrillsMs)} by drills`, `this one would burn ${formatMs(forecastMs)}`] : []),
  ];
  return `objective ${objective} allows ${formatMs(allowedMs)} of failure (${formatRatio(1 - target)} of ${formatMs(windowMs)}): ${parts.join(', ')}, which leaves ${formatMs(leftMs(budget))}`;
}
