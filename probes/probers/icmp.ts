import type { Check } from '../../contract/check.ts';
import type { Observation } from '../../contract/result.ts';
import { echo } from '../icmp/echo.ts';
import type { ProbeContext } from '../prober.ts';
import { failed } from './http.ts';

/**
 * One round trip. What the agent took to start it is no part of a good one's duration, which is the name's resolution
 * and the way there and back; it is said beside it.
 */
export async function probeIcmp(check: Check<'icmp'>, context: ProbeContext): Promise<Observation> {
  const echoed = await echo(check, context);
  const { ip, failure, resolveMs, setupMs, rttMs, hopLimit, by } = echoed;
  const waitedMs = failure === null ? rttMs : setupMs + rttMs;
  const phases = {
    ...(resolveMs > 0 ? { resolve: resolveMs } : {}),
    ...(ip === null ? {} : { firstByte: waitedMs }),
  };
  const extra = { by, setupMs, ...(hopLimit === null ? {} : { hopLimit }) };
  const about = {
    durationMs: ip === null ? resolveMs : resolveMs + waitedMs,
    phases,
    region: (ip === null ? null : context.regionOf(ip)) ?? check.region,
    servedBy: null,
    details: ip === null ? {} : { address: ip, extra },
  };
  return failure === null ? { ...about, outcome: 'good' } : { ...about, ...failed(failure) };
}
