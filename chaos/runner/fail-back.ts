import { sleep } from '../../contract/clock.ts';
import type { Verified } from '../../contract/drill.ts';
import type { Drill, DrillEvent } from '../drill.ts';
import type { Remains } from '../fault.ts';
import { progressOf } from '../progress.ts';
import { sentenceOf } from '../trouble.ts';
import { predictFrom } from './last-prediction.ts';
import { faultOf, fresh, type Run, slackMs, tickMs } from './run.ts';
import { stopReason } from './stop-reason.ts';

/**
 * Waits until users are back where they were and every endpoint is ready again. Capacity counts, not the first pod. Then
 * it is watched for as long as the failed-over state was, so that one that flaps is seen to. Ready endpoints that are
 * still missing when the time is up are left behind.
 */
export async function failBack(run: Run, drill: Extract<Drill, { phase: 'failing-back' }>): Promise<DrillEvent> {
  const { clock, interrupt } = run.deps;
  const { expect } = run.options.drill;
  const untilMs = drill.restoreCalled.upperMs + Math.max(...expect.map(({ failbackMs }) => failbackMs)) + slackMs(run);
  const { holdMs } = run.options.drill;
  let backSinceMs: number | null = null;
  let event: DrillEvent | null = null;
  while (event === null) {
    const because = stopReason(run);
    // What was read before the mending, or while the API server hung, may be from before the injection.
    const ready = run.readings.readySince(drill.restoreCalled.upperMs) ?? 0;
    const isBack = ready >= run.readyBefore - run.readings.lowered();
    if (!isBack || !progressOf(run.recorder.facts()).failedBack) backSinceMs = null;
    else backSinceMs ??= clock.nowMs();
    if (backSinceMs !== null && clock.nowMs() - backSinceMs >= holdMs) event = { type: 'failed-back' };
    else if (clock.nowMs() >= untilMs) event = { type: 'failed-back' };
    else if (because !== null && isBack) event = { type: 'stop', because };
    // Interrupted or not, it is not over before the pods are back: the exit code has to say so truly.
    else await sleep(clock, tickMs(run), because === null ? interrupt : undefined).catch(() => undefined);
  }
  await verify(run, drill.restoreCalled.upperMs);
  // Now it is known what the resolvers had of the region that stood in when it was called back.
  const { t0 } = run.recorder.facts();
  if (t0 !== null) predictFrom(run, t0, drill.restoreCalled);
  return event;
}

/** An API server that is away for a moment says nothing of what is left. */
const verifyWithinMs = 60_000;

/** What is not as it was, read afresh. */
async function verify(run: Run, sinceMs: number): Promise<void> {
  const { clock } = run.deps;
  const untilMs = clock.nowMs() + verifyWithinMs;
  for (;;) {
    const { left, verified, isKnown } = await whatIsLeft(run, sinceMs);
    if (isKnown || clock.nowMs() >= untilMs) {
      run.recorder.verified(verified);
      return run.recorder.left(left);
    }
    await sleep(clock, tickMs(run));
  }
}

type Left = Pick<Remains, 'left' | 'verified'> & { readonly isKnown: boolean };

async function whatIsLeft(run: Run, sinceMs: number): Promise<Left> {
  const { undo, stake, region } = run.prepared;
  try {
    const { left, verified, lowered } = await faultOf(run).remains(undo, fresh());
    if (stake === null) return { left, verified, isKnown: true };
    const { context } = stake.plan;
    const wanted = run.readyBefore - lowered;
    const ready = run.readings.readySince(sinceMs);
    const seen = endpointsSeen(context, wanted, ready);
    if (ready === null) {
      const unread = `the ready endpoints in ${context} could not be read since, were ${run.readyBefore}`;
      return { left: [...left, unread], verified: [...verified, seen], isKnown: false };
    }
    const missing =
      ready < wanted
        ? [`${ready} endpoints are ready in ${context}, were ${run.readyBefore}: the pods are not back yet`]
        : [];
    return { left: [...left, ...missing], verified: [...verified, seen], isKnown: true };
  } catch (error) {
    const because = `what is left in ${stake?.plan.context ?? region} could not be read: ${sentenceOf(error)}`;
    return { left: [because], verified: [], isKnown: false };
  }
}

function endpointsSeen(context: string, wanted: number, ready: number | null): Verified {
  const common = { part: 'ready endpoints', name: `in ${context}`, wanted: `${wanted}` } as const;
  if (ready === null) return { ...common, found: 'not read', state: 'unknown' };
  return { ...common, found: `${ready}`, state: ready < wanted ? 'left' : 'as-it-was' };
}
