/** What runners post. */
import type { BurstRequest } from '../../contract/api.ts';
import type { DrillReport } from '../../contract/drill.ts';
import { clock, httpCheck } from './harness.ts';

export const drill = {
  id: 'd-1',
  name: 'lose-us-east-1',
  scenario: 'agent-api',
  fault: 'scale-to-zero',
  region: 'us-east-1',
  status: 'running',
  phase: 'failing-over',
  verdict: { status: 'inconclusive', because: 'still running' },
  stages: { 'us-east-1': { fresh: { drain: { lowerMs: 100, upperMs: 300 } } } },
  startedMs: 1_700_000_000_000,
  endedMs: null,
} satisfies Partial<DrillReport>;

export function burst(over: Partial<BurstRequest> = {}): BurstRequest {
  return {
    id: 'b-1',
    checks: [httpCheck('client', null)],
    everyMs: 100,
    untilMs: clock.nowMs() + 60_000,
    pooled: true,
    ...over,
  };
}
