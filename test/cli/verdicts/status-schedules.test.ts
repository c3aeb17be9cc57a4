/** `status` of a scenario whose drills have schedules. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { DrillSchedule } from '../../../contract/schedule.ts';
import { aggregator, atEnd, clock, post } from '../../aggregator/harness.ts';
import { shopWith } from '../../docs/drill-keys.ts';
import { command } from '../../fakes/command-line.ts';

const hourMs = 3_600_000;

function scenarioWith(...names: readonly string[]): string {
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-status-'));
  atEnd(() => rmSync(dir, { recursive: true }));
  const drills = names.map((name) => ({
    name,
    fault: { 'scale-to-zero': 'us-east-1' },
    expect: [{ entry: 'shop', servedBy: ['eu-west-1'], within: '60s' }],
    schedule: '0 10 1 * *',
  }));
  const file = join(dir, 'shop.yaml');
  writeFileSync(file, stringify(shopWith({ drills })));
  return file;
}

/** Due so long ago, or to come. */
function due(name: string, agoMs: number): DrillSchedule {
  const nowMs = clock.nowMs();
  const times = { sinceMs: nowMs - 9 * hourMs, dueMs: [nowMs - agoMs, nowMs + 9 * hourMs], graceMs: hourMs };
  return { name, cron: '0 10 1 * *', timeZone: 'UTC', ...times, last: null };
}

async function statusOf(schedules: readonly DrillSchedule[], names: readonly string[], more: readonly string[] = []) {
  const { url } = await aggregator();
  if (schedules.length > 0) await post(url, '/api/v1/schedules', { scenario: 'shop', schedules });
  return command(['status', `--aggregator=${url}`, `--scenario=${scenarioWith(...names)}`, ...more]);
}

const linesOf = (stdout: string) =>
  stdout.split('\n').flatMap((line) => /^\w+ +drill:\S+/.exec(line)?.[0].replace(/ +/, ' ') ?? []);

test('a drill that is overdue fails it, one that is in time passes, and one that nobody runs is not known', async () => {
  const schedules = [due('late', 2 * hourMs), due('coming', -hourMs)];
  const { code, stdout } = await statusOf(schedules, ['late', 'coming', 'untold']);
  expect(code).toBe(1);
  expect(linesOf(stdout)).toEqual(['fail drill:late', 'inconclusive drill:untold', 'pass drill:coming']);
  expect(stdout).toContain('drill late ("0 10 1 * *", UTC) is overdue');
  expect(stdout).toContain('the aggregator knows no schedule of drill untold: "drill serve" has never told it');
});

test('within its grace a drill is not overdue', async () => {
  const { code, stdout } = await statusOf([due('late', hourMs / 2)], ['late']);
  expect([code, linesOf(stdout)]).toEqual([0, ['pass drill:late']]);
});

test('of a past moment nothing is said of schedules', async () => {
  const { code, stdout } = await statusOf([due('late', 2 * hourMs)], ['late'], ['--at=2026-01-01T00:00:00Z']);
  expect([code, linesOf(stdout)]).toEqual([3, []]);
});

test('of one drill it says why', async () => {
  const { url } = await aggregator();
  const schedules = [due('late', 2 * hourMs), due('coming', -hourMs)];
  await post(url, '/api/v1/schedules', { scenario: 'shop', schedules });
  const asked = (name: string) => command(['status', `drill:${name}`, `--aggregator=${url}`]);
  const late = await asked('late');
  expect([late.code, late.stdout]).toEqual([1, expect.stringContaining('is overdue')]);
  const coming = await asked('coming');
  expect([coming.code, coming.stdout]).toEqual([0, expect.stringContaining('is due at')]);
});
