import type { FailureMode } from '../../contract/failure-mode.ts';
import type { FaultPlan, RegionPlan } from '../../scenarios/scenario.ts';

/** What each kind of fault leaves at the endpoint, where the scenario does not say what the door does. */
const modes: { readonly [K in FaultPlan['kind']]: FailureMode } = {
  // The load balancer stays up: it answers for the pods that are gone.
  'scale-to-zero': 'status-503',
};

/** How health checks will fail at the region's endpoint once the fault is in. */
export function failureModeOf(fault: FaultPlan, region: Pick<RegionPlan, 'whenDark'> | undefined): FailureMode {
  return region?.whenDark ?? modes[fault.kind];
}
