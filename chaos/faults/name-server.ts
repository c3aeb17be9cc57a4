/** One of the zone's name servers stops answering. */
import type { PlanOf } from '../../scenarios/faults.ts';
import { switchedKind } from './switched/kind.ts';

export const nameServerKind = switchedKind<PlanOf<'name-server'>>('name-server', ({ region, address }) => [
  { region, subject: `name-server/${address}`, setting: { answers: false } },
]);
