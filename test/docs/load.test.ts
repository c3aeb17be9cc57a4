/** docs/drills/load.md says what a load may say, and what becomes of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadVerdict } from '../../chaos/load.ts';
import { graceMs } from '../../cli/load/process.ts';
import { findK6 } from '../../cli/load/program.ts';
import { loadForMs, scriptEnvironment } from '../../cli/load/script.ts';
import { isObject } from '../../contract/json.ts';
import { parseScenario } from '../../scenarios/define.ts';
import { ownScripts } from '../../scenarios/load-plan.ts';
import type { DrillPlan, Scenario } from '../../scenarios/scenario.ts';
import { command } from '../fakes/command-line.ts';
import { loadFacts } from '../fakes/load.ts';
import { root } from '../fakes/program.ts';
import { codeIn, flowing, pageText, rowsOf } from './pages.ts';

const page = pageText('load.md');

/** The example of the page, in a scenario that has what it names. */
function scenarioWith(load: object): Scenario {
  const yaml = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const document: unknown = parse(yaml);
  const drills = isObject(document) && Array.isArray(document['drills']) ? document['drills'] : [];
  const region = { jurisdiction: 'US', share: 50 };
  const kubernetes = { context: 'us-east-1', namespace: 'shop', workloads: ['deployment/shop'] };
  return parseScenario({
    service: 'shop',
    entry: { api: 'https://api.shop.example' },
    regions: {
      'us-east-1': { ...region, endpoint: 'https://us.shop.example', kubernetes },
      'eu-west-1': { ...region, endpoint: 'https://eu.shop.example' },
    },
    drills: drills.map((drill: { load: object }) => ({ ...drill, load: { ...drill.load, ...load } })),
  });
}

function drillIn({ drills }: Scenario): DrillPlan & Required<Pick<DrillPlan, 'load'>> {
  const [drill] = drills;
  if (drill?.load === undefined) throw new Error('the example has no load');
  return { ...drill, load: drill.load };
}

test('the example is a drill with a load', () => {
  const { load } = drillIn(scenarioWith({}));
  expect(load).toMatchObject({ script: 'steady.ts', users: 100, ratePerSecond: 50 });
  expect(Object.keys(load.thresholds)).toEqual(['http_req_failed', 'http_req_duration{users:fresh}']);
});

test('each key that a load may have has its row, and each row its key', async () => {
  const said = (() => {
    try {
      return String(scenarioWith({ nonsense: 1 }));
    } catch (error) {
      return String(error);
    }
  })();
  const [, keys = ''] = /"nonsense", want one of (.*)$/m.exec(said) ?? [];
  expect(rowsOf(page, 'key').map(([key]) => codeIn(key))).toEqual(keys.split(', '));
});

test('each script of ours has its row', () => {
  expect(rowsOf(page, 'script').map(([name]) => codeIn(name))).toEqual([...ownScripts]);
});

test('each variable that a script is told has its row, and our scripts read no other', () => {
  const scenario = scenarioWith({});
  const { load } = drillIn(scenario);
  const told = Object.keys(scriptEnvironment(load, scenario, loadForMs(load, drillIn(scenario))));
  expect(rowsOf(page, 'variable').map(([name]) => codeIn(name))).toEqual(told);
  const texts = [...ownScripts, 'users.ts'].map((name) => readFileSync(join(root, 'scenarios/load', name), 'utf8'));
  const read = texts.flatMap((text) =>
    [...text.matchAll(/(?:__ENV\[|numberOf\(|wanted\()'(\w+)'/g)].map(([, name]) => name),
  );
  // Of a user's own `env`: the page names the first, the second is how long a request may take.
  expect([...new Set(read)].filter((name) => !told.includes(name ?? '')).toSorted()).toEqual([
    'EVERY',
    'REQUEST_TIMEOUT',
  ]);
});

describe('the exit code', () => {
  const rows = rowsOf(page, 'code').map(([code, verdict, means]) => ({ code: Number(codeIn(code)), verdict, means }));

  test('of every kind that k6 has is in the table', () => {
    const known = Array.from({ length: 255 }, (_, index) => index + 1).filter((exitCode) => {
      const { because } = loadVerdict(loadFacts({ exitCode, ended: 'itself', summary: null }));
      return !because.startsWith('k6 ended with');
    });
    expect(rows.map(({ code }) => code)).toEqual(known);
  });

  test.each(rows)('$code is $verdict', ({ code, verdict, means }) => {
    const got = loadVerdict(loadFacts({ exitCode: code, ended: 'itself', summary: null }));
    expect(got.status).toBe(verdict);
    expect(means?.startsWith(got.because.split(':')[0] ?? '')).toBe(true);
  });
});

test('what is said without a k6 is quoted', async () => {
  const error: unknown = await findK6({ PATH: '', XDG_CACHE_HOME: 'CACHE' }, { resolver: false }).catch(
    (thrown) => thrown,
  );
  expect(flowing(page)).toContain(error instanceof Error ? error.message : 'a k6 was found');
});

test('the numbers are those of the code', () => {
  expect(page).toContain(`killed ${graceMs / 1_000} s later`);
  const series = readFileSync(join(root, 'chaos/load/series.ts'), 'utf8');
  const [most, width] = ['mostStretches', 'firstWidthMs'].map(
    (name) => new RegExp(`${name} = (\\d+)`).exec(series)?.[1],
  );
  expect(flowing(page)).toContain(`at most ${most} stretches of time are kept, of ${width} ms each at first`);
});

test('the command is one that there is', async () => {
  const [, line = ''] = /```\nblackstart (generate k6 [^\n]+)/.exec(page) ?? [];
  const flags = [...line.matchAll(/--(\w+)/g), ...page.matchAll(/`--(runners|image)`/g)].map(([, name]) => name);
  const { stdout } = await command(['generate', 'k6', '--help']);
  for (const flag of flags) expect(stdout).toContain(`--${flag} <`);
  expect(flags).toHaveLength(5);
});
