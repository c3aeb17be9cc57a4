import type { DrillPlan, Scenario } from '../../scenarios/scenario.ts';
import type { CloudPlan } from '../fault.ts';

/** What a drill's fault needs to know of the cloud account, out of its scenario. */
export function cloudPlanOf(scenario: Scenario, { fault, expect }: DrillPlan): CloudPlan {
  const region = scenario.regions[fault.region];
  const to = expect.flatMap(({ servedBy }) => servedBy)[0];
  const endpoint = to === undefined ? undefined : scenario.regions[to]?.endpoint;
  return {
    zone: scenario.zone,
    aws: region?.aws ?? null,
    names: [...new Set(expect.map(({ entry }) => hostOf(scenario.entry[entry] ?? '')))].filter((name) => name !== ''),
    from: hostOf(region?.endpoint ?? ''),
    to: endpoint === undefined ? null : hostOf(endpoint),
  };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replaceAll(/^\[|\]$/g, '') : '';
}
