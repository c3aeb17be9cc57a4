import { sleep } from '../../contract/clock.ts';
import type { DrillReport } from '../../contract/drill.ts';
import type { Drill } from '../drill.ts';
import { reportOf } from '../judge.ts';
import { reportHtml, reportMarkdown } from '../report.ts';
import { sentenceOf } from '../trouble.ts';
import { faultOf, fresh, type Run } from './run.ts';
import type { Outcome } from './types.ts';

/** The last results are on their way from the agents. */
const settleMs = 500;

/** Takes the undo record out of the cluster, the Lease last of all. Where it is not restored, both stay for `recover`. */
export async function sweep(run: Run, drill: Extract<Drill, { phase: 'over' }>): Promise<void> {
  if (drill.ending.kind === 'untouched' || run.lease === null) return;
  if (drill.ending.kind === 'not-restored' || run.lease.lost.aborted) {
    run.lease.abandon();
    return;
  }
  const { undo } = run.prepared;
  try {
    await faultOf(run).disarm(undo, fresh());
    if (!(await run.lease.release(fresh()))) throw new Error(`Lease ${run.lease.name} is another's now`);
    await run.journal.append({ type: 'swept' });
  } catch (error) {
    run.lease.abandon();
    const facts = run.recorder.facts();
    run.recorder.left([...facts.left, `annotation or Lease in ${undo.context}: ${sentenceOf(error)}`]);
  }
}

/** Waits for the last results, judges, and keeps the evidence. A drill is judged also where its evidence cannot be kept. */
export async function conclude(run: Run): Promise<Outcome> {
  await sleep(run.deps.clock, settleMs);
  run.readings.stop();
  await run.stream.close(fresh()).catch((error: unknown) => {
    run.recorder.message(`the last results are missing: ${sentenceOf(error)}`);
  });
  run.recorder.end();
  const report = reportOf(run.recorder.facts());
  const exit = exitOf(run, report);
  const html = reportHtml(report, run.recorder.facts());
  try {
    await keepEvidence(run, { report, html, exit });
  } catch (error) {
    run.deps.progress({ kind: 'message', text: `the evidence is incomplete: ${sentenceOf(error)}` });
  }
  return { report, exit, refusals: [], evidence: run.evidence.dir, html };
}

type Conclusion = Pick<Outcome, 'report' | 'exit'> & { readonly html: string };

async function keepEvidence(run: Run, { report, html, exit }: Conclusion): Promise<void> {
  const { recorder, evidence, journal, options } = run;
  const { results: _results, endpoints: _endpoints, checkers: _checkers, ...concluded } = recorder.facts();
  await recorder.flush();
  await journal.append({ type: 'concluded', exit, facts: concluded });
  await journal.close();
  await evidence.write('prediction.json', concluded.prediction);
  await evidence.write('timeline.json', {
    t0: report.t0,
    restoreCalled: report.restoreCalled,
    entries: report.entries,
  });
  await evidence.write('verdict.json', { exit, report });
  await evidence.write('report.html', html);
  await evidence.write('report.md', reportMarkdown(report));
  const { id: drill, offset } = concluded;
  await evidence.seal({ drill, version: options.version, configuration: options.scenario, offset });
}

function exitOf(run: Run, report: DrillReport): Outcome['exit'] {
  const drill = run.recorder.drill();
  if (!report.restored) return 5;
  if (run.deps.interrupt.aborted) return 130;
  if (drill.phase === 'over' && drill.ending.kind === 'untouched') return run.untouchedExit;
  const exits = { pass: 0, fail: 1, inconclusive: 3 } as const;
  return exits[report.verdict.status];
}
