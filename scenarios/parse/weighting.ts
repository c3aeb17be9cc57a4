/** How much each region counts for in a quantile over several, from what the scenario says of its regions and checks. */
import type { Objective, Weighting } from '../../contract/objective.ts';
import type { CheckPlan, RegionPlan } from '../scenario.ts';
import type { At } from './reader.ts';

type Found = {
  readonly regions: Readonly<Record<string, RegionPlan>>;
  readonly checks: readonly CheckPlan[];
  readonly objectives: readonly Objective[];
};

/** The objectives with the weights of their regions; `at` is where the scenario's objectives are. */
export function withWeights({ regions, checks, objectives }: Found, at: At): readonly Objective[] {
  return objectives.map((objective, index) => {
    const { weighting } = objective;
    if (weighting === undefined) return objective;
    const asked = regionsAsked(checks, objective.check) ?? Object.keys(regions);
    const weights = Object.fromEntries(
      asked
        .map((region) => [region, weighting.by === 'equal' ? 1 : (regions[region]?.share ?? 0)] as const)
        .filter(([, weight]) => weight > 0),
    );
    if (Object.keys(weights).length >= 2) return { ...objective, weighting: { ...weighting, weights } };
    const got = `${weighting.by} over ${asked.length === 0 ? 'no region' : asked.join(', ')}`;
    const want = 'two regions or more that its check asks, with shares of the traffic where it is by traffic';
    at.in(index).in('weighting').note(got, want);
    return objective;
  });
}

/** `null`: wherever a name leads to. */
function regionsAsked(checks: readonly CheckPlan[], name: string): readonly string[] | null {
  const plan = checks.find((check) => check.name === name);
  return plan !== undefined && 'endpoint' in plan && plan.endpoint.to === 'regions' ? plan.endpoint.only : null;
}

/** As an objective says it, its weights still open. */
export function weightingOf(by: 'pooled' | Weighting['by'] | null): Pick<Objective, 'weighting'> {
  return by === null || by === 'pooled' ? {} : { weighting: { by, weights: {} } };
}
