import type { FailureMode } from '../../contract/failure-mode.ts';
import type { RegionPlan } from '../../scenarios/scenario.ts';

/** What each kind of fault leaves at the endpoint. A kind that is not here takes no region away by its health checks. */
const modes: Readonly<Record<string, FailureMode>> = {
  // The load balancer stays up: it answers for the pods or tasks that are gone.
  'scale-to-zero': 'status-503',
  'ecs-service': 'status-503',
  'health-route': 'status-503',
};

/** Faults that take the targets of a region's load balancer away, and those that leave them as they were. */
const targetsUnder: Readonly<Record<string, 'gone' | 'as they were'>> = {
  'scale-to-zero': 'gone',
  'ecs-service': 'gone',
  edge: 'as they were',
};

/** `null`: nobody can tell. A health check of the targets may well be the route that fails. */
export function targetsOf(fault: { readonly kind: string }): 'gone' | 'as they were' | null {
  return targetsUnder[fault.kind] ?? null;
}

/** By what an edge does to those who come. */
const edges: Readonly<Record<string, FailureMode>> = {
  refuse: 'refused',
  reset: 'refused',
  'black-hole': 'black-hole',
};

/**
 * How health checks will fail at the region's endpoint once the fault is in; `null`: they will not, or not by this
 * alone, so nothing is predicted. What the scenario says of the region's door is more than what the kind says.
 */
export function failureModeOf(
  fault: { readonly kind: string; readonly how?: string },
  region: Pick<RegionPlan, 'whenDark'> | undefined,
): FailureMode | null {
  if (fault.how !== undefined) return edges[fault.how] ?? null;
  const mode = modes[fault.kind] ?? null;
  return mode === null || fault.kind === 'health-route' ? mode : (region?.whenDark ?? mode);
}
