import type { Scenario } from '../../scenarios/scenario.ts';
import type { FaultDeps } from '../fault.ts';
import type { OpenSwitchboard } from './types.ts';

/** The switchboards that a scenario names, by region. */
export function switchboardsOf({ switchboards }: Scenario, open: OpenSwitchboard): FaultDeps['switchboard'] {
  return (region) => {
    const plan = switchboards[region];
    return plan === undefined ? null : open(region, plan);
  };
}
