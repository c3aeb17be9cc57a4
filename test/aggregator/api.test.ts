import { describe, expect, test } from 'vitest';
import type { AggregatorOptions } from '../../aggregator/aggregator.ts';
import type {
  ApiError,
  ClockAnswer,
  FleetAnswer,
  QuorumAnswer,
  ResultsAnswer,
  VerdictsAnswer,
} from '../../contract/api.ts';
import { Mistakes } from '../../contract/mistake.ts';
import { aggregator, bad, clock, getJson, httpCheck, options, post, result, sendResults, welcomed } from './harness.ts';
import { drill } from './posts.ts';

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
    expect(past.verdicts[0]).toMatchObject({ status: 'inconclusive', n: 0, final: true });
    // Lists have the doubt of one, which says so where there is none.
    expect(one).toMatchObject({ doubt: verdicts[1]?.doubt ?? null });
    const alone = await getJson<unknown>(url, `/api/v1/verdicts/availability?at=${clock.nowMs() - 600_000}`);
    expect(past.verdicts[0]).toMatchObject({ doubt: 'no result came in the window' });
    expect(alone).toMatchObject({ doubt: 'no result came in the window' });
    const forgotten = await getJson<VerdictsAnswer>(url, `/api/v1/verdicts?at=${clock.nowMs() - 9 * 86_400_000}`);
    expect(forgotten.verdicts[0]).toMatchObject({ status: 'inconclusive', final: false });
    expect(forgotten.verdicts[0]?.because).toContain('of its window are not kept any more');
    expect(verdicts[0]?.final).toBe(false);
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
      { check: 'home', blame: 'region', matrix: { 'us-east-1': row, 'eu-west-1': row }, k: 2, n: 2 },
    ]);
    expect(answer.leftOut).toEqual([]);
    expect(answer.round).toBe(startMs / 1_000);
  });

  test('a vantage that is left out is on record, and references are asked but not judged', async () => {
    const assignment = { ...options().assignment, references: ['https://status.example'] };
    const { url } = await aggregator({ assignment });
    const us = await welcomed(url);
    const eu = await welcomed(url, { agent: 'a2', vantage: 'eu-west-1', region: 'eu-west-1', boot: 'boot-2' });
    const reference = us.welcome.assignment.checks.find(({ name }) => name === '__references__');
    expect(reference).toMatchObject({ kind: 'http', url: 'https://status.example', everyMs: 10_000 });
    const ap = await welcomed(url, { agent: 'a3', vantage: 'ap-1', region: 'ap-1', boot: 'boot-3' });
    const startMs = Math.floor(clock.nowMs() / 1_000) * 1_000;
    const at = { startMs, round: startMs / 1_000 };
    const slow = { startMs, round: Math.floor(startMs / 10_000), check: reference?.id ?? '', region: null };
    const elsewhere = { ...at, check: 'home/eu-west-1', region: 'eu-west-1' };
    await sendResults(us, [bad(1, slow), bad(2, at), bad(3, elsewhere)]);
    for (const well of [eu, ap]) await sendResults(well, [result(1, slow), result(2, at), result(3, elsewhere)]);
    const answer = await getJson<QuorumAnswer>(url, '/api/v1/quorum');
    expect(answer.checks.map(({ check }) => check)).not.toContain('__references__');
    expect(answer.checks.find(({ check }) => check === 'home')).toMatchObject({ blame: 'vantage', k: 2, n: 2 });
    expect(answer.leftOut).toMatchObject([{ vantage: 'us-east-1', toMs: null }]);
    expect(answer.leftOut?.[0]?.because).toContain('references included');
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
