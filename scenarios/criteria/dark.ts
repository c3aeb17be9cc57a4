import type { StoredResult } from '../../contract/api.ts';
import { type Bounds, elapsed } from '../../contract/bounds.ts';
import type { DrillReport, EntryReport } from '../../contract/drill.ts';
import { formatMs } from '../../contract/units.ts';
import type { Row } from '../../contract/verdict.ts';
import type { Facts } from '../world.ts';
import { between, drillOf, entryOf } from './drill-facts.ts';
import {
  type Criterion,
  counted,
  type Finding,
  fail,
  inconclusive,
  listed,
  pass,
  row,
  seconds,
  span,
  tallied,
} from './row.ts';

type EuDark = {
  readonly drill: string;
  readonly entry: string;
  /** Of the users who may go nowhere else. */
  readonly vantage: string;
  /** What the region's door answers when nobody is behind it. */
  readonly darkStatus: number;
};

const answersNeeded = 5;

/**
 * Nobody may take over: users keep being led to the region, get `darkStatus` from its door and nothing else, and have
 * service again when the region is back. What they went without is the price of the rule, and is what is measured.
 */
export function euDarkRow(facts: Facts, design: EuDark): Row {
  const limit = `${design.darkStatus} from the own region alone, ended by failback within ${formatMs(facts.profile.limitMs)}`;
  const found = drillOf(facts, design.drill);
  const evidence = [typeof found === 'string' ? design.drill : found.id];
  const criterion: Criterion = { id: 'failover.eu-dark', limit, evidence };
  if (typeof found === 'string') return row(criterion, inconclusive(found));
  const report = entryOf(found, design.entry);
  if (report === undefined) return row(criterion, inconclusive(`the drill says nothing of ${design.entry}`));
  return row(criterion, judge(facts, { ...design, report, drillReport: found }));
}

type Seen = EuDark & { readonly report: EntryReport; readonly drillReport: DrillReport };

function judge(facts: Facts, seen: Seen): Finding {
  const { vantage, entry, darkStatus, report } = seen;
  const { region } = seen.drillReport;
  const answers = whileDark(facts, seen);
  const elsewhere = answers.filter((answer) => answer.region !== null && answer.region !== region);
  if (elsewhere.length > 0) {
    return fail(`users at ${vantage} were led to ${listed(tallied(elsewhere.map((answer) => answer.region ?? '')))}`);
  }
  const statuses = answers.flatMap(({ details }) => details.status ?? []);
  const wrong = statuses.filter((status) => status !== darkStatus);
  const text = `${counted(statuses.length, 'answer')} at ${vantage} on ${entry} while ${region} was dark`;
  if (wrong.length > 0) return fail(`${text}, of them ${listed(tallied(wrong.map(String)))}, want ${darkStatus}`);
  if (statuses.length < answersNeeded) return inconclusive(`${text}, want at least ${answersNeeded}`);
  const back = report.failback.stages[vantage]?.fresh?.['first-good'];
  const price = priceOf(seen);
  if (back === undefined || price === undefined)
    return inconclusive(`${text}, all ${darkStatus}; the end of the outage was not seen`);
  const because = `${text}, all ${darkStatus} from its own address; the outage of ${span(price)} ended ${span(back)} after the restore`;
  if (back.lowerMs > report.failbackMs) return fail(`${because}; that is too late`, seconds(price));
  return back.upperMs > report.failbackMs ? inconclusive(because, seconds(price)) : pass(because, seconds(price));
}

/**
 * From when the outage had certainly begun to the call of restore. Attempts over kept connections show no address anew,
 * and `geo` asks for users elsewhere.
 */
function whileDark(facts: Facts, { vantage, entry, report, drillReport }: Seen): readonly StoredResult[] {
  const { t0, restoreCalled } = drillReport;
  const began = outageOf(report, vantage)?.began;
  if (t0 === null || restoreCalled === null || began === undefined) return [];
  const asked = facts.drillResults.filter(
    (result) =>
      result.vantage === vantage &&
      result.entry === entry &&
      result.check !== 'geo' &&
      result.client === 'fresh' &&
      result.outcome !== 'missing',
  );
  return between(asked, t0.upperMs + began.upperMs, restoreCalled.lowerMs);
}

function outageOf(report: EntryReport, vantage: string) {
  return report.failover.passages.find((passage) => passage.vantage === vantage && passage.client === 'fresh')?.main;
}

/** How long the vantage's users had no service. */
function priceOf({ report, vantage, drillReport }: Seen): Bounds | undefined {
  const { t0, restoreCalled } = drillReport;
  const began = outageOf(report, vantage)?.began;
  const back = report.failback.stages[vantage]?.fresh?.['first-good'];
  if (t0 === null || restoreCalled === null || began === undefined || back === undefined) return undefined;
  const start = { lowerMs: t0.lowerMs + began.lowerMs, upperMs: t0.upperMs + began.upperMs };
  const end = { lowerMs: restoreCalled.lowerMs + back.lowerMs, upperMs: restoreCalled.upperMs + back.upperMs };
  return elapsed(start, end);
}
