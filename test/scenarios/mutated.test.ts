/**
 * Whatever a file says, it is read, or refused with file, line and column; and what is read can be linted, written as
 * rules and as OpenSLO, and read back. The same mutations ran over 20,000 times with other seeds.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { rulesArtefacts } from '../../aggregator/artefacts/rules.ts';
import { durationBounds } from '../../aggregator/metrics/layout.ts';
import { rulesOptionsOf } from '../../cli/generate/rules.ts';
import { linted } from '../../cli/lint/answer.ts';
import { textOf } from '../../cli/lint/say.ts';
import { Mistakes } from '../../contract/mistake.ts';
import { seededRandom } from '../../contract/random.ts';
import { converted } from '../../scenarios/imports/convert.ts';
import { openSloOf } from '../../scenarios/openslo/write.ts';
import { readDocument } from '../../scenarios/parse/document.ts';
import { parseScenario } from '../../scenarios/parse/scenario.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { openSlo, sloth } from './imported.ts';
import { mutated } from './mutated.ts';
import { sound } from './sound.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/lint.md'), 'utf8');
const [shop = ''] = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text]) => text);

/** What it made of the file; every line of a refusal has its place. */
async function outcomeOf(make: () => Promise<string>): Promise<string> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof Mistakes)) throw error;
    expect(error.mistakes).not.toHaveLength(0);
    for (const line of error.message.split('\n')) {
      expect(line).toMatch(/^(?:a\.yaml:\d+:\d+(?: .+)?: got .+|FILE: got "a\.yaml", which is empty), want .+$/);
      expect(line.length).toBeLessThan(1_500);
    }
    return '';
  }
}

async function usedAs(scenario: Scenario): Promise<string> {
  const question = { scenario, intervalsMs: null, incident: null, runs: 1, seed: 1, nowMs: 1_790_000_000_000 };
  const said = textOf(await linted(question, async () => undefined), (text) => text);
  const rules = rulesArtefacts(rulesOptionsOf(scenario, { runbooksUrl: null, job: null }));
  return [said, ...rules.files.map(({ text }) => text)].join('\n');
}

function readBack(scenario: Scenario, value: unknown): Scenario {
  const { service, objectives } = scenario;
  const options = { service, objectives, prometheusUrl: 'http://prometheus:9090', bounds: durationBounds };
  const text = openSloOf(options)
    .documents.map((document) => stringify(document))
    .join('---\n');
  const source = { ...(value as object), objectives: [], drills: [], imports: ['back.yaml'] };
  return parseScenario(source, undefined, (file) => ({ file, text }));
}

test.each([
  ['the scenario of docs/lint.md', shop],
  ['a scenario with one of everything', stringify(sound())],
])('%s, changed in any place', async (_, text) => {
  const random = seededRandom(9);
  let read = 0;
  for (let round = 0; round < 180; round += 1) {
    const file = mutated(text, random);
    const made = await outcomeOf(async () => {
      const { value, placeOf } = readDocument(file, 'a.yaml');
      const scenario = parseScenario(value, placeOf);
      read += 1;
      expect(readBack(scenario, value).objectives).toEqual(scenario.objectives);
      return usedAs(scenario);
    });
    expect(made).not.toMatch(/NaN|Infinity|undefined|\[object/);
  }
  expect(read).toBeGreaterThan(20);
});

test.each([
  ['a file of OpenSLO', openSlo],
  ['a file of Sloth', sloth],
])('%s, changed in any place', async (_, text) => {
  const random = seededRandom(9);
  for (let round = 0; round < 250; round += 1) {
    const check = round % 2 === 0 ? 'home' : null;
    const file = mutated(text, random);
    await outcomeOf(async () => {
      const options = { files: ['a.yaml'], window: null, check, scenario: null };
      const { objectives } = converted(options, (path) => ({ file: path, text: file }));
      expect(objectives).not.toHaveLength(0);
      return '';
    });
  }
});
