/** docs/doctor.md has every rule of the doctor, and says of each what the doctor says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type RuleId, rules } from '../../chaos/doctor/finding.ts';
import { diagnoseZone } from '../../chaos/doctor/zone.ts';
import { plants } from '../chaos/doctor/plants.ts';
import { command } from '../fakes/command-line.ts';
import { flowing, sectionsOf } from './pages.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/doctor.md'), 'utf8');
const sections = sectionsOf(page.replaceAll(/\\?\n> /g, ' '));

test('each rule has its section, in their order, and each section has its rule', () => {
  expect([...sections.keys()]).toEqual(Object.keys(rules));
});

describe('the section of', () => {
  test.each(Object.keys(rules) as RuleId[])('%s says what it finds, and quotes a finding of its kind', (rule) => {
    const section = sections.get(rule) ?? '';
    expect(section.toLowerCase()).toContain(`${rules[rule].toLowerCase()}.`);
    const plant = plants.find((one) => one.rule === rule);
    if (plant === undefined) return;
    const found = diagnoseZone(plant.make()).findings.find((one) => one.rule === rule && plant.says.test(one.says));
    expect(section).toContain(flowing(`${found?.says} → ${found?.remedy}`));
  });
});

test('the example above them is a finding as it is printed', () => {
  const plant = plants.find(({ mistake }) => mistake === 'a weighted record without a health check');
  const found = plant === undefined ? [] : diagnoseZone(plant.make()).findings;
  const lines = found.map(
    ({ level, says, rule, remedy }) => `${level === 'problem' ? '!' : '?'} ${says} (${rule})\n    → ${remedy}`,
  );
  expect(lines.some((line) => page.includes(line))).toBe(true);
});

test('the commands that it shows have the options that it shows', async () => {
  const help = (await command(['doctor', '--help'])).stdout;
  for (const [, line = ''] of page.matchAll(/^npx --no blackstart (doctor .*)$/gm)) {
    for (const [option] of line.matchAll(/--\w+/g)) expect(help).toContain(option);
  }
});
