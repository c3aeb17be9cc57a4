/** Takes a share of each workload's replicas away. */
import type { PlanOf } from '../../scenarios/faults.ts';
import { Trouble } from '../trouble.ts';
import { scaled } from './scale-to-zero/fault.ts';
import { clusterOf, scalingKind } from './scale-to-zero/kind.ts';

export const scaleToKind = scalingKind<PlanOf<'scale-to'>>('scale-to', ({ share }, target, deps) =>
  scaled(
    target,
    { fault: 'scale-to', to: (original, name) => staying(original, share, name) },
    clusterOf(target.region, deps).cluster,
    deps.clock,
  ),
);

/** Of so many replicas as many as come nearest to the share; at least one goes, and unless the share is 0 one stays. */
export function staying(original: number, share: number, name: string): number {
  if (share === 0) return 0;
  if (original < 2) {
    throw new Trouble('taken', `${name} has ${original} replica: none can go while one stays`);
  }
  return Math.min(original - 1, Math.max(1, Math.round(original * share)));
}
