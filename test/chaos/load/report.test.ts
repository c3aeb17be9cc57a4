import { describe, expect, test } from 'vitest';
import { loadReportOf, loadSeries } from '../../../chaos/load.ts';
import { reportOf } from '../../../chaos/judge.ts';
import { reportHtml, reportMarkdown } from '../../../chaos/report.ts';
import type { DrillPhase } from '../../../contract/drill.ts';
import type { LoadFacts } from '../../../contract/load.ts';
import { loadFacts, loadSummary } from '../../fakes/load.ts';
import { simulatedDrill } from '../../fakes/simulated-drill.ts';

/** Ten requests a second of 20 ms each; those sent from 10 s to 15 s take 900 ms and fail. */
function recorded(): Pick<LoadFacts, 'widthMs' | 'buckets'> {
  const series = loadSeries();
  for (let sentMs = 0; sentMs < 30_000; sentMs += 100) {
    const failed = sentMs >= 10_000 && sentMs < 15_000;
    const durationMs = failed ? 900 : 20;
    series.note({ endedWallMs: sentMs + durationMs, durationMs, failed, users: 'fresh' }, sentMs + durationMs);
  }
  return series.read();
}

const facts = loadFacts({ ...recorded(), startedMs: 0, endedMs: 30_000 });
const marks: readonly { phase: DrillPhase; atMs: number }[] = [
  { phase: 'injecting', atMs: 9_990 },
  { phase: 'failing-over', atMs: 10_000 },
  { phase: 'holding', atMs: 15_000 },
  { phase: 'restoring', atMs: 20_000 },
  { phase: 'failing-back', atMs: 20_000 },
];

describe('the load in a report', () => {
  const report = loadReportOf(facts, marks, 1_000);

  test('tells for each phase what was asked, what failed and how long it took', () => {
    expect(report.phases).toEqual([
      { phase: 'baseline', users: 'fresh', lengthMs: 9_990, requests: 100, failed: 0, p95Ms: expect.closeTo(20, -0.3) },
      { phase: 'failing-over', users: 'fresh', lengthMs: 5_000, requests: 50, failed: 50, p95Ms: expect.any(Number) },
      { phase: 'holding', users: 'fresh', lengthMs: 5_000, requests: 50, failed: 0, p95Ms: expect.any(Number) },
      { phase: 'failing-back', users: 'fresh', lengthMs: 10_000, requests: 100, failed: 0, p95Ms: expect.any(Number) },
    ]);
  });

  test('has a p95 that is right to a twentieth', () => {
    const p95 = Object.fromEntries(report.phases.map(({ phase, p95Ms }) => [phase, p95Ms ?? 0]));
    expect(Math.abs((p95['failing-over'] ?? 0) / 900 - 1)).toBeLessThan(0.05);
    expect(Math.abs((p95['holding'] ?? 0) / 20 - 1)).toBeLessThan(0.05);
  });

  test('has its points on the aggregator’s clock', () => {
    expect(report.points[0]).toMatchObject({ atMs: 1_000 });
    expect(report.points.reduce((sum, { requests }) => sum + requests, 0)).toBe(300);
  });
});

describe('a drill under load', () => {
  const { facts: drill } = simulatedDrill(3, 'quick');

  test('is judged with its load, whose failure is the drill’s', () => {
    const held = reportOf({ ...drill, load: facts });
    expect(held.verdict).toEqual(reportOf(drill).verdict);
    const crossed = { metric: 'http_req_failed', expression: 'rate<0.05', held: false };
    const failed = reportOf({ ...drill, load: { ...facts, summary: loadSummary({ thresholds: [crossed] }) } });
    expect(failed.verdict.status).toBe('fail');
    expect(failed.verdict.because).toContain('load: thresholds were crossed: http_req_failed rate<0.05');
  });

  test('shows it as page and as text, with every sentence escaped', () => {
    const report = reportOf({ ...drill, load: { ...facts, said: ['<script>alert(1)</script> | `'] } });
    const page = reportHtml(report);
    expect(page).toContain('Requests and failures over time');
    expect(page).not.toContain('<script>');
    const text = reportMarkdown(report);
    expect(text).toContain('## Load: pass');
    expect(text).toContain('\\<script\\>alert(1)\\</script\\> \\| \\`');
  });

  test('without one says nothing of it', () => {
    expect(reportOf(drill).load).toBeUndefined();
    expect(reportHtml(reportOf(drill))).not.toContain('Load');
    expect(reportMarkdown(reportOf(drill))).not.toContain('Load');
  });
});
