import { sleep } from '../../contract/clock.ts';
import type { DrillReport } from '../../contract/drill.ts';
import type { Drill } from '../drill.ts';
import { reportOf } from '../judge.ts';
import { reportHtml } from '../report.ts';
import { exitOfTrouble, sentenceOf, Trouble } from '../trouble.ts';
import type { BurstKeeper } from './bursts.ts';
import { writeEvidence } from './conclusion.ts';
import { latecomers, waitingFor } from './latecomers.ts';
import { fresh, type Run } from './run.ts';
import { sweepCluster } from './sweep.ts';
import type { Outcome } from './types.ts';
import { keptForRecover, verifiedAfterSweep } from './verified.ts';
import { zoneChanges } from './zone-changes.ts';

/** The last results are on their way from the agents. */
const settleMs = 500;
/** Of an error that nobody expected. */
const bugExit = 70;

/**
 * Takes the undo record, the restorer and the Lease out of the cluster. Where it is not restored all of them stay: the
 * restorer goes on, and `recover` finds them.
 */
export async function sweep(run: Run, drill: Extract<Drill, { phase: 'over' }>): Promise<void> {
  if (drill.ending.kind === 'untouched' || run.lease === null) return;
  const { recorder, prepared } = run;
  if (drill.ending.kind === 'not-restored') {
    run.lease.abandon();
    const more = prepared.stake === null ? '' : ', its restorer and the annotations';
    const kept = `Lease ${run.lease.name}${more} in ${prepared.home.context} ${more === '' ? 'stays' : 'stay'}, for "drill recover"`;
    recorder.left([...recorder.facts().left, kept]);
    recorder.verified(keptForRecover(run));
    return;
  }
  const left = await sweepCluster(run);
  recorder.verified(await verifiedAfterSweep(run, left));
  if (left.length > 0) recorder.left([...recorder.facts().left, ...left]);
  else await run.journal.append({ type: 'swept' }).catch(() => undefined);
}

/** Waits for the last results, judges, and keeps the evidence. A drill is judged also where its evidence cannot be kept. */
export async function conclude(run: Run, { attemptMs }: Pick<BurstKeeper, 'attemptMs'>): Promise<Outcome> {
  const { clock, interrupt } = run.deps;
  const { facts, message } = run.recorder;
  await latecomers({ clock, interrupt, facts, attemptMs, waiting: (ms) => message(waitingFor(ms)) });
  await sleep(clock, settleMs);
  run.readings.stop();
  await run.stream.close(fresh()).catch((error: unknown) => {
    run.recorder.message(`the last results are missing: ${sentenceOf(error)}`);
  });
  run.recorder.end();
  run.recorder.verified(await zoneChanges(run.prepared.zone, run.deps.zone, fresh()));
  const report = reportOf(run.recorder.facts());
  const exit = exitOf(run, report);
  const html = reportHtml(report, run.recorder.facts());
  try {
    await run.recorder.flush();
    const { scenario, version } = run.options;
    const facts = run.recorder.facts();
    await writeEvidence({ facts, report, html, exit, scenario, version }, run.evidence, run.journal);
  } catch (error) {
    run.deps.progress({ kind: 'message', text: `the evidence is incomplete: ${sentenceOf(error)}` });
  }
  return { report, exit, refusals: [], evidence: run.evidence.dir, html };
}

/** Keeps the evidence of a drill that ended before its first phase: it says why, and that nothing was touched. */
export async function concludeEarly(
  run: Pick<Run, 'options' | 'deps' | 'recorder' | 'journal' | 'evidence'>,
  error: unknown,
): Promise<void> {
  const { recorder, deps, options, evidence, journal } = run;
  await recorder.apply({ type: 'stop', because: sentenceOf(error) });
  recorder.end();
  const facts = recorder.facts();
  const report = reportOf(facts);
  const exit = deps.interrupt.aborted ? 130 : error instanceof Trouble ? exitOfTrouble(error) : bugExit;
  const { scenario, version } = options;
  try {
    await recorder.flush();
    const html = reportHtml(report, facts);
    await writeEvidence({ facts, report, html, exit, scenario, version }, evidence, journal);
  } catch (trouble) {
    deps.progress({ kind: 'message', text: `the evidence is incomplete: ${sentenceOf(trouble)}` });
  }
}

function exitOf(run: Run, report: DrillReport): Outcome['exit'] {
  const drill = run.recorder.drill();
  if (!report.restored) return 5;
  if (run.deps.interrupt.aborted) return 130;
  if (drill.phase === 'over' && drill.ending.kind === 'untouched') return run.untouchedExit;
  const exits = { pass: 0, fail: 1, inconclusive: 3 } as const;
  return exits[report.verdict.status];
}
