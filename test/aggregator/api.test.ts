import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AggregatorOptions, RunningAggregator } from '../../aggregator/aggregator.ts';
import { access, isLoopback } from '../../aggregator/api/auth.ts';
import type {
  ApiError,
  BurstRequest,
  ClockAnswer,
  DrillsAnswer,
  FleetAnswer,
  QuorumAnswer,
  ResultsAnswer,
  VerdictsAnswer,
} from '../../contract/api.ts';
import type { DrillReport } from '../../contract/drill.ts';
import { Mistakes } from '../../contract/mistake.ts';
import {
  aggregator,
  bad,
  clock,
  getJson,
  httpCheck,
  options,
  post,
  result,
  sendResults,
  start,
  welcomed,
} from './harness.ts';

const drill = {
  id: 'd-1',
  name: 'lose-us-east-1',
  scenario: 'agent-api',
  fault: 'scale-to-zero',
  region: 'us-east-1',
  status: 'running',
  phase: 'failing-over',
  verdict: { status: 'inconclusive', because: 'still running' },
  stages: { 'us-east-1': { fresh: { drain: { lowerMs: 100, upperMs: 300 } } } },
  startedMs: 1_700_000_000_000,
  endedMs: null,
} satisfies Partial<DrillReport>;

function burst(over: Partial<BurstRequest> = {}): BurstRequest {
  return {
    id: 'b-1',
    checks: [httpCheck('client', null)],
    everyMs: 100,
    untilMs: clock.nowMs() + 60_000,
    pooled: true,
    ...over,
  };
}

describe('reading', () => {
  test('the fleet shows who is connected, and whose clock is known how well', async () => {
    const { url } = await aggregator();
    const agent = await welcomed(url);
    await sendResults(agent, [result(1)]);
    const { agents } = await getJson<FleetAnswer>(url, '/api/v1/fleet');
    expect(agents).toMatchObject([
      { agent: 'a1', vantage: 'us-east-1', connected: true, boot: 'boot-1', version: '0.1.0' },
    ]);
    expect(agents[0]?.expected).toBeGreaterThanOrEqual(1);
  });

  test('a verdict is given with its numbers, and with its slices when asked alone', async () => {
    const objective = { check: 'home', region: 'us-east-1', from: 'own', windowMs: 3_600_000 } as const;
    const { url } = await aggregator({
      objectives: [
        { ...objective, id: 'availability', indicator: { kind: 'availability', target: 0.9 } },
        { ...objective, id: 'latency', indicator: { kind: 'latency', quantile: 0.5, targetMs: 100 } },
      ],
    });
    const agent = await welcomed(url);
    await sendResults(
      agent,
      Array.from({ length: 60 }, (_, index) => result(index + 1)),
    );
    const { verdicts } = await getJson<VerdictsAnswer>(url, '/api/v1/verdicts');
    expect(verdicts.map(({ id, status, n }) => [id, status, n])).toEqual([
      ['availability', 'pass', 60],
      ['latency', 'pass', 60],
    ]);
    const one = await getJson<{ id: string; slices: readonly unknown[] }>(url, '/api/v1/verdicts/latency');
    expect(one.id).toBe('latency');
    expect(one.slices.length).toBeGreaterThan(0);
    const past = await getJson<VerdictsAnswer>(url, `/api/v1/verdicts?at=${clock.nowMs() - 600_000}`);
    expect(past.verdicts[0]).toMatchObject({ status: 'inconclusive', n: 0 });
  });

  test('the quorum names the region that fails, with the matrix', async () => {
    const { url } = await aggregator();
    const us = await welcomed(url);
    const eu = await welcomed(url, { agent: 'a2', vantage: 'eu-west-1', region: 'eu-west-1', boot: 'boot-2' });
    const startMs = Math.floor(clock.nowMs() / 1_000) * 1_000 - 5_000;
    for (const agent of [us, eu]) {
      const home = { startMs, round: startMs / 1_000 };
      const results = [bad(1, home), result(2, { ...home, check: 'home/eu-west-1', region: 'eu-west-1' })];
      await sendResults(agent, results);
    }
    const answer = await getJson<QuorumAnswer>(url, '/api/v1/quorum');
    const row = { 'us-east-1': 'bad', 'eu-west-1': 'good' };
    expect(answer.checks).toMatchObject([
      { check: 'home', blame: 'region', matrix: { 'us-east-1': row, 'eu-west-1': row } },
    ]);
    expect(answer.round).toBe(startMs / 1_000);
  });

  test('results come in pages', async () => {
    const { url } = await aggregator();
    const agent = await welcomed(url);
    await sendResults(
      agent,
      [1, 2, 3].map((seq) => result(seq)),
    );
    const first = await getJson<ResultsAnswer>(url, '/api/v1/results?limit=2&check=home');
    expect(first.results.map(({ seq }) => seq)).toEqual([3, 2]);
    const second = await getJson<ResultsAnswer>(url, `/api/v1/results?limit=2&before=${first.next}`);
    expect(second).toMatchObject({ results: [{ seq: 1 }], next: null });
    const later = await getJson<ResultsAnswer>(url, `/api/v1/results?since=${clock.nowMs() + 60_000}`);
    expect(later.results).toEqual([]);
  });

  test('the clock gives back t1 with when it came and when it went', async () => {
    const { url } = await aggregator();
    const before = clock.nowMs();
    const answer = await getJson<ClockAnswer>(url, `/api/v1/clock?t1=${before}`);
    expect(answer.t1).toBe(before);
    expect(answer.t2).toBeGreaterThanOrEqual(before);
    expect(answer.t3).toBeGreaterThanOrEqual(answer.t2);
  });

  test('healthy and ready are for everybody', async () => {
    const { url } = await aggregator();
    expect((await fetch(new URL('/-/healthy', url))).status).toBe(200);
    expect((await fetch(new URL('/-/ready', url))).status).toBe(200);
  });
});

