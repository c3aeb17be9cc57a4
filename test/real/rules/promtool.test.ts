/** Prometheus's and Alertmanager's own tools on all that is generated. */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { allRules } from '../../artefacts/ruled.ts';
import { workshop } from '../../cli/workshop.ts';
import { present } from '../programs.ts';

const shop = workshop();
const exec = promisify(execFile);
const limitMs = 120_000;
const hasPromtool = present('promtool', ['--version']);
const hasAmtool = present('amtool', ['--version']);

const said = async (program: string, argv: readonly string[], cwd: string): Promise<string> =>
  (await exec(program, [...argv], { cwd, timeout: limitMs })).stdout;

const written = [...allRules()].map(([name, { files }], index) => {
  const dir = join(shop.dir, String(index));
  mkdirSync(dir);
  for (const { path, text } of files) writeFileSync(join(dir, path), text);
  const [rules = '', tests = ''] = files.map(({ path }) => path);
  return [name, { dir, rules, tests }] as const;
});

describe.skipIf(!hasPromtool)('promtool', () => {
  test.each(written)('passes the rules of %s, and their tests', async (_, { dir, rules, tests }) => {
    expect(await said('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', rules], dir)).toContain('SUCCESS');
    expect(await said('promtool', ['test', 'rules', tests], dir)).toContain('SUCCESS');
  });
});

describe.skipIf(!hasAmtool)('amtool', () => {
  const [, { dir }] = written[0] ?? ['', { dir: '' }];

  test('takes the configuration', async () => {
    expect(await said('amtool', ['check-config', 'alertmanager.yaml'], dir)).toContain('3 inhibit rules');
  });

  test.each([
    ['blackstart-page', ['alertname=BlackstartBudgetBurnsFast', 'severity=critical', 'sloth_severity=page']],
    ['blackstart-ticket', ['alertname=BlackstartBudgetBurnsSlowly', 'severity=warning', 'sloth_severity=ticket']],
    ['blackstart-page', ['alertname=BlackstartRegionDown', 'severity=critical', 'region=north']],
    ['blackstart-nobody', ['alertname=BlackstartDrillRunning', 'severity=info']],
  ])('leads to %s what has the labels %j', async (receiver, labels) => {
    const argv = ['config', 'routes', 'test', '--config.file=alertmanager.yaml', ...labels];
    expect((await said('amtool', argv, dir)).trim()).toBe(receiver);
  });
});
