import type { Check, CheckKind } from '../contract/check.ts';
import type { Clock } from '../contract/clock.ts';
import type { Observation } from '../contract/result.ts';
import { type Ending, endingWithin } from './ending.ts';
import { maxReasonLength, type ProbeContext, type Prober } from './prober.ts';
import { probers } from './probers.ts';

/** What attempts have in common; each gets an end of its own. */
export type AttemptContext = Omit<ProbeContext, 'ending' | 'kept' | 'traceparent'>;

/** One attempt within its check's time. Never rejects: a bug of ours is a missing sample, not the target's failure. */
export async function attempt(
  check: Check,
  context: AttemptContext & Pick<ProbeContext, 'kept' | 'traceparent'>,
  stopping: Ending | undefined,
  timers: Pick<Clock, 'after'> = context.clock,
): Promise<Observation> {
  const startMs = context.clock.nowMs();
  const { ending, callOff } = endingWithin(timers, check.timeoutMs, stopping);
  try {
    return await probe(check, { ...context, ending });
  } catch (error) {
    return {
      outcome: 'missing',
      durationMs: context.clock.nowMs() - startMs,
      phases: {},
      failedAt: 'agent',
      reason: `the prober failed: ${error instanceof Error ? error.message : String(error)}`.slice(0, maxReasonLength),
      region: check.region,
      servedBy: null,
      details: {},
    };
  } finally {
    callOff();
  }
}

function probe<K extends CheckKind>(check: Check<K>, context: ProbeContext): Promise<Observation> {
  const prober: Prober<K> = probers[check.kind];
  return prober(check, context);
}
