/** What rows ask of a drill's report, and of the results that came while it ran. */
import type { StoredResult } from '../../contract/api.ts';
import { type Bounds, shifted } from '../../contract/bounds.ts';
import type { DrillReport, EntryReport, StageTable } from '../../contract/drill.ts';
import type { Facts } from '../world.ts';

/** The latest drill of the name that took its region away and is over, or why there is none. */
export function drillOf(facts: Facts, name: string): DrillReport | string {
  const [latest] = facts.drills.filter((drill) => drill.name === name).sort((a, b) => b.startedMs - a.startedMs);
  if (latest === undefined) return `drill ${name} was not made`;
  if (latest.status !== 'over') return `drill ${name} is not over`;
  if (latest.t0 === null) return `drill ${name} took nothing away: ${latest.verdict.because}`;
  return latest.restoreCalled === null ? `drill ${name} did not restore: ${latest.verdict.because}` : latest;
}

export function entryOf(drill: DrillReport, entry: string): EntryReport | undefined {
  return drill.entries.find((report) => report.entry === entry);
}

/** The worst vantage's `first-good` of fresh clients; `undefined` when no vantage had one. */
export function firstGood(stages: StageTable): Bounds | undefined {
  const all = Object.values(stages).flatMap(({ fresh }) => fresh?.['first-good'] ?? []);
  return all.length === 0
    ? undefined
    : { lowerMs: Math.max(...all.map((b) => b.lowerMs)), upperMs: Math.max(...all.map((b) => b.upperMs)) };
}

/** When an attempt can have begun at the earliest and ended at the latest, on the aggregator's clock. */
export function timeOf(result: StoredResult): Bounds {
  const { offset, startMs, durationMs } = result;
  return {
    lowerMs: shifted({ lowerMs: startMs, upperMs: startMs }, offset).lowerMs,
    upperMs: shifted({ lowerMs: startMs + durationMs, upperMs: startMs + durationMs }, offset).upperMs,
  };
}

/** Results that lie wholly between the two moments, in the order in which they began. */
export function between(results: readonly StoredResult[], fromMs: number, untilMs: number): readonly StoredResult[] {
  return results
    .map((result) => ({ result, time: timeOf(result) }))
    .filter(({ time }) => time.lowerMs >= fromMs && time.upperMs <= untilMs)
    .sort((a, b) => a.time.lowerMs - b.time.lowerMs)
    .map(({ result }) => result);
}
