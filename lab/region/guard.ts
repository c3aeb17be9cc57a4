import type { LabPlan } from '../../scenarios/world.ts';
import type { RegionPlants } from './plants.ts';

/** Whether a jurisdiction may serve and store users of the country. A country that no rule names may go anywhere. */
export function admits(rules: LabPlan['guard'], country: string, jurisdiction: string): boolean {
  return !Object.hasOwn(rules, country) || (rules[country]?.includes(jurisdiction) ?? true);
}

/** 451: unavailable for legal reasons. Each is one violation in the residency log. */
export const refusalStatus = 451;

/**
 * The service's residency guard in one region: the status that refuses a user of the country, or `null` for one who is
 * served. It goes by what it believes the region to be, and may be wrong.
 */
export type Guard = (country: string) => number | null;

export function residencyGuard(rules: LabPlan['guard'], jurisdiction: string, plants: RegionPlants): Guard {
  const believed = plants.guardJurisdiction ?? jurisdiction;
  return (country) => {
    const planted = plants.guardRefuses.get(country);
    if (planted !== undefined) return planted;
    return plants.guardOff() || admits(rules, country, believed) ? null : refusalStatus;
  };
}
