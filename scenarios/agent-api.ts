/** Three regions, geolocation and weights, GDPR: an API that has to survive the loss of any one region. */
import { drillNames, drillsFor } from './agent-api/drills.ts';
import { labPlan } from './agent-api/lab.ts';
import { plants } from './agent-api/plants.ts';
import { profiles } from './agent-api/profiles.ts';
import { rows } from './agent-api/rows.ts';
import { scenario } from './agent-api/scenario.ts';
import type { World } from './world.ts';

export const agentApi: World = {
  name: 'agent-api',
  profiles,
  lab: labPlan,
  scenario,
  sampled: ['home'],
  drills: Object.values(drillNames),
  drillsFor,
  plants,
  rows,
};
