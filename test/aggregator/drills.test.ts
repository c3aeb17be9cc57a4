import { describe, expect, test } from 'vitest';
import type {
  ApiError,
  BurstRequest,
  DrillsAnswer,
  ExplainedAnswer,
  ResultsAnswer,
  VerdictsAnswer,
} from '../../contract/api.ts';
import type { DrillReport } from '../../contract/drill.ts';
import { aggregator, bad, clock, getJson, httpCheck, post, result, sendResults, welcomed } from './harness.ts';
import { burst, drill } from './posts.ts';

describe('drills', () => {
  test('a runner announces a drill, updates it, and everybody can read it', async () => {
    const { url } = await aggregator();
    expect((await post(url, '/api/v1/drills', drill)).status).toBe(201);
    expect(
      (await post(url, '/api/v1/drills', { drill: { ...drill, phase: 'holding' }, reportHtml: '<p>mine</p>' })).status,
    ).toBe(200);
    const { drills } = await getJson<DrillsAnswer>(url, '/api/v1/drills');
    expect(drills).toMatchObject([{ id: 'd-1', phase: 'holding', restored: false, left: [] }]);
    expect(await getJson<DrillReport>(url, '/api/v1/drills/d-1')).toMatchObject({ id: 'd-1', stages: drill.stages });
    const report = await fetch(new URL('/api/v1/drills/d-1/report.html', url));
    expect(await report.text()).toBe('<p>mine</p>');
    expect(report.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  test('without a page of the runner the report is made from what is known', async () => {
    const { url } = await aggregator();
    await post(url, '/api/v1/drills', { ...drill, name: '<b>' });
    const html = await (await fetch(new URL('/api/v1/drills/d-1/report.html', url))).text();
    expect(html).toContain('100 ms to 300 ms');
    expect(html).not.toContain('<b>');
  });

  test('a drill with mistakes is refused with all of them', async () => {
    const { url } = await aggregator();
    const answer = await post(url, '/api/v1/drills', {
      ...drill,
      phase: 'sleeping',
      status: 'maybe',
      stages: { us: null },
      aliveAtMs: 'now',
      leaseMs: -1,
    });
    const { error } = (await answer.json()) as ApiError;
    for (const place of ['phase', 'status', 'stages', 'aliveAtMs', 'leaseMs']) expect(error.message).toContain(place);
  });
});

test('while the newest results are left out as those of a drill, verdicts are in doubt; not once its runner is silent', async () => {
  const up = { id: 'up', check: 'home', region: null, from: 'all', windowMs: 3_600_000, drills: 'excluded' } as const;
  const { url } = await aggregator({ objectives: [{ ...up, indicator: { kind: 'availability', target: 0.5 } }] });
  await sendResults(await welcomed(url), [result(1, { startMs: clock.nowMs() })]);
  const t0 = { lowerMs: clock.nowMs() - 120_000, upperMs: clock.nowMs() - 119_900 };
  const running = { ...drill, t0, leaseMs: 30_000 };
  await post(url, '/api/v1/drills', { ...running, aliveAtMs: clock.nowMs() });
  const during = await getJson<ExplainedAnswer>(url, '/api/v1/verdicts/up');
  expect(during).toMatchObject({ n: 0, doubt: 'no result of the window is counted: the newest lie in a drill' });
  await post(url, '/api/v1/drills', { ...running, aliveAtMs: clock.nowMs() - 90_000 });
  expect(await getJson<ExplainedAnswer>(url, '/api/v1/verdicts/up')).toMatchObject({ n: 1, doubt: null });
  // A runner that slept for longer has no say over the time in between.
  await post(url, '/api/v1/drills', { ...running, aliveAtMs: clock.nowMs() - 100_000 });
  await post(url, '/api/v1/drills', { ...running, aliveAtMs: clock.nowMs() });
  expect(await getJson<ExplainedAnswer>(url, '/api/v1/verdicts/up')).toMatchObject({ n: 1, doubt: null });
});

describe('bursts', () => {
  test('go to the agents that are connected, and to those that connect while they run', async () => {
    const { url } = await aggregator();
    const before = await welcomed(url);
    const checks = [httpCheck('client', null), { ...httpCheck('direct', 'us-east-1'), vantages: ['elsewhere'] }];
    const answer = await post(url, '/api/v1/bursts', burst({ checks }));
    expect(answer.status).toBe(201);
    expect(await answer.json()).toMatchObject({ id: 'b-1', agents: 1 });
    const frame = await before.next('burst');
    expect(frame.checks.map(({ id }) => id)).toEqual(['client']);
    expect(frame.forMs).toBeGreaterThan(50_000);
    const after = await welcomed(url, { agent: 'a2', boot: 'boot-2' });
    expect((await after.next('burst')).id).toBe('b-1');
    const { bursts } = await getJson<{ bursts: readonly BurstRequest[] }>(url, '/api/v1/bursts');
    expect(bursts.map(({ id }) => id)).toEqual(['b-1']);
  });

  test('end when they are asked for again with an end in the past', async () => {
    const { url } = await aggregator();
    const agent = await welcomed(url);
    await post(url, '/api/v1/bursts', burst());
    await agent.next('burst');
    await post(url, '/api/v1/bursts', burst({ untilMs: clock.nowMs() - 1 }));
    expect((await agent.next('burst')).forMs).toBe(0);
  });

  test('do not enter the verdicts, but can be read by their burst', async () => {
    const objectives = [
      {
        id: 'all',
        check: 'home',
        region: null,
        from: 'all',
        indicator: { kind: 'availability', target: 0.5 },
        windowMs: 3_600_000,
      },
    ] as const;
    const { url } = await aggregator({ objectives });
    const agent = await welcomed(url);
    await sendResults(agent, [result(1), bad(2, { burst: 'b-1' }), bad(3, { burst: 'b-1' })]);
    const { verdicts } = await getJson<VerdictsAnswer>(url, '/api/v1/verdicts');
    expect(verdicts[0]).toMatchObject({ n: 1, measured: 1 });
    const { results } = await getJson<ResultsAnswer>(url, '/api/v1/results?burst=b-1');
    expect(results.map(({ seq }) => seq)).toEqual([3, 2]);
  });
});
