import type { Bounds } from '../../contract/bounds.ts';
import { sleep } from '../../contract/clock.ts';
import { within } from '../../contract/deadline.ts';
import type { DrillEvent } from '../drill.ts';
import { restoreLimitMs } from '../guard/deadline.ts';
import { sentenceOf, Trouble } from '../trouble.ts';
import { faultOf, fresh, type Run } from './run.ts';

const attemptLimitMs = 30_000;
const longestPauseMs = 5_000;

/**
 * Mends, again and again until it is done or its bound is reached. Nothing aborts it: not Ctrl-C, not twice. It stops
 * only when the Lease is another's, who then mends; and looks on until that is done.
 */
export async function restoreAll(run: Run): Promise<DrillEvent> {
  const { clock } = run.deps;
  // From here on that it ends by itself is welcome.
  run.renewal?.stop();
  const sentMs = clock.nowMs();
  await run.journal.append({ type: 'restore-called', sentMs }).catch(() => undefined);
  let called: Bounds | null = null;
  let because = '';
  for (let pauseMs = 200; clock.nowMs() < sentMs + restoreLimitMs; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    try {
      if (!(await isHeld(run))) return await lookOn(run, sentMs);
      called ??= await mendOnce(run);
      return { type: 'restored', called: called ?? { lowerMs: sentMs, upperMs: clock.nowMs() } };
    } catch (error) {
      const sentence = sentenceOf(error);
      if (sentence !== because) run.recorder.message(`restoring is tried again: ${sentence}`);
      because = sentence;
    }
    await sleep(clock, pauseMs);
  }
  return { type: 'restore-failed', because: `not restored within ${restoreLimitMs / 60_000} minutes: ${because}` };
}

/** Of a namespace that is gone nothing is held, by nobody; and what was in it cannot be mended. */
async function isHeld({ lease, deps }: Run): Promise<boolean> {
  if (lease === null) return true;
  try {
    return await within(deps.clock, attemptLimitMs, undefined, lease.confirm);
  } catch (error) {
    if (error instanceof Trouble && error.kind === 'missing') return true;
    throw error;
  }
}

/** One attempt, and a look at what it left. */
async function mendOnce(run: Run): Promise<Bounds | null> {
  const { clock } = run.deps;
  const { undo } = run.prepared;
  const fault = faultOf(run);
  const bounds = await within(clock, attemptLimitMs, undefined, (signal) => fault.restore(undo, signal));
  const { left, notes } = await within(clock, attemptLimitMs, undefined, (signal) => fault.remains(undo, signal));
  for (const note of notes) run.recorder.message(note);
  run.recorder.left(left);
  return bounds;
}

/** The Lease is another's: reads, writes nothing, and says what came of it. */
async function lookOn(run: Run, sentMs: number): Promise<DrillEvent> {
  const { clock } = run.deps;
  const reason: unknown = run.lease?.lost.reason;
  run.recorder.message(`${sentenceOf(reason)}; it mends, and this runner only looks on`);
  const untilMs = clock.nowMs() + Math.max(attemptLimitMs, 5 * run.options.drill.leaseMs);
  for (;;) {
    const remains = await faultOf(run)
      .remains(run.prepared.undo, fresh())
      .catch((error: unknown) => ({ left: [sentenceOf(error)] }));
    if (remains.left.length === 0) {
      run.recorder.left([]);
      return { type: 'restored', called: { lowerMs: sentMs, upperMs: clock.nowMs() } };
    }
    if (clock.nowMs() >= untilMs) {
      return { type: 'restore-failed', because: `${sentenceOf(reason)}, and still: ${remains.left.join('; ')}` };
    }
    await sleep(clock, 500);
  }
}
