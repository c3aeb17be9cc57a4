import type { BurstRequest } from '../../contract/api.ts';
import type { Burst } from '../../contract/wire.ts';

/** A burst as one vantage gets it: only the checks that it is to make. Of a burst that is over `forMs` is 0: it ends it. */
export function burstFrame(burst: BurstRequest, vantage: string, nowMs: number): Burst {
  const { id, everyMs, untilMs, pooled } = burst;
  const checks = burst.checks.filter((check) => check.vantages === null || check.vantages.includes(vantage));
  return { type: 'burst', id, checks, everyMs, untilMs, forMs: Math.max(0, untilMs - nowMs), pooled };
}
