import { exactly } from '../../contract/bounds.ts';
import { sleep } from '../../contract/clock.ts';
import { within } from '../../contract/deadline.ts';
import type { Drill, DrillEvent } from '../drill.ts';
import { progressOf } from '../progress.ts';
import { sentenceOf } from '../trouble.ts';
import { baseline } from './baseline.ts';
import { failBack } from './fail-back.ts';
import { predictFrom } from './last-prediction.ts';
import { restoreAll } from './restore.ts';
import { faultOf, type Run, restAfterMs, slackMs, tickMs } from './run.ts';
import { stopReason } from './stop-reason.ts';

/** An injection is a few calls; one that takes longer is cut short, awaited, and mended. */
const injectLimitMs = 60_000;

type Performed = Exclude<Drill['phase'], 'over'>;
type Performers = { readonly [P in Performed]: (run: Run, drill: Extract<Drill, { phase: P }>) => Promise<DrillEvent> };

/** What a runner does in each phase, and what came of it. */
const performers: Performers = {
  baseline,
  injecting: inject,
  'failing-over': failOver,
  holding: hold,
  restoring: restoreAll,
  'failing-back': failBack,
};

/** Drives the drill by its rules to its end. */
export async function drive(run: Run): Promise<Extract<Drill, { phase: 'over' }>> {
  for (;;) {
    const drill = run.recorder.drill();
    if (drill.phase === 'over') return drill;
    await run.recorder.apply(await perform(run, drill));
  }
}

/** A bug in a phase stops the drill like everything else that goes wrong: by way of restoring. */
async function perform(run: Run, drill: Exclude<Drill, { phase: 'over' }>): Promise<DrillEvent> {
  try {
    const act = performers[drill.phase] as (run: Run, drill: Drill) => Promise<DrillEvent>;
    return await act(run, drill);
  } catch (error) {
    run.deps.log.error({ err: error, phase: drill.phase }, 'a phase of the drill failed');
    const because = `${drill.phase} failed: ${sentenceOf(error)}`;
    if (drill.phase === 'injecting') {
      return { type: 'injection-failed', t0: exactly(run.deps.clock.nowMs()), because };
    }
    return drill.phase === 'restoring' ? { type: 'restore-failed', because } : { type: 'stop', because };
  }
}

async function inject(run: Run): Promise<DrillEvent> {
  const { clock, interrupt } = run.deps;
  const sentMs = clock.nowMs();
  try {
    await run.journal.append({ type: 'inject-called', sentMs });
    const { undo } = run.prepared;
    // Whatever cuts it short, its end is awaited: a late injection must not land after the mending.
    const t0 = await within(clock, injectLimitMs, interrupt, (signal) => faultOf(run).inject(undo, signal));
    return { type: 'injected', t0 };
  } catch (error) {
    const t0 = { lowerMs: sentMs, upperMs: clock.nowMs() };
    const because = interrupt.aborted ? 'interrupted' : `the injection failed: ${sentenceOf(error)}`;
    return { type: 'injection-failed', t0, because };
  }
}

async function failOver(run: Run, drill: Extract<Drill, { phase: 'failing-over' }>): Promise<DrillEvent> {
  const { expect } = run.options.drill;
  const untilMs = drill.t0.upperMs + Math.max(...expect.map(({ withinMs }) => withinMs)) + slackMs(run);
  const mayBeTaken = expect.some(({ servedBy }) => servedBy.length > 0);
  const staysDark = expect.some(({ servedBy }) => servedBy.length === 0);
  return pollUntil(run, untilMs, () => {
    const seen = progressOf(run.recorder.facts());
    return (!mayBeTaken || seen.failedOver) && (!staysDark || seen.outageShown) ? { type: 'failed-over' } : null;
  });
}

async function hold(run: Run): Promise<DrillEvent> {
  // An injection takes its time, and copies age meanwhile: now it is known what was left at t0. While stages are being
  // timed nothing else is done.
  const { t0 } = run.recorder.facts();
  if (t0 !== null) predictFrom(run, t0);
  const untilMs = run.deps.clock.nowMs() + run.options.drill.holdMs;
  const event = await pollUntil(run, untilMs, () => null);
  if (event.type !== 'gave-up-waiting') return event;
  // What the regions that are left have of the writes, before the one that is away can add to it.
  await run.canaries.look();
  return { type: 'held' };
}

/** Looks again and again, until something is seen, the time is up, or there is a reason to stop. */
async function pollUntil(run: Run, untilMs: number, look: () => DrillEvent | null): Promise<DrillEvent> {
  const { clock, interrupt } = run.deps;
  for (;;) {
    const lookedMs = clock.nowMs();
    const because = stopReason(run);
    if (because !== null) return { type: 'stop', because };
    const event = look();
    if (event !== null) return event;
    const leftMs = untilMs - clock.nowMs();
    if (leftMs <= 0) return { type: 'gave-up-waiting' };
    const restMs = Math.max(tickMs(run), restAfterMs(clock.nowMs() - lookedMs));
    await sleep(clock, Math.min(restMs, leftMs), interrupt).catch(() => undefined);
  }
}
