import { expect, test } from 'vitest';
import { parseExposition } from '../../aggregator/metrics/parse-exposition.ts';
import { aggregator, bad, clock, result, sendResults, welcomed } from './harness.ts';

async function scrape(url: string): Promise<(name: string, labels?: object) => number | undefined> {
  const families = parseExposition(await (await fetch(new URL('/metrics', url))).text(), false);
  if (typeof families === 'string') throw new Error(families);
  const samples = families.flatMap((family) => family.samples);
  return (name, labels = {}) =>
    samples.find((sample) => {
      const own = Object.fromEntries(sample.labels);
      return sample.name === name && Object.entries(labels).every(([label, value]) => own[label] === value);
    })?.value;
}

test('the alias family shows each region from its own vantage, and says nothing where nobody knows', async () => {
  const { url } = await aggregator();
  const us = await welcomed(url);
  const eu = await welcomed(url, { agent: 'a2', vantage: 'eu-west-1', region: 'eu-west-1', boot: 'boot-2' });
  const startMs = Math.floor(clock.nowMs() / 1_000) * 1_000 - 5_000;
  const at = { startMs, round: startMs / 1_000 };
  // The own vantage finds its region fast and well; from afar it is slow and fails.
  await sendResults(us, [result(1, { ...at, durationMs: 40 })]);
  await sendResults(eu, [bad(1, { ...at, durationMs: 900 })]);
  await fetch(new URL('/api/v1/quorum', url));
  const value = await scrape(url);
  expect(value('agent_region_health', { region: 'us-east-1' })).toBe(1);
  expect(value('agent_region_latency_seconds', { region: 'us-east-1' })).toBeCloseTo(0.04, 6);
  expect(value('agent_region_errors_ratio', { region: 'us-east-1' })).toBe(0);
  expect(value('agent_region_health', { region: 'eu-west-1' })).toBeUndefined();
});

test('a region that its own vantage sees fail is not healthy', async () => {
  const { url } = await aggregator();
  const us = await welcomed(url);
  const startMs = Math.floor(clock.nowMs() / 1_000) * 1_000 - 5_000;
  await sendResults(us, [bad(1, { startMs, round: startMs / 1_000 })]);
  await fetch(new URL('/api/v1/quorum', url));
  const value = await scrape(url);
  expect(value('agent_region_health', { region: 'us-east-1' })).toBe(0);
  expect(value('agent_region_errors_ratio', { region: 'us-east-1' })).toBe(1);
  const labels = { check: 'home', outcome: 'bad', blame: 'region', vantage: 'us-east-1' };
  expect(value('blackstart_probe_results_total', labels)).toBe(1);
});

test("a vantage that fails everywhere while another is well does not spend the target's budget", async () => {
  const objectives = [
    {
      id: 'home',
      check: 'home',
      region: null,
      from: 'all',
      indicator: { kind: 'availability', target: 0.5 },
      windowMs: 3_600_000,
    },
  ] as const;
  const { url } = await aggregator({ objectives });
  const us = await welcomed(url);
  const eu = await welcomed(url, { agent: 'a2', vantage: 'eu-west-1', region: 'eu-west-1', boot: 'boot-2' });
  const startMs = Math.floor(clock.nowMs() / 1_000) * 1_000;
  const at = { startMs, round: startMs / 1_000 };
  const elsewhere = { ...at, check: 'home/eu-west-1', region: 'eu-west-1' };
  await sendResults(us, [bad(1, { ...at, failedAt: 'connect' }), bad(2, { ...elsewhere, failedAt: 'connect' })]);
  await sendResults(eu, [result(1, at), result(2, elsewhere)]);
  await fetch(new URL('/api/v1/quorum', url));
  const verdict = (await (await fetch(new URL('/api/v1/verdicts/home', url))).json()) as object;
  expect(verdict).toMatchObject({ n: 2, measured: 1, missing: 2 });
  const value = await scrape(url);
  expect(value('blackstart_probe_results_total', { outcome: 'missing', blame: 'vantage', vantage: 'us-east-1' })).toBe(
    1,
  );
});

test('hostile results are bounded and counted, and no other numbers move', async () => {
  const { url } = await aggregator();
  const healthy = await welcomed(url, { agent: 'healthy' });
  const hostile = await welcomed(url, { agent: 'hostile', vantage: 'elsewhere', boot: 'boot-2' });
  const far = [0, 4_000_000_000_000].map((startMs, index) =>
    result(index + 1, { startMs, round: 0, check: `x${index}` }),
  );
  await sendResults(hostile, far);
  hostile.send({ type: 'gap', boot: 'boot-2', fromSeq: 3, toSeq: Number.MAX_SAFE_INTEGER, reason: 'dropped' });
  expect((await hostile.closed).code).toBe(4400);
  await sendResults(healthy, [result(1)]);
  const value = await scrape(url);
  expect(value('blackstart_results_missing_total', { check: 'x0', vantage: 'elsewhere', reason: 'bad-sample' })).toBe(
    1,
  );
  expect(value('blackstart_results_missing_total', { check: 'x1', vantage: 'elsewhere', reason: 'bad-sample' })).toBe(
    1,
  );
  expect(value('blackstart_probe_results_total', { vantage: 'us-east-1', outcome: 'good' })).toBe(1);
  expect(value('blackstart_results_committed_total')).toBe(3);
});
