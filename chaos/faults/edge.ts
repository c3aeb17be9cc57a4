/** Trouble at a region's door: answers that are late, connects that are refused, swallowed, or reset. */
import type { PlanOf } from '../../scenarios/faults.ts';
import { switchedKind } from './switched/kind.ts';

export const edgeKind = switchedKind<PlanOf<'edge'>>('edge', ({ region, how, addMs }) => [
  { region, subject: 'door', setting: how === 'latency' ? { how, addMs } : { how } },
]);
