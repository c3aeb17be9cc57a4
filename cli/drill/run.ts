import { existsSync } from 'node:fs';
import { readPlan } from '../../chaos/plan.ts';
import { loadHead, loadRows } from '../../chaos/report.ts';
import type { Outcome } from '../../chaos/run.ts';
import { trendOf } from '../../chaos/trend/trend.ts';
import { waterfall } from '../../chaos/waterfall.ts';
import type { DrillReport } from '../../contract/drill.ts';
import { exitCodes, worstExit } from '../exit.ts';
import type { Io } from '../io.ts';
import { optionReader } from '../options.ts';
import { painter, table } from '../table.ts';
import { runOnce } from './once.ts';
import { chosenDrill, type DrillFlags, given } from './options.ts';
import { traceable } from './trace.ts';
import { shownTrend } from './trend.ts';

/** Runs a drill by its name, or the one that a file of `drill plan --out` describes. */
export async function runCommand(what: string | undefined, flags: DrillFlags, io: Io): Promise<number> {
  const { scenario, urls, token } = await given(flags, { fleet: true });
  const reader = optionReader();
  const times = flags.times === undefined ? 1 : reader.whole('--times', flags.times, { from: 1, to: mostTimes });
  reader.check();
  traceable(io);
  const isFile = what !== undefined && !scenario.drills.some(({ name }) => name === what) && existsSync(what);
  const saved = isFile ? await readPlan(what) : null;
  const drill = chosenDrill(scenario, saved?.drill ?? what);
  const once = () => runOnce({ scenario, drill, saved, urls, token }, flags, io);
  if (flags.times !== undefined) return repeated({ name: drill.name, times, once }, flags, io);
  const outcome = await once();
  tell(outcome, flags, io);
  return outcome.exit;
}

const mostTimes = 100;

type Repeat = { readonly name: string; readonly times: number; readonly once: () => Promise<Outcome> };

/** One after the other, and no more after one that is not restored, was refused, or was interrupted. */
export async function repeated({ name, times, once }: Repeat, flags: DrillFlags, io: Io): Promise<number> {
  const outcomes: Outcome[] = [];
  while (outcomes.length < times) {
    const outcome = await once();
    outcomes.push(outcome);
    if (flags.json !== true) tell(outcome, flags, io);
    if (!mayGoOn(outcome)) break;
  }
  const trend = trendOf(
    name,
    outcomes.map(({ report }) => report),
  );
  const drills = outcomes.map(({ report, exit, evidence, refusals }) => ({ ...report, exit, evidence, refusals }));
  if (flags.json === true) io.stdout.write(`${JSON.stringify({ asked: times, drills, trend }, null, 2)}\n`);
  else {
    if (drills.length < times) io.stdout.write(`ended after ${drills.length} of ${times} drills\n`);
    io.stdout.write(`${shownTrend(trend)}\n`);
  }
  return worstExit(outcomes.map(({ exit }) => exit));
}

function mayGoOn({ report, exit }: Outcome): boolean {
  return (
    report.restored &&
    (exit === exitCodes.pass || exit === exitCodes.fail || (exit === exitCodes.inconclusive && report.t0 !== null))
  );
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
