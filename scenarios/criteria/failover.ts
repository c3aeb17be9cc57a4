import type { DrillReport, EntryReport } from '../../contract/drill.ts';
import { formatMs } from '../../contract/units.ts';
import { type Row, worst } from '../../contract/verdict.ts';
import type { Facts } from '../world.ts';
import { between, drillOf, entryOf, firstGood } from './drill-facts.ts';
import { weightsAgain, weightsWithout } from './redraw.ts';
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
  tallied,
} from './row.ts';
import type { Shares } from './shares.ts';

type ActiveActive = {
  readonly drill: string;
  /** The entry name whose users are led by where they are. */
  readonly entry: string;
  /** The weighted name. */
  readonly global: string;
  readonly shares: Shares;
};

/** Users of the region move and return within the limit, and the weighted name shares out what the region leaves. */
export function activeActiveRow(facts: Facts, design: ActiveActive): Row {
  const { limitMs } = facts.profile;
  const limit = `${design.entry} and ${design.global} moved within ${formatMs(limitMs)}, and back`;
  const found = drillOf(facts, design.drill);
  const evidence = [typeof found === 'string' ? design.drill : found.id, 'draws'];
  const criterion: Criterion = { id: 'failover.active-active', limit, evidence };
  if (typeof found === 'string') return row(criterion, inconclusive(found));
  const report = entryOf(found, design.entry);
  if (report === undefined) return row(criterion, inconclusive(`the drill says nothing of ${design.entry}`));
  const redraw = { drill: found, shares: design.shares, limitMs, leftMs: leftMs(report) };
  const parts: readonly (readonly [string, Pick<Finding, 'status' | 'because'>])[] = [
    [design.entry, report.verdict],
    [design.global, weightsWithout(facts, redraw)],
    [design.global, weightsAgain(facts, redraw)],
  ];
  return row(criterion, {
    status: worst(parts.map(([, part]) => part.status)),
    because: parts
      .map(([name, { because }]) => (because.startsWith(`${name}: `) ? because : `${name}: ${because}`))
      .join('; '),
    measured: movedAfter(report),
  });
}

/** When the last vantage had seen every name server leave the region, milliseconds after t0. */
function leftMs(report: EntryReport): number | null {
  const flips = Object.values(report.failover.stages).flatMap((classes) =>
    Object.values(classes).flatMap((stages) => stages.authority?.upperMs ?? []),
  );
  return flips.length === 0 ? null : Math.max(...flips);
}

type ActivePassive = { readonly drill: string; readonly entry: string; readonly standby: string };

/** The standby takes all requests within the limit, and gives them back. */
export function activePassiveRow(facts: Facts, design: ActivePassive): Row {
  const { drill, entry, standby } = design;
  const limit = `${standby} takes 100 % within ${formatMs(facts.profile.limitMs)}, and gives it back`;
  const found = drillOf(facts, drill);
  const evidence = [typeof found === 'string' ? drill : found.id];
  const criterion: Criterion = { id: 'failover.active-passive', limit, evidence };
  if (typeof found === 'string') return row(criterion, inconclusive(found));
  const report = entryOf(found, entry);
  if (report === undefined) return row(criterion, inconclusive(`the drill says nothing of ${entry}`));
  const taken = takenBy(facts, found, report, standby);
  return row(criterion, {
    status: worst([report.verdict.status, taken.status]),
    because: `${report.verdict.because}; ${taken.because}`,
    measured: movedAfter(report),
  });
}

/** Whoever answered on the name while the region was away, from the last answer of it on. */
function takenBy(facts: Facts, drill: DrillReport, { entry }: EntryReport, standby: string): Finding {
  const answers = between(
    facts.drillResults.filter(
      (result) => result.entry === entry && result.outcome === 'good' && result.servedBy !== null,
    ),
    drill.t0?.upperMs ?? Number.POSITIVE_INFINITY,
    drill.restoreCalled?.lowerMs ?? 0,
  );
  const since = answers.findLastIndex((answer) => answer.servedBy === drill.region) + 1;
  const others = answers.slice(since).map((answer) => answer.servedBy ?? '');
  const wrong = others.filter((region) => region !== standby);
  const text = `${standby} gave ${others.length - wrong.length} of ${counted(others.length, 'answer')} meanwhile`;
  if (wrong.length > 0) return fail(`${text}, others ${listed(tallied(wrong))}`);
  return others.length === 0 ? inconclusive(text) : pass(text);
}

function movedAfter(report: EntryReport) {
  const moved = firstGood(report.failover.stages);
  return moved === undefined ? null : seconds(moved);
}
