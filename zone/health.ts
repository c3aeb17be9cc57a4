/** When Route 53 takes an endpoint to be healthy. */
import type { HealthCheck } from './records.ts';

/** What one checker holds of one endpoint. */
export type CheckerState = {
  readonly healthy: boolean;
  /** Results in a row that said the opposite. */
  readonly opposite: number;
};

/** A new check counts as healthy until there are enough results to say otherwise. */
export const newChecker: CheckerState = { healthy: true, opposite: 0 };

/** More than this share of the checkers that report must say so. */
const healthyShare = 0.18;

/** Deeper nesting is refused on creation (a calculated check has no calculated children). */
const mostNesting = 4;

/** A checker's state after one more result: it flips after `failureThreshold` opposite results in a row. */
export function step(state: CheckerState, good: boolean, failureThreshold: number): CheckerState {
  if (good === state.healthy) return { healthy: state.healthy, opposite: 0 };
  const opposite = state.opposite + 1;
  return opposite >= failureThreshold ? { healthy: good, opposite: 0 } : { healthy: state.healthy, opposite };
}

/** The 18 % rule; healthy while nobody reports. */
export function endpointHealthy(said: readonly boolean[]): boolean {
  if (said.length === 0) return true;
  return said.filter(Boolean).length / said.length > healthyShare;
}

export type Known = {
  /** `undefined` for a check that does not exist. */
  check(id: string): HealthCheck | undefined;
  /** What each checker that reports says of an endpoint. */
  said(id: string): readonly boolean[];
};

/** Whether a health check counts as healthy, all its switches considered. One that does not exist fails nothing over. */
export function healthOf(id: string, known: Known, nesting = 0): boolean {
  const check = known.check(id);
  if (check === undefined || nesting > mostNesting) return true;
  const base = check.disabled || baseOf(check, known, nesting);
  return check.inverted ? !base : base;
}

function baseOf(check: HealthCheck, known: Known, nesting: number): boolean {
  switch (check.type) {
    case 'HTTP':
    case 'HTTPS':
    case 'HTTP_STR_MATCH':
    case 'HTTPS_STR_MATCH':
    case 'TCP':
      return endpointHealthy(known.said(check.id));
    case 'CALCULATED': {
      const well = check.childHealthChecks.filter((child) => healthOf(child, known, nesting + 1)).length;
      return well >= check.healthThreshold;
    }
    // Decided elsewhere: by an alarm, by a routing control.
    case 'CLOUDWATCH_METRIC':
    case 'RECOVERY_CONTROL':
      return true;
  }
}
