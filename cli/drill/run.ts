import { existsSync } from 'node:fs';
import { readPlan } from '../../chaos/plan.ts';
import { loadHead, loadRows } from '../../chaos/report.ts';
import { type Outcome, runDrill } from '../../chaos/run.ts';
import { waterfall } from '../../chaos/waterfall.ts';
import type { DrillReport } from '../../contract/drill.ts';
import type { Io } from '../io.ts';
import { loadFor } from '../load/k6.ts';
import { painter, table } from '../table.ts';
import { version } from '../version.ts';
import { chosenDrill, type DrillFlags, given, runnerDeps } from './options.ts';
import { traceable, traceDrill } from './trace.ts';

/** Runs a drill by its name, or the one that a file of `drill plan --out` describes. */
export async function runCommand(what: string | undefined, flags: DrillFlags, io: Io): Promise<number> {
  const { scenario, urls, token } = await given(flags, { fleet: true });
  traceable(io);
  const isFile = what !== undefined && !scenario.drills.some(({ name }) => name === what) && existsSync(what);
  const saved = isFile ? await readPlan(what) : null;
  const drill = chosenDrill(scenario, saved?.drill ?? what);
  const deps = await runnerDeps(flags, { scenario, urls, token }, io);
  const toldBy = (text: string): void => deps.progress({ kind: 'message', text });
  const load = await loadFor({ scenario, scenarioFile: flags.scenario ?? '', drill, tell: toldBy }, io);
  const options = { scenario, drill, evidenceDir: flags.evidence, version, saved };
  const outcome = await runDrill(options, load === undefined ? deps : { ...deps, load });
  deps.zone?.close();
  tell(outcome, flags, io);
  await traceDrill(outcome, io);
  return outcome.exit;
}

export function tell(outcome: Outcome, flags: DrillFlags, io: Io): void {
  if (flags.json === true) {
    io.stdout.write(
      `${JSON.stringify({ ...outcome.report, evidence: outcome.evidence, refusals: outcome.refusals, exit: outcome.exit }, null, 2)}\n`,
    );
    return;
  }
  if (outcome.refusals.length === 0) io.stdout.write(`${told(outcome.report, io)}\n`);
  if (outcome.evidence !== null) io.stdout.write(`evidence: ${outcome.evidence}\n`);
}

/** Most columns of a waterfall: longer lines are hard to follow. */
const maxWidth = 120;
const defaultWidth = 100;

/** A drill that is over, for people: each entry's waterfall and the verdict. */
export function told(report: DrillReport, io: Io): string {
  const paint = painter(io.colour);
  const style = { pass: 'green', fail: 'red', inconclusive: 'yellow' } as const;
  const width = Math.min(io.stdout.columns ?? defaultWidth, maxWidth);
  const drawn = report.entries.map(({ entry }) => waterfall(report, { width, colour: io.colour, entry }));
  const { load } = report;
  const notes = [
    ...(load === undefined ? [] : [table([loadHead, ...loadRows(load)])]),
    ...(report.stopped == null ? [] : [`ended before its time: ${report.stopped}`]),
    ...report.findings.map((text) => `finding: ${text}`),
    ...report.left.map((text) => `left behind: ${text}`),
  ];
  return [
    ...drawn,
    ...notes,
    `${paint(report.verdict.status, style[report.verdict.status])}: ${report.verdict.because}`,
  ].join('\n');
}
