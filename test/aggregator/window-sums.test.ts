import { expect, test } from 'vitest';
import type { Objective } from '../../contract/objective.ts';
import { metric } from '../cli/workshop.ts';
import { aggregator, bad, httpCheck, result, sendResults, stateDir, welcomed } from './harness.ts';

const objective: Objective = {
  ...{ id: 'up', check: 'home', region: 'us-east-1', windowMs: 30 * 86_400_000 },
  from: 'all',
  indicator: { kind: 'availability', target: 0.999 },
};
const wish = {
  stateDir: '',
  objectives: [objective],
  assignment: { version: 1, checks: [httpCheck('home', 'us-east-1')], regions: {}, references: [] },
};

test('the sums of windows are those of all results, also of those before a restart', async () => {
  const where = { ...wish, stateDir: stateDir() };
  const sum = (url: string, window: string, outcome: string): Promise<number> =>
    metric(
      url,
      new RegExp(`^blackstart_slo_window_results\\{objective="up",window="${window}",outcome="${outcome}"\\}`),
    );
  const before = await aggregator(where);
  const agent = await welcomed(before.url);
  await sendResults(agent, [result(1), result(2), bad(3)]);
  for (const window of ['5m', '30m', '1h', '2h', '6h', '1d', '3d', 'whole']) {
    expect([await sum(before.url, window, 'good'), await sum(before.url, window, 'bad')], window).toEqual([2, 1]);
    expect(await sum(before.url, window, 'unsure')).toBe(0);
  }
  await before.stop();
  const after = await aggregator(where);
  const again = await welcomed(after.url, { boot: 'boot-2' });
  await sendResults(again, [bad(1)]);
  expect([await sum(after.url, '1h', 'good'), await sum(after.url, '1h', 'bad')]).toEqual([2, 2]);
});
