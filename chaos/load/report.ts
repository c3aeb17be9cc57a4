import { type DrillPhase, drillPhases } from '../../contract/drill.ts';
import type { LoadBucket, LoadFacts, LoadPhase, LoadPoint, LoadReport } from '../../contract/load.ts';
import { addDurations, type Durations, quantileMs } from './durations.ts';
import { loadVerdict } from './verdict.ts';

/** When a phase began, on the runner's clock. */
export type PhaseMark = { readonly phase: DrillPhase; readonly atMs: number };

/** What a report says of a load. `offsetMs`: the aggregator's clock minus the runner's. */
export function loadReportOf(facts: LoadFacts, marks: readonly PhaseMark[], offsetMs: number): LoadReport {
  const { program, script, thrown, said, exitCode, ended, summary, widthMs } = facts;
  const { status, because } = loadVerdict(facts);
  return {
    program,
    script,
    verdict: { status, because: `load: ${because}` },
    exitCode,
    ended,
    thrown,
    summary,
    said,
    phases: phasesOf(facts, marks),
    widthMs,
    points: pointsOf(facts).map((point) => ({ ...point, atMs: point.atMs + offsetMs })),
  };
}

/** A stretch belongs to the phase in which its middle is. */
function phasesOf(facts: LoadFacts, marks: readonly PhaseMark[]): readonly LoadPhase[] {
  const phaseAt = (atMs: number): DrillPhase => marks.findLast((mark) => mark.atMs <= atMs)?.phase ?? 'baseline';
  const groups = Map.groupBy(
    facts.buckets,
    ({ atMs, users }) => `${drillPhases.indexOf(phaseAt(atMs + facts.widthMs / 2))} ${users}`,
  );
  return [...groups].sort(byPhaseAndUsers).map(([key, buckets]) => {
    const phase = drillPhases[Number.parseInt(key, 10)] ?? 'baseline';
    const { requests, failed, durations } = sumOf(buckets);
    const users = buckets[0]?.users ?? '';
    return {
      phase,
      users,
      lengthMs: lengthOf(phase, facts, marks),
      requests,
      failed,
      p95Ms: quantileMs(durations, 0.95),
    };
  });
}

function byPhaseAndUsers([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1);
}

/** For how long the load ran in a phase. */
function lengthOf(phase: DrillPhase, { startedMs, endedMs }: LoadFacts, marks: readonly PhaseMark[]): number {
  const all: readonly PhaseMark[] = [{ phase: 'baseline', atMs: startedMs }, ...marks];
  return all.reduce((sum, mark, index) => {
    const fromMs = Math.max(startedMs, mark.atMs);
    const toMs = Math.min(endedMs, all[index + 1]?.atMs ?? endedMs);
    return mark.phase === phase && toMs > fromMs ? sum + toMs - fromMs : sum;
  }, 0);
}

function pointsOf({ buckets }: LoadFacts): readonly LoadPoint[] {
  return [...Map.groupBy(buckets, ({ atMs }) => atMs)].map(([atMs, same]) => {
    const { requests, failed, durations } = sumOf(same);
    return { atMs, requests, failed, p95Ms: quantileMs(durations, 0.95) };
  });
}

function sumOf(buckets: readonly LoadBucket[]): { requests: number; failed: number; durations: Durations } {
  const sum = { requests: 0, failed: 0, durations: new Map<number, number>() };
  for (const { requests, failed, durations } of buckets) {
    sum.requests += requests;
    sum.failed += failed;
    addDurations(sum.durations, durations);
  }
  return sum;
}
