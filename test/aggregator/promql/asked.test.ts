/** An aggregator with an engine, asked over HTTP: what it knows itself of checks and drills goes into what the engine tells. */
import { afterEach, expect, test } from 'vitest';
import type { ExplainedAnswer } from '../../../contract/api.ts';
import type { Objective } from '../../../contract/objective.ts';
import { type Known, type PromqlEngine, promqlEngine } from '../../fakes/promql-engine.ts';
import { aggregator, clock, getJson, httpCheck, post } from '../harness.ts';
import { drill } from '../posts.ts';
import { availability, hourMs } from '../slo/world.ts';

let engine: PromqlEngine | undefined;
afterEach(async () => await engine?.close());

/** A good result of v1 every second, before and after now; v2 is there, and the check is not its. */
function known(nowMs: number): readonly Known[] {
  const whose = { aggregator: 'other', vantage: 'v1', region: 'us-east-1' };
  const seconds = Array.from({ length: 480 }, (_, index) => (index - 420) * 10);
  const results = {
    labels: { __name__: 'blackstart_counted_results', ...whose, check: 'home', outcome: 'good', reason: '' },
    points: seconds.map((at) => [nowMs + at * 1_000, 10_000 + at] as const),
  };
  const seen = ['v1', 'v2'].map((vantage): Known => {
    const labels = { __name__: 'blackstart_agent_seen_timestamp_seconds', ...whose, agent: vantage, vantage };
    return { labels: { ...labels, boot: 'b', version: '1' }, points: [[nowMs - 1_000, nowMs / 1_000 + 300]] };
  });
  return [results, ...seen];
}

test('who is to make a check, and which drills are left out, it knows itself', async () => {
  const nowMs = clock.nowMs();
  engine = await promqlEngine(known(nowMs));
  const checks = [{ ...httpCheck('home', 'us-east-1'), vantages: ['v1'] }];
  const objectives: readonly Objective[] = [
    availability,
    { ...availability, id: 'apart', drills: 'excluded' },
    { ...availability, id: 'other', exclusions: [{ fromMs: nowMs - hourMs / 2, toMs: nowMs, because: 'moved' }] },
  ];
  const { url } = await aggregator({
    promql: { url: engine.url, token: null },
    assignment: { version: 1, checks, regions: {}, references: [] },
    objectives,
  });
  const one = (id: string) => getJson<ExplainedAnswer>(url, `/api/v1/verdicts/${id}`);
  const { window, ...up } = await one('up');
  expect(up).toMatchObject({ status: 'pass', doubt: null, newestMs: window.toMs });
  expect((await one('apart')).status).toBe('pass');
  expect((await one('other')).because).toMatch(/an exclusion in the window .*scope=own/);

  const tookMs = { lowerMs: nowMs - 600_000, upperMs: nowMs - 599_000 };
  const told = { ...drill, t0: tookMs, startedMs: nowMs - 700_000, endedMs: nowMs - 300_000, status: 'over' };
  expect((await post(url, '/api/v1/drills', told)).ok).toBe(true);
  expect((await one('apart')).because).toMatch(/a drill in the window .*scope=own/);
  expect((await one('up')).status).toBe('pass');
});
