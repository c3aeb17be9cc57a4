/** docs/openslo.md has files, commands and what they say: they are run as they stand. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { durationBounds } from '../../aggregator/metrics/layout.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { workshop } from '../cli/workshop.ts';
import { command, linesOf } from '../fakes/command-line.ts';
import { flowing } from './pages.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/openslo.md'), 'utf8');
const blocks = [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, kind = '', text = '']) => ({ kind, text }));
const shop = workshop();

for (const { text } of blocks) {
  const [, name] = /^# (\S+\.ya?ml)\n/.exec(text) ?? [];
  if (name === undefined) continue;
  mkdirSync(dirname(join(shop.dir, name)), { recursive: true });
  // As in the page, its first line too: whoever copies it has the lines that are said of it.
  writeFileSync(join(shop.dir, name), text);
}

/** With the folder of the test taken out of what is said. */
async function said(argv: readonly string[]) {
  const { code, stdout, stderr } = await command(argv);
  return { code, stdout, stderr: stderr.replaceAll(`${shop.dir}/`, '') };
}
const files = ['slo/home.yaml', 'slo/requests.yml'].map((name) => join(shop.dir, name));
const [objectives = ''] = blocks.map(({ text }) => text).filter((text) => text.startsWith('objectives:'));
const plain = blocks.filter(({ kind }) => kind === '').map(({ text }) => text);

test('the command gives the objectives that the page has, and says what it says', async () => {
  const found = await said(['generate', 'objectives', ...files, '--check', 'entry']);
  expect(found).toEqual({ code: 0, stdout: objectives, stderr: plain[0] });
});

test('the scenario has them too', async () => {
  const scenario = await loadScenario(join(shop.dir, 'shop.yaml'));
  const whole = shop.file(
    'whole.yaml',
    `${readFileSync(join(shop.dir, 'shop.yaml'), 'utf8').split('imports:')[0]}${objectives}`,
  );
  const want = (await loadScenario(whole)).objectives;
  expect(scenario.objectives).toEqual(
    want.map((one) => (one.id === 'requests-availability' ? { ...one, drills: 'apart' } : one)),
  );
});

test('without a check it is refused as the page says', async () => {
  const found = await said(['generate', 'objectives', ...files]);
  expect(found).toEqual({ code: 2, stdout: '', stderr: plain[1] });
});

test('what is written as OpenSLO and not in its words is said', async () => {
  const out = join(shop.dir, 'slo/shop.yaml');
  const found = await said(['generate', 'openslo', '--scenario', join(shop.dir, 'shop.yaml'), '--out', out]);
  expect(found.code).toBe(0);
  expect(linesOf(found.stderr).toSorted()).toEqual(linesOf(plain[3] ?? '').toSorted());
  expect(plain[2]).toContain('generate openslo --scenario shop.yaml --out slo/shop.yaml');
});

test('the buckets of the page are those of the histogram', () => {
  const [, ms = '', seconds = ''] = /end at ([\d, and]+) ms and at ([\d., and]+) s\./.exec(flowing(page)) ?? [];
  const numbers = (text: string): number[] => [...text.matchAll(/[\d.]+/g)].map(([one]) => Number(one));
  expect([...numbers(ms).map((one) => one / 1_000), ...numbers(seconds)]).toEqual([...durationBounds]);
});

test('the keys of the page are those of an import', async () => {
  const keys = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, key]) => key);
  const wrong = shop.file(
    'wrong.yaml',
    `${readFileSync(join(shop.dir, 'shop.yaml'), 'utf8').split('imports:')[0]}imports: [{ frm: x }]\n`,
  );
  const message = await loadScenario(wrong).catch((error: Error) => error.message);
  const known = /want one of (.*?) \(/.exec(String(message))?.[1]?.split(', ');
  expect(known).toEqual(keys.slice(0, known?.length));
});
