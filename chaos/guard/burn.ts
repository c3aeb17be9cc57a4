/** What a drill is expected to take from the error budgets of the objectives that it touches. */
import type { Objective } from '../../contract/objective.ts';
import type { CheckPlan, DrillPlan, Scenario } from '../../scenarios/scenario.ts';

/** Entry name to how long its users in the region will be without service, most of the times; `null`: not predicted. */
export type Outages = Readonly<Record<string, number | null>>;

/** An objective that a drill touches, and for how long all of its samples would have to fail to cost as much. */
export type Burn = { readonly objective: Objective; readonly forecastMs: number };

export function burnsOf(scenario: Scenario, drill: DrillPlan, outages: Outages): readonly Burn[] {
  return scenario.objectives.flatMap((objective) => {
    if (objective.indicator.kind !== 'availability') return [];
    const longest = scenario.checks
      .filter((check) => check.name === objective.check)
      .map((check) => failingMs(scenario, drill, { check, objective, outages }))
      .reduce((most, ms) => Math.max(most, ms), 0);
    return longest === 0 ? [] : [{ objective, forecastMs: longest }];
  });
}

type Asked = { readonly check: CheckPlan; readonly objective: Objective; readonly outages: Outages };

function failingMs(scenario: Scenario, drill: DrillPlan, { check, objective, outages }: Asked): number {
  // Names go on being answered when a region is dark, and so do hosts that are in none.
  if (check.kind === 'dns' || check.endpoint.to === 'host') return 0;
  const { region } = drill.fault;
  const share = (scenario.regions[region]?.share ?? 100) / 100;
  if (check.endpoint.to === 'entry') {
    // The region's share of its users is without service until names have led them elsewhere.
    return outageMs(drill, check.endpoint.entry, outages) * share;
  }
  const asked = check.endpoint.only ?? Object.keys(scenario.regions);
  if (!asked.includes(region)) return 0;
  const darkMs = darkForMs(drill, outages);
  if (objective.region !== null) return objective.region === region ? darkMs : 0;
  return darkMs / asked.length;
}

/** An entry name of which the drill expects nothing may fare as the worst of the others. */
function outageMs(drill: DrillPlan, entry: string, outages: Outages): number {
  const own = drill.expect.find((expect) => expect.entry === entry);
  if (own === undefined) return Math.max(...drill.expect.map((expect) => outageMs(drill, expect.entry, outages)));
  // Nobody takes over: its users are in the dark until the region is back.
  if (own.servedBy.length === 0) return darkForMs(drill, outages);
  return outages[entry] ?? own.withinMs;
}

/** From the injection until the region is back, at most. */
function darkForMs({ expect, holdMs }: DrillPlan, outages: Outages): number {
  const overMs = Math.max(...expect.map(({ entry, withinMs }) => outages[entry] ?? withinMs));
  return overMs + holdMs + Math.max(...expect.map(({ failbackMs }) => failbackMs));
}
