import type { DrillFacts } from '../facts.ts';
import { reportOf } from '../judge.ts';
import { reportHtml } from '../report.ts';
import { sentenceOf } from '../trouble.ts';
import { writeEvidence } from './conclusion.ts';
import { openRecord } from './open-record.ts';
import type { Prepared } from './prepare.ts';
import type { RecorderStart } from './recorder.ts';
import type { DrillOptions, Outcome, RunnerDeps } from './types.ts';

export type Refused = {
  readonly because: string;
  readonly refusals: Outcome['refusals'];
  readonly exit: 3 | 4;
};

/** What a drill that never began says of itself, with the facts that it was refused by. The aggregator is not told. */
export async function refusedOutcome(
  options: DrillOptions,
  prepared: Prepared,
  given: { readonly start: RecorderStart; readonly refused: Refused },
  deps: RunnerDeps,
): Promise<Outcome> {
  const { start, refused } = given;
  const { because, refusals, exit } = refused;
  deps.progress({ kind: 'message', text: because });
  const nowMs = deps.clock.nowMs();
  const nothing = { t0: null, restoreCalled: null, results: [], endpoints: [], checkers: [], left: [] };
  const end = { startedMs: nowMs, endedMs: nowMs, phase: 'over', restored: true, stopped: because } as const;
  const facts: DrillFacts = { ...start, ...nothing, ...end };
  const report = reportOf(facts);
  const html = reportHtml(report, facts);
  const { scenario, version } = options;
  try {
    const { evidence, journal } = await openRecord(options, prepared, start, deps);
    await writeEvidence({ facts, report, html, exit, scenario, version }, evidence, journal);
    return { report, exit, refusals, evidence: evidence.dir, html };
  } catch (error) {
    deps.progress({ kind: 'message', text: `no evidence of the refusal is kept: ${sentenceOf(error)}` });
    return { report, exit, refusals, evidence: null, html: null };
  }
}
