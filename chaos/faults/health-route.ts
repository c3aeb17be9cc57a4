/** The health check alone fails: the door answers its path with 503 while users are served. */
import type { PlanOf } from '../../scenarios/faults.ts';
import { switchedKind } from './switched/kind.ts';

export const healthRouteKind = switchedKind<PlanOf<'health-route'>>('health-route', ({ region }) => [
  { region, subject: 'health-route', setting: { status: 503 } },
]);
