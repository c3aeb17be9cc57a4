/** A drill that ran in a lab, announced again as its runner did: for machines that are too busy for one of their own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DrillReport, drillPhases } from '../../../contract/drill.ts';
import type { WorldFile } from '../../../lab/world-file.ts';
import { clock } from '../../aggregator/harness.ts';
import { pause } from '../../lab/waiting.ts';

/** Longer than the servers that look on wait between two looks; all of them together are longer than the drill was. */
const phaseMs = 2_500;
const wanted = 10;

export async function announceRecorded({ aggregator }: WorldFile): Promise<void> {
  const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'recorded-drill.json'), 'utf8')) as DrillReport;
  const report = movedTo(recorded, clock.nowMs());
  for (const phase of drillPhases) {
    const isOver = phase === 'over';
    const isDark = ['failing-over', 'holding', 'restoring'].includes(phase);
    const drill: DrillReport = {
      ...report,
      phase,
      status: isOver ? 'over' : 'running',
      replicas: { wanted: isDark ? 0 : wanted, ready: isDark ? 0 : wanted },
      restored: isOver,
    };
    const answer = await fetch(new URL('/api/v1/drills', aggregator.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${aggregator.writeToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(drill),
    });
    if (!answer.ok) throw new Error(await answer.text());
    await pause(phaseMs);
  }
}

/** As if it began now: it has to be newer than those that were refused. */
function movedTo(report: DrillReport, nowMs: number): DrillReport {
  const byMs = nowMs - report.startedMs;
  const moved = <B extends { readonly lowerMs: number; readonly upperMs: number }>(bounds: B | null): B | null =>
    bounds === null ? null : { ...bounds, lowerMs: bounds.lowerMs + byMs, upperMs: bounds.upperMs + byMs };
  return {
    ...report,
    id: `${report.name}-recorded-${Math.round(nowMs)}`,
    startedMs: nowMs,
    endedMs: report.endedMs === null ? null : report.endedMs + byMs,
    t0: moved(report.t0),
    restoreCalled: moved(report.restoreCalled),
  };
}
