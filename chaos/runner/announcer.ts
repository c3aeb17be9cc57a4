import type { Bounds } from '../../contract/bounds.ts';
import { every } from '../../contract/clock.ts';
import type { DrillReport, StageTable } from '../../contract/drill.ts';
import type { DrillFacts } from '../facts.ts';
import { announceEveryMs } from '../guard/open-drills.ts';
import { reportOf } from '../judge.ts';
import type { Recorder } from './recorder.ts';
import { fresh, restAfterMs } from './run.ts';
import type { RunnerDeps } from './types.ts';

/** Tells the aggregator, and whoever looks on, how the drill is going. */
export type Announcer = {
  /** Announces now; `final` when it is over, with its page. Rejects when the aggregator cannot be told. */
  announce(final?: { readonly report: DrillReport; readonly html: string | null }): Promise<void>;
  stop(): void;
};

type AnnouncerDeps = Pick<RunnerDeps, 'clock' | 'fleet' | 'progress'>;

/**
 * Announces at least every second; what cannot be told is told the next time. `leaseMs`: after a silence for so long the
 * drill's restorer mends; `null` where there is none.
 */
export function startAnnouncer(
  recorder: Pick<Recorder, 'facts'>,
  deps: AnnouncerDeps,
  leaseMs: number | null = null,
): Announcer {
  const seen = new Set<string>();
  let last: Promise<void> = Promise.resolve();

  /** One at a time: what was said earlier must not arrive behind the end and call it running again. */
  function announce(final?: { readonly report: DrillReport; readonly html: string | null }): Promise<void> {
    const told = last.then(() => announceNow(final));
    last = told.catch(() => undefined);
    return told;
  }

  /** Made anew as often as it costs little; in between the last one says that the runner is alive. */
  let made: { readonly report: DrillReport; readonly untilMs: number } | null = null;
  function latest(facts: DrillFacts): DrillReport {
    const nowMs = deps.clock.nowMs();
    if (made !== null && nowMs < made.untilMs && made.report.phase === facts.phase) return made.report;
    const report = reportOf(facts);
    const doneMs = deps.clock.nowMs();
    made = { report, untilMs: doneMs + restAfterMs(doneMs - nowMs) };
    return report;
  }

  async function announceNow(final?: { readonly report: DrillReport; readonly html: string | null }): Promise<void> {
    const facts = recorder.facts();
    const report = final?.report ?? latest(facts);
    tellStages(report);
    const offsetMs = (facts.offset.lowerMs + facts.offset.upperMs) / 2;
    const aliveAtMs = deps.clock.nowMs() + offsetMs;
    const alive = { aliveAtMs, ...(leaseMs !== null && { leaseMs }) };
    await deps.fleet.announce({ ...report, ...alive }, final?.html ?? null, fresh());
  }

  function tellStages({ entries }: DrillReport): void {
    for (const { entry, failover, failback } of entries) {
      for (const stage of stagesOf(failover.stages)) tell('failover', entry, stage);
      for (const stage of stagesOf(failback.stages)) tell('failback', entry, stage);
    }
  }

  function tell(where: 'failover' | 'failback', entry: string, stage: Stage): void {
    const key = [where, entry, stage.vantage, stage.client, stage.stage].join(' ');
    if (seen.has(key)) return;
    seen.add(key);
    deps.progress({ kind: 'stage', where, entry, ...stage });
  }

  const cancel = every(
    deps.clock,
    announceEveryMs,
    () => announce(),
    () => undefined,
  );
  return { announce, stop: cancel };
}

type Stage = { readonly vantage: string; readonly client: string; readonly stage: string; readonly bounds: Bounds };

function stagesOf(table: StageTable): readonly Stage[] {
  return Object.entries(table).flatMap(([vantage, clients]) =>
    Object.entries(clients).flatMap(([client, stages]) =>
      Object.entries(stages ?? {}).map(([stage, bounds]) => ({ vantage, client, stage, bounds })),
    ),
  );
}
