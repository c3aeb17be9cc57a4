/** Prometheus's and Alertmanager's own tools on all that is generated. */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { isProven, proofExpr } from '../../../aggregator/artefacts/rules/proof.ts';
import { allRules } from '../../artefacts/ruled.ts';
import { workshop } from '../../cli/workshop.ts';
import { root } from '../../fakes/program.ts';
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
  test('takes the configuration that is an example', async () => {
    const argv = ['check', 'config', '--syntax-only', 'prometheus.yaml'];
    expect(await said('promtool', argv, join(root, 'deploy/prometheus'))).toContain('SUCCESS');
  });

  test.each(written)('passes the rules of %s, and their tests', async (_, { dir, rules, tests }) => {
    expect(await said('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', rules], dir)).toContain('SUCCESS');
    expect(await said('promtool', ['test', 'rules', tests], dir)).toContain('SUCCESS');
  });
});

/** As it is worked out of the target 95 %: a hair over 0.3. */
const sixTimesFivePercent = 6 * (1 - 0.95);

test.skipIf(!hasPromtool)('PromQL finds a pair proven where the same sum does here', async () => {
  const limits = [0.00036, 0.0144, 0.06, 0.3, sixTimesFivePercent];
  const numbers = [1, 2, 10, 60, 144, 360, 1_440, 12_960, 233_280];
  const cases = limits.flatMap((limit) =>
    numbers.flatMap((n) => {
      const mean = Math.floor(n * limit);
      const near = Array.from({ length: 12 }, (_, step) => mean + Math.round(step * Math.max(1, Math.sqrt(mean) / 3)));
      return [...new Set([0, ...near, n].map((bad) => Math.min(bad, n)))].map((bad) => ({ limit, n, bad }));
    }),
  );
  // Half a result above the mean, and where the exact test begins to fire.
  for (const bad of [106, 107, 108, 127, 128]) cases.push({ limit: sixTimesFivePercent, n: 355, bad });
  const labels = ({ n, bad }: (typeof cases)[number]): string => `{n="${n}",bad="${bad}"}`;
  const ofLimit = (limit: number) => cases.filter((one) => one.limit === limit);
  const tests = limits.map((limit) => ({
    input_series: ofLimit(limit).flatMap((one) => [
      { series: `failed${labels(one)}`, values: `${one.bad}` },
      { series: `counted${labels(one)}`, values: `${one.n}` },
    ]),
    promql_expr_test: [
      {
        ...{ expr: proofExpr('failed', 'counted', limit), eval_time: '0m' },
        exp_samples: ofLimit(limit).map((one) => ({
          ...{ labels: labels(one), value: isProven(one.bad, one.n, limit) ? 1 : 0 },
        })),
      },
    ],
  }));
  writeFileSync(join(shop.dir, 'proof.json'), JSON.stringify({ rule_files: [], evaluation_interval: '1m', tests }));
  expect(await said('promtool', ['test', 'rules', 'proof.json'], shop.dir)).toContain('SUCCESS');
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