describe('errors', () => {
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-aggregator-'));
  let running: RunningAggregator;
  beforeAll(async () => {
    running = await start({ stateDir: dir });
  });
  afterAll(async () => {
    await running.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test.each([
    ['/api/v1/nothing', 'GET', 404, 'not-found'],
    ['/api/v1/verdicts/none', 'GET', 404, 'not-found'],
    ['/api/v1/drills/none', 'GET', 404, 'not-found'],
    ['/api/v1/results?limit=x', 'GET', 400, 'bad-request'],
    ['/api/v1/results?limit=0', 'GET', 400, 'bad-request'],
    ['/api/v1/results?since=yesterday', 'GET', 400, 'bad-request'],
    ['/api/v1/clock', 'GET', 400, 'bad-request'],
    ['/federate', 'POST', 405, 'wrong-method'],
    ['/api/v1/fleet', 'DELETE', 405, 'wrong-method'],
    ['/-/reload', 'GET', 405, 'wrong-method'],
    ['/-/reload', 'POST', 409, 'nothing-to-reload'],
  ])('%s by %s is answered with %i and says what would be right', async (path, method, status, code) => {
    const { url } = running;
    const answer = await fetch(new URL(path, url), { method, headers: { authorization: 'Bearer write-token' } });
    expect(answer.status).toBe(status);
    const { error } = (await answer.json()) as ApiError;
    expect(error.code).toBe(code);
    expect(error.message).not.toBe('');
    expect(error.hint).not.toBe('');
  });

  test.each(['/api/v1/drills', '/api/v1/bursts', '/api/v1/annotations', '/-/reload'])(
    'writing %s needs the token',
    async (path) => {
      const { url } = running;
      expect((await post(url, path, {}, 'wrong')).status).toBe(401);
      expect((await fetch(new URL(path, url), { method: 'POST', body: '{}' })).status).toBe(401);
    },
  );

  test('a body that is no JSON is refused', async () => {
    const { url } = running;
    const headers = { authorization: 'Bearer write-token' };
    const answer = await fetch(new URL('/api/v1/drills', url), { method: 'POST', headers, body: '{' });
    expect(answer.status).toBe(400);
  });

  test('a burst with several mistakes is refused with all of them', async () => {
    const { url } = running;
    const answer = await post(
      url,
      '/api/v1/bursts',
      burst({ everyMs: 5, untilMs: clock.nowMs() + 9e9, checks: [{ kind: 'ping' }] as never }),
    );
    expect(answer.status).toBe(400);
    const { error } = (await answer.json()) as ApiError;
    for (const place of ['everyMs', 'untilMs', 'checks[0].kind', 'checks[0].id'])
      expect(error.message).toContain(place);
  });
});

describe('access', () => {
  const authorization = (token: string): string => `Bearer ${token}`;
  test('reading is free on loopback only', () => {
    const beyond = access({ write: 'w', read: null }, false);
    expect(beyond.mayRead(undefined)).toBe(false);
    expect(beyond.mayRead(authorization('w'))).toBe(true);
    const withRead = access({ write: 'w', read: 'r' }, false);
    expect(withRead.mayRead(authorization('r'))).toBe(true);
    expect(withRead.mayWrite(authorization('r'))).toBe(false);
    expect(access({ write: 'w', read: 'r' }, true).mayRead(undefined)).toBe(true);
  });
  test('an empty token opens nothing', () => {
    expect(access({ write: '', read: '' }, false).mayWrite('Bearer ')).toBe(false);
    expect(access({ write: '', read: '' }, false).mayRead(undefined)).toBe(false);
  });
  test.each([
    ['127.0.0.1', true],
    ['::1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['::', false],
    ['127.evil.example', false],
  ])('%s is loopback: %s', (host, loopback) => expect(isLoopback(host)).toBe(loopback));
});

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
    });
    const { error } = (await answer.json()) as ApiError;
    for (const place of ['phase', 'status', 'stages']) expect(error.message).toContain(place);
  });
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

