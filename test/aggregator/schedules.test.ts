import { expect, test } from 'vitest';
import type { ApiError, ExplainedAnswer, SchedulesAnswer, VerdictsAnswer } from '../../contract/api.ts';
import { aggregator, clock, getJson, post, stateDir } from './harness.ts';
import { drill } from './posts.ts';

const hourMs = 3_600_000;

function announced(dueMs: readonly number[]) {
  const common = { cron: '0 10 1 * *', timeZone: 'UTC', sinceMs: 0, graceMs: hourMs, last: null };
  return { scenario: 'shop', schedules: [{ name: 'lose-us', ...common, dueMs }] };
}

test('an overdue drill is a failing verdict, over a restart too, until it is run', async () => {
  const dir = stateDir();
  const first = await aggregator({ stateDir: dir });
  const dueMs = clock.nowMs() - 2 * hourMs;
  expect((await post(first.url, '/api/v1/schedules', announced([dueMs, dueMs + 100 * hourMs]))).status).toBe(200);
  await first.stop();
  const { url } = await aggregator({ stateDir: dir });
  const { verdicts } = await getJson<VerdictsAnswer>(url, '/api/v1/verdicts');
  expect(verdicts).toMatchObject([{ id: 'drill:lose-us', status: 'fail', measured: 0 }]);
  expect(await getJson<ExplainedAnswer>(url, '/api/v1/verdicts/drill:lose-us')).toMatchObject({ status: 'fail' });
  const metrics = await (await fetch(new URL('/metrics', url))).text();
  expect(metrics).toContain('blackstart_drill_overdue{scenario="shop",name="lose-us"} 1');
  const nowMs = clock.nowMs();
  const run = { ...drill, name: 'lose-us', scenario: 'shop', startedMs: nowMs };
  await post(url, '/api/v1/drills', { ...run, t0: null });
  expect((await getJson<VerdictsAnswer>(url, '/api/v1/verdicts')).verdicts[0]?.status).toBe('fail');
  await post(url, '/api/v1/drills', { ...run, t0: { lowerMs: nowMs, upperMs: nowMs } });
  expect((await getJson<VerdictsAnswer>(url, '/api/v1/verdicts')).verdicts[0]?.status).toBe('pass');
});

test('what is announced of a scenario takes the place of what was, and mistakes are refused all at once', async () => {
  const { url } = await aggregator();
  await post(url, '/api/v1/schedules', announced([clock.nowMs()]));
  const wrong = { ...announced([2, 1]).schedules[0], name: '', graceMs: -1 };
  const answer = await post(url, '/api/v1/schedules', { scenario: 'shop', schedules: [wrong] });
  const { error } = (await answer.json()) as ApiError;
  expect(answer.status).toBe(400);
  for (const key of ['name', 'dueMs', 'graceMs']) expect(error.message).toContain(`schedules[0].${key}`);
  expect((await post(url, '/api/v1/schedules', announced([]), 'wrong')).status).toBe(401);
  expect((await getJson<SchedulesAnswer>(url, '/api/v1/schedules')).scenarios).toHaveLength(1);
  await post(url, '/api/v1/schedules', { scenario: 'shop', schedules: [] });
  expect(await getJson<SchedulesAnswer>(url, '/api/v1/schedules')).toEqual({ scenarios: [] });
});
