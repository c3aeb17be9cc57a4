/** The load that a drill ran under, in a report: what was asked and what failed, by phase and over time. */
import type { LoadPhase, LoadReport } from '../../contract/load.ts';
import { formatMs } from '../../contract/units.ts';

export const loadHead = ['phase', 'users', 'requests', 'requests/s', 'failed', 'p95'] as const;

/** A row for each phase and kind of users, in the words of `loadHead`. */
export function loadRows({ phases }: LoadReport): readonly (readonly string[])[] {
  return phases.map((one) => [
    one.phase,
    one.users === '' ? 'all' : one.users,
    String(one.requests),
    perSecond(one),
    shownFailed(one),
    one.p95Ms === null ? '' : formatMs(one.p95Ms),
  ]);
}

function perSecond({ requests, lengthMs }: LoadPhase): string {
  return lengthMs > 0 ? ((requests / lengthMs) * 1_000).toFixed(1) : '';
}

function shownFailed({ requests, failed }: LoadPhase): string {
  return failed === 0 ? '0' : `${failed} (${((failed / requests) * 100).toFixed(1)} %)`;
}

/** What is worth a line beside the table. */
export function loadNotes({ program, script, summary, thrown, said, ended }: LoadReport): readonly string[] {
  const dropped = summary === null || summary.dropped === 0 ? '' : `, ${summary.dropped} dropped: no user was free`;
  const whole =
    summary === null ? 'no summary' : `${summary.iterations} iterations${dropped}, p95 ${shownP95(summary.p95Ms)}`;
  return [
    `${script} by ${program}: ${whole}`,
    ...(summary?.thresholds ?? []).map(
      ({ metric, expression, held }) => `threshold ${metric} ${expression}: ${held ? 'held' : 'crossed'}`,
    ),
    ...(ended === 'itself' ? ['it ended by itself, before the drill did'] : []),
    ...(thrown === 0 ? [] : [`${thrown} iterations threw`]),
    ...said.map((sentence) => `it said: ${sentence}`),
  ];
}

function shownP95(p95Ms: number | null): string {
  return p95Ms === null ? 'of nothing' : formatMs(p95Ms);
}
