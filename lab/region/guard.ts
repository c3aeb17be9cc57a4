import type { LabPlan } from '../../scenarios/world.ts';
import type { RegionPlants } from './plants.ts';

/** Whether a jurisdiction may serve and store users of the country. A country that no rule names may go anywhere. */
export function admits(rules: LabPlan['guard'], country: string, jurisdiction: string): boolean {
  return !Object.hasOwn(rules, country) || (rules[country]?.includes(jurisdiction) ?? true);
}

/** The service's residency guard in one region. It goes by what it believes the region to be, and may be wrong. */
export type Guard = (country: string) => boolean;

export function residencyGuard(rules: LabPlan['guard'], jurisdiction: string, plants: RegionPlants): Guard {
  const believed = plants.guardJurisdiction ?? jurisdiction;
  return (country) => {
    if (plants.guardRefuses.has(country)) return false;
    return plants.guardOff() || admits(rules, country, believed);
  };
}
