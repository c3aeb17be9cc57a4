/** docs/gate.md says how much ten minutes can show, and names options and fields: they are those of the program. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { doubtIn } from '../../aggregator/slo/doubt.ts';
import type { Objective } from '../../contract/objective.ts';
import { ratioAtLeast, ratioSamplesNeeded } from '../../contract/statistics.ts';
import { command } from '../fakes/command-line.ts';
import { flowing } from './pages.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/gate.md'), 'utf8');

test('its numbers are right', () => {
  const text = flowing(page);
  const needed = (target: number): number =>
    ratioSamplesNeeded({ good: 0, n: 0, target, designEffect: 1, alpha: 0.05 });
  expect(text).toContain(
    `180 samples in ten minutes. If none of them fails that shows ${(ratioAtLeast(180, 180, 0.025) * 100).toFixed(2)} %`,
  );
  expect(text).toContain(`99.9 % such a gate is always inconclusive: ${needed(0.999).toLocaleString('en')} samples`);
  expect(text).toContain(`\`--target 95%\` takes ${needed(0.95)} good samples`);
});

test('every option that it shows is one of the command', async () => {
  const { stdout } = await command(['gate', '--help']);
  for (const [option] of page.matchAll(/--[a-z][a-z-]*/g)) expect(stdout, option).toContain(option);
});

test('silence of two intervals and half a minute is not green, as it says', () => {
  expect(flowing(page)).toContain('no result for two intervals and half a minute');
  const objective: Objective = {
    ...{ id: 'up', check: 'home', region: null, from: 'all', windowMs: 600_000 },
    indicator: { kind: 'availability', target: 0.9 },
  };
  const heard = { atMs: 1_000_000, slices: [], everyMs: 10_000 };
  expect(doubtIn(objective, { ...heard, newestMs: 950_000 })).toBeNull();
  expect(doubtIn(objective, { ...heard, newestMs: 949_999 })).toContain('no result came for 50.00 s');
});
