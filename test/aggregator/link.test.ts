import { expect, test } from 'vitest';
import type { FleetAnswer, ResultsAnswer } from '../../contract/api.ts';
import { aggregator, connect, getJson, result, sendResults, welcomed } from './harness.ts';

test('a hello is answered with what is acknowledged and the assignment', async () => {
  const { url } = await aggregator();
  const { welcome } = await welcomed(url);
  expect(welcome.ackedSeq).toBe(0);
  expect(welcome.assignment.checks.map((check) => check.id)).toEqual(['home/us-east-1', 'home/eu-west-1', 'entry']);
  expect(welcome.pingEveryMs).toBeGreaterThan(0);
});

test('results are acknowledged and can be read back, newest first', async () => {
  const { url } = await aggregator();
  const agent = await welcomed(url);
  await sendResults(agent, [result(1), result(2), result(3, { check: 'entry' })]);
  const answer = await getJson<ResultsAnswer>(url, '/api/v1/results');
  expect(answer.results.map(({ seq, check }) => [seq, check])).toEqual([
    [3, 'entry'],
    [2, 'home'],
    [1, 'home'],
  ]);
  expect(answer.next).toBeNull();
  const [newest] = answer.results;
  expect(newest).toMatchObject({ agent: 'a1', boot: 'boot-1', vantage: 'us-east-1', checkId: 'entry', entry: 'api' });
  expect((newest?.offset.upperMs ?? 0) - (newest?.offset.lowerMs ?? 0)).toBeLessThan(1_000);
});

test('a frame that was counted is acknowledged again and not counted again', async () => {
  const { url } = await aggregator();
  const agent = await welcomed(url);
  const results = [result(1), result(2)];
  await sendResults(agent, results);
  await sendResults(agent, results);
  await sendResults(agent, [...results, result(3)]);
  const answer = await getJson<ResultsAnswer>(url, '/api/v1/results');
  expect(answer.results.map(({ seq }) => seq)).toEqual([3, 2, 1]);
});

test('results beyond a hole wait until a gap names the hole', async () => {
  const { url } = await aggregator();
  const agent = await welcomed(url);
  agent.send({ type: 'results', boot: agent.boot, fromSeq: 4, results: [result(4)] });
  agent.send({ type: 'gap', boot: agent.boot, fromSeq: 1, toSeq: 3, reason: 'dropped' });
  let seq = 0;
  while (seq < 4) seq = (await agent.next('ack')).seq;
  const metrics = await (await fetch(new URL('/metrics', url))).text();
  expect(metrics).toContain('blackstart_results_missing_total{vantage="us-east-1",reason="dropped"} 3');
});

test('a wrong token is closed with 4401', async () => {
  const { url } = await aggregator();
  expect((await connect(url, { bearer: 'wrong' }).closed).code).toBe(4401);
});

test.each([
  ['text that is no JSON', 'garbage', 4400],
  ['another version of the protocol', '{"v":2,"type":"hello"}', 4426],
  ['results before the hello', '{"v":1,"type":"mark","boot":"b","seq":1,"roundsThroughMs":1}', 4400],
  ['a frame of more than 1 MiB', JSON.stringify({ v: 1, type: 'hello', agent: 'x'.repeat(1_100_000) }), 1009],
])('%s closes that connection with its code, is counted, and harms no other', async (_what, text, code) => {
  const { url } = await aggregator();
  const healthy = await welcomed(url, { agent: 'healthy' });
  const broken = connect(url);
  broken.sendText(text);
  expect((await broken.closed).code).toBe(code);
  await sendResults(healthy, [result(1)]);
  const metrics = await (await fetch(new URL('/metrics', url))).text();
  expect(metrics).toContain(`blackstart_link_refused_total{code="${code}"} 1`);
});

test('the newer connection of the same boot wins', async () => {
  const { url } = await aggregator();
  const first = await welcomed(url);
  const second = await welcomed(url);
  expect((await first.closed).code).toBe(4409);
  await sendResults(second, [result(1)]);
});

test('another boot is refused with 4409 while the old one answers pings', async () => {
  const { url } = await aggregator();
  const first = await welcomed(url);
  const second = connect(url);
  second.send({ type: 'hello', agent: 'a1', vantage: 'us-east-1', region: 'us-east-1', boot: 'boot-2', version: '0' });
  expect((await second.closed).code).toBe(4409);
  await sendResults(first, [result(1)]);
});

test('another boot takes over when the old one does not answer', async () => {
  const { url } = await aggregator();
  const first = await welcomed(url, { answers: false });
  const second = await welcomed(url, { boot: 'boot-2' });
  expect((await first.closed).code).toBe(4409);
  await sendResults(second, [result(1)]);
});

test('a shifted clock is found, with bounds that contain the truth', async () => {
  const { url } = await aggregator();
  const agent = await welcomed(url, { aheadMs: 5_000 });
  await sendResults(agent, [result(1)]);
  const { agents } = await getJson<FleetAnswer>(url, '/api/v1/fleet');
  const clock = agents[0]?.clock;
  expect(Math.abs((clock?.offsetMs ?? 0) + 5_000)).toBeLessThanOrEqual(clock?.errorMs ?? 0);
});

test('agents are told 1001 when the aggregator stops, and what was sent is kept', async () => {
  const first = await aggregator();
  const agent = await welcomed(first.url);
  await sendResults(agent, [result(1)]);
  await first.stop();
  expect((await agent.closed).code).toBe(1001);
});
