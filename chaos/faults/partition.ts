/** Two regions no longer reach each other, in either direction; users and health checks still reach both. */
import type { PlanOf } from '../../scenarios/faults.ts';
import { switchedKind } from './switched/kind.ts';

export const partitionKind = switchedKind<PlanOf<'partition'>>('partition', ({ region, from }) => [
  { region, subject: `peers/${from}`, setting: { reachable: false } },
  { region: from, subject: `peers/${region}`, setting: { reachable: false } },
]);
