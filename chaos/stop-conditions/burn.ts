/** How fast an objective's error budget goes while a drill runs. */
import type { ObjectiveSlice } from '../../contract/api.ts';
import type { Objective } from '../../contract/objective.ts';
import { ratioInterval } from '../../contract/statistics.ts';
import type { StopPlan } from '../../scenarios/scenario.ts';

/** So seldom may stray failures stop a drill. */
const alpha = 1e-6;

export type BurnReading = {
  readonly objective: string;
  /** How many times faster than allowed, at least; as the samples have it, it is more. */
  readonly leastBurn: number;
  readonly measuredBurn: number;
  readonly good: number;
  readonly bad: number;
  readonly limit: number;
  readonly overMs: number;
};

/** The availability objectives that may stop a drill: those it names, or those of the regions that it leaves alone. */
export function watchedObjectives(
  objectives: readonly Objective[],
  { objectives: named }: StopPlan,
  region: string,
): readonly Objective[] {
  return objectives.filter(({ id, region: of, indicator }) => {
    if (indicator.kind !== 'availability') return false;
    return named === null ? of !== null && of !== region : named.includes(id);
  });
}

/** Over the last `overMs`, and not before the injection: what went wrong earlier is not the drill's. */
export function burnOf(
  { id, indicator }: Objective,
  slices: readonly ObjectiveSlice[],
  { burn: limit, overMs }: StopPlan,
  { injectedMs, nowMs }: { readonly injectedMs: number; readonly nowMs: number },
): BurnReading {
  const fromMs = Math.max(injectedMs, nowMs - overMs);
  const last = slices.filter(({ atMs, widthMs }) => atMs + widthMs > fromMs && atMs < nowMs);
  const good = last.reduce((sum, slice) => sum + slice.good, 0);
  const bad = last.reduce((sum, slice) => sum + slice.bad, 0);
  const allowed = indicator.kind === 'availability' ? 1 - indicator.target : 1;
  const leastBad = bad === 0 ? 0 : 1 - ratioInterval(good, good + bad, alpha)[1];
  const burn = (share: number): number => (share === 0 ? 0 : share / allowed);
  const measuredBurn = burn(bad === 0 ? 0 : bad / (good + bad));
  return { objective: id, leastBurn: burn(leastBad), measuredBurn, good, bad, limit, overMs };
}
