import type { Check, CheckKind } from '../contract/check.ts';
import { within } from '../contract/deadline.ts';
import type { Observation } from '../contract/result.ts';
import { maxReasonLength, type ProbeContext, type Prober } from './prober.ts';
import { probers } from './probers.ts';

/** What attempts have in common; each gets a signal of its own. */
export type AttemptContext = Omit<ProbeContext, 'signal' | 'kept' | 'traceparent'>;

/** One attempt within its check's time. Never rejects: a bug of ours is a missing sample, not the target's failure. */
export async function attempt(
  check: Check,
  context: AttemptContext & Pick<ProbeContext, 'kept' | 'traceparent'>,
  stopping: AbortSignal | undefined,
): Promise<Observation> {
  const startMs = context.clock.nowMs();
  try {
    return await within(context.clock, check.timeoutMs, stopping, (signal) => probe(check, { ...context, signal }));
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
  }
}

function probe<K extends CheckKind>(check: Check<K>, context: ProbeContext): Promise<Observation> {
  const prober: Prober<K> = probers[check.kind];
  return prober(check, context);
}
