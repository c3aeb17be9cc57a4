/** docs/gate.md says how much ten minutes can show, and names options and fields: they are those of the program. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decide } from '../../cli/verdicts/decide.ts';
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
  const atMs = 1_700_000_000_000;
  const answer = {
    ...{
      id: 'up',
      status: 'pass' as const,
      because: '',
      measured: 1,
      target: 0.9,
      n: 60,
      interval: null,
      needed: null,
    },
    ...{ missing: 0, at: atMs, final: false, indicator: 'availability' as const, everyMs: 10_000 },
    slices: [{ atMs, widthMs: 10_000, good: 60, bad: 0, missing: 0 }],
    window: { fromMs: atMs - 600_000, toMs: atMs },
  };
  expect(decide({ ...answer, newestMs: atMs - 50_000 }, atMs).status).toBe('pass');
  expect(decide({ ...answer, newestMs: atMs - 50_001 }, atMs).status).toBe('inconclusive');
});
