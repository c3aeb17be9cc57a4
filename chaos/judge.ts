/** From the recorded facts of a drill to its report and verdict. Pure: the same facts give the same report. */
import type { Bounds } from '../contract/bounds.ts';
import type { DrillReport, EntryTimeline } from '../contract/drill.ts';
import type { ClientClass } from '../contract/result.ts';
import { type Status, worst } from '../contract/verdict.ts';
import { canaryReport } from './canaries/judge.ts';
import type { DrillFacts } from './facts.ts';
import { entryReportOf } from './judge/entry.ts';
import { findingsIn, regionFindings } from './judge/findings.ts';
import { judgeResidency } from './judge/residency.ts';
import { verifiedIn } from './judge/verified.ts';
import { loadReportOf } from './load.ts';
import { onAggregator } from './timeline/clock.ts';
import { historiesOf } from './timeline.ts';

const emptyTimeline: EntryTimeline = { stages: {}, passages: [] };

/** Of a drill that still runs: what is known by now, `inconclusive` until it is over. */
export function reportOf(facts: DrillFacts): DrillReport {
  const histories = historiesOf(facts);
  const entries = histories.map((history) => entryReportOf(facts, history));
  const first = entries[0];
  const shifted = (moment: Bounds | null): Bounds | null => (moment === null ? null : onAggregator(facts, moment));
  const holds = facts.t0 !== null && facts.expect.some((expect) => expect.residency === 'holds');
  const offsetMs = (facts.offset.lowerMs + facts.offset.upperMs) / 2;
  const canaries = facts.phase === 'over' ? canaryReport(facts.canaries ?? [], facts) : null;
  const { id, name, scenario, fault, region, phase, restored, left, overrides, startedMs, endedMs } = facts;
  const load = facts.load === undefined ? null : loadReportOf(facts.load, facts.phases ?? [], offsetMs);
  return {
    id,
    name,
    scenario,
    fault,
    region,
    status: phase === 'over' ? 'over' : 'running',
    phase,
    verdict: verdictOf(
      facts,
      [...entries, canaries, load].flatMap((judged) => judged?.verdict ?? []),
    ),
    t0: shifted(facts.t0),
    restoreCalled: shifted(facts.restoreCalled),
    predicted: facts.prediction,
    stages: (first?.failover ?? emptyTimeline).stages,
    outage: outagesOf(first?.failover ?? emptyTimeline),
    failback: (first?.failback ?? emptyTimeline).stages,
    entries,
    restored,
    stopped: facts.stopped,
    left,
    verified: verifiedIn(facts, histories),
    replicas: replicasOf(facts),
    findings: [
      ...regionFindings(facts),
      ...histories.flatMap((history) => findingsIn(facts, history)),
      ...(canaries?.findings ?? []),
    ],
    ...(canaries === null ? {} : { canaries }),
    residency: holds ? judgeResidency(facts, null) : null,
    ...(load === null ? {} : { load }),
    overrides,
    startedMs: startedMs + offsetMs,
    endedMs: endedMs === null ? null : endedMs + offsetMs,
  };
}

type Verdict = { readonly status: Status; readonly because: string };

function verdictOf(facts: DrillFacts, entries: readonly Verdict[]): Verdict {
  const { phase, t0, restored, left, stopped, region } = facts;
  const over = phase === 'over';
  if (over && t0 !== null && !restored) {
    const what = left.length === 0 ? `${region} is not as it was` : left.join('; ');
    return { status: 'fail', because: `not restored, a person has to look: ${what}` };
  }
  if (t0 === null)
    return { status: 'inconclusive', because: stopped ?? (over ? 'nothing was injected' : `running: ${phase}`) };
  const all: readonly Verdict[] = [
    ...(stopped === null ? [] : [{ status: 'inconclusive' as const, because: `it ended before its time: ${stopped}` }]),
    ...(left.length === 0 || !over ? [] : [{ status: 'fail' as const, because: `left behind: ${left.join('; ')}` }]),
    ...(entries.length === 0 ? [{ status: 'inconclusive' as const, because: 'nothing was expected of it' }] : entries),
  ];
  const status = worst(all.map((one) => one.status));
  const because = all
    .filter((one) => one.status === status)
    .map((one) => one.because)
    .join(' · ');
  // A fail that is on record will not be taken back; anything else may change until the drill is over.
  return over || status === 'fail'
    ? { status, because }
    : { status: 'inconclusive', because: `running: ${phase}; ${because}` };
}

function outagesOf(timeline: EntryTimeline): DrillReport['outage'] {
  const outages: {
    [vantage: string]: { [C in ClientClass]?: NonNullable<EntryTimeline['passages'][number]['main']> };
  } = {};
  for (const { vantage, client, main } of timeline.passages) {
    if (main !== null) outages[vantage] = { ...outages[vantage], [client]: main };
  }
  return outages;
}

function replicasOf({ endpoints }: DrillFacts): NonNullable<DrillReport['replicas']> | null {
  const last = endpoints.at(-1);
  return last === undefined ? null : { wanted: last.replicas, ready: last.ready };
}

/** The exit code of a drill: INTERFACES, "Exit codes". */
export function exitOf(report: DrillReport): 0 | 1 | 3 | 5 {
  if (report.t0 !== null && !report.restored) return 5;
  const exits = { pass: 0, fail: 1, inconclusive: 3 } as const;
  return exits[report.verdict.status];
}