test('annotations are kept', async () => {
  const { url } = await aggregator();
  expect((await post(url, '/api/v1/annotations', { text: 'deployed 1.2.3' })).status).toBe(201);
  const { annotations } = await getJson<{ annotations: readonly { text: string }[] }>(url, '/api/v1/annotations');
  expect(annotations).toMatchObject([{ text: 'deployed 1.2.3', drill: null }]);
});

describe('reload', () => {
  const reloadFrom: AggregatorOptions['reloadFrom'] = () =>
    Promise.resolve({
      assignment: { ...options().assignment, checks: [httpCheck('other', 'us-east-1')] },
      objectives: [],
    });

  test('hands the new assignment to all agents, with a higher version', async () => {
    const { url } = await aggregator({ reloadFrom });
    const agent = await welcomed(url);
    expect((await post(url, '/-/reload', {})).status).toBe(200);
    const { assignment } = await agent.next('assign');
    expect(assignment.version).toBeGreaterThan(agent.welcome.assignment.version);
    expect(assignment.checks.map(({ name }) => name)).toEqual(['other']);
  });

  test('of a scenario with mistakes changes nothing and says all of them', async () => {
    const mistakes = [{ place: 'a.yaml:1:1 checks', got: '1', want: 'a list' }];
    const { url } = await aggregator({ reloadFrom: () => Promise.reject(new Mistakes(mistakes)) });
    const answer = await post(url, '/-/reload', {});
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as ApiError).error.message).toContain('a.yaml:1:1');
  });
});

test('a port that is taken is a clear error, and nothing is left running', async () => {
  const first = await aggregator();
  const port = Number(new URL(first.url).port);
  const taken = aggregator({ listen: { host: '127.0.0.1', port } });
  await expect(taken).rejects.toMatchObject({
    code: 'EADDRINUSE',
    message: `cannot listen on 127.0.0.1:${port}: the port is in use`,
  });
});

test('the page shows fleet, verdicts and the running drill, escaped, and allows nothing from elsewhere', async () => {
  const { url } = await aggregator({ scenario: '<script>alert(1)</script>' });
  await welcomed(url, { agent: '<img src=x>' });
  await post(url, '/api/v1/drills', drill);
  const answer = await fetch(url);
  const html = await answer.text();
  expect(html).not.toContain('<script>alert');
  expect(html).not.toContain('<img');
  expect(html).toContain('lose-us-east-1: failing-over');
  const policy = answer.headers.get('content-security-policy');
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
});
