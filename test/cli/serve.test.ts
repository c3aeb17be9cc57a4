/** `drill serve` as a process, beside an aggregator as one: nothing is due here, what it runs is tested in simulated time. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { SchedulesAnswer, VerdictsAnswer } from '../../contract/api.ts';
import { shopWith } from '../docs/drill-keys.ts';
import { listeningUrl, startAggregator, workshop } from './workshop.ts';

const shop = workshop();

function scenario(cron: string): string {
  const drill = {
    name: 'lose-eu',
    fault: { 'scale-to-zero': 'eu-west-1' },
    expect: [{ entry: 'shop', servedBy: ['us-east-1'], within: '60s' }],
    schedule: { cron, timeZone: 'Europe/Berlin' },
  };
  return stringify(shopWith({ drills: [drill] }));
}

test('it announces its schedules, takes a changed scenario and leaves a bad one, and ends at SIGTERM', async () => {
  const aggregator = await startAggregator(shop);
  const file = shop.file('shop.yaml', scenario('0 10 29 2 *'));
  const evidence = join(shop.dir, 'drills');
  const argv = ['drill', 'serve', '--scenario', file, '--aggregator', aggregator.url, '--evidence', evidence];
  const serving = shop.start([...argv, '--token-file', aggregator.tokenFile, '--listen', '127.0.0.1:0']);
  const url = await listeningUrl(serving);
  expect(serving.stderr().split('\n')[0]).toContain('"msg":"listening"');
  const announced = async (cron: string): Promise<void> => {
    for (;;) {
      const { scenarios } = (await (await fetch(`${aggregator.url}/api/v1/schedules`)).json()) as SchedulesAnswer;
      if (scenarios[0]?.schedules[0]?.cron === cron) return;
    }
  };
  await announced('0 10 29 2 *');
  const { verdicts } = (await (await fetch(`${aggregator.url}/api/v1/verdicts`)).json()) as VerdictsAnswer;
  expect(verdicts).toMatchObject([{ id: 'drill:lose-eu', status: 'pass' }]);
  for (const from of [url, aggregator.url]) {
    const metrics = await (await fetch(`${from}/metrics`)).text();
    expect(metrics).toContain('blackstart_drill_overdue{scenario="shop",name="lose-eu"} 0');
  }
  writeFileSync(file, 'service: [');
  await serving.said(/the scenario cannot be read: the one from before goes on/);
  writeFileSync(file, scenario('0 11 29 2 *'));
  await announced('0 11 29 2 *');
  expect((await fetch(`${url}/-/healthy`)).status).toBe(200);
  await serving.said(/"msg":"reloaded"/);
  // With no other text only a SIGHUP makes it read the scenario again: something that it refers to may be new.
  serving.kill('SIGHUP');
  await serving.said(/"msg":"reloaded".*"msg":"reloaded"/s);
  serving.kill('SIGTERM');
  expect((await serving.ended).code).toBe(0);
});

test('a scenario without schedules is refused', async () => {
  const none = shop.file('none.yaml', stringify(shopWith({})));
  const argv = ['drill', 'serve', '--aggregator', 'http://127.0.0.1:1'];
  const first = await shop.start([...argv, '--scenario', none]).ended;
  expect(first).toMatchObject({ code: 2, stderr: expect.stringContaining('none with a schedule') });
});
