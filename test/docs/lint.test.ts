/** docs/lint.md shows a scenario and what lint says of it: exactly what it says. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { burnPairs } from '../../aggregator/slo/burn.ts';
import { falseAlarmsPerYear } from '../../aggregator/slo/lint/false-alarms.ts';
import { command } from '../fakes/command-line.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/lint.md'), 'utf8');
const dir = mkdtempSync(join(tmpdir(), 'blackstart-docs-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const [, scenario = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];
writeFileSync(join(dir, 'shop.yaml'), scenario);

const shown = [...page.matchAll(/```\n\$ npx --no blackstart (lint [^\n]+)\n(.*?)```/gs)];

test('it shows objectives, an incident, and intervals', () => {
  expect(shown).toHaveLength(3);
});

test.each(shown.map(([, line = '', output = '']) => [line, output]))(
  'blackstart %s prints what the page has',
  async (line, output) => {
    const argv = line.split(' ').map((word) => (word === 'shop.yaml' ? join(dir, word) : word));
    const said = await command(argv);
    expect(said.stderr).toBe('');
    expect(`\n${said.stdout}`).toBe(`\n${output}`);
  },
);

test('alarms for nothing come as seldom as it says', () => {
  const aYear = (severity: 'page' | 'ticket'): number =>
    burnPairs(30 * 86_400_000)
      .filter((pair) => pair.severity === severity)
      .reduce((sum, pair) => sum + falseAlarmsPerYear(pair, 0.999, 60_000), 0);
  expect(1 / aYear('page')).toBeGreaterThan(500);
  expect(aYear('ticket')).toBeGreaterThan(3);
  expect(aYear('ticket')).toBeLessThan(12);
});
