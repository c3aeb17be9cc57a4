/** What is written as OpenSLO, before OpenSLO's own program and a real PromQL; what is read of Sloth, before Sloth. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import { command } from '../../fakes/command-line.ts';
import { sloth as slothFile } from '../../scenarios/imported.ts';
import { present } from '../programs.ts';

const peers = join(homedir(), '.cache/blackstart-peers/bin');
/** oslo 0.12 and Sloth 0.12, built with Go; promtool is Debian's. */
const oslo = join(peers, 'oslo');
const sloth = join(peers, 'sloth');
const hasOslo = present(oslo, ['--help']);
const hasSloth = present(sloth, ['version']);
const hasPromtool = present('promtool', ['--version']);

const dir = mkdtempSync(join(tmpdir(), 'blackstart-languages-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

function ran(program: string, ...argv: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(program, argv, { encoding: 'utf8', timeout: 60_000 });
  return { status, said: `${stdout}${stderr}` };
}

const monthly = 'calendar: { every: month, timeZone: Europe/Berlin }';
const scenario = file(
  'shop.yaml',
  `service: shop
regions:
  north: { jurisdiction: EU, share: 100, endpoint: https://north.shop.example }
checks:
  - { name: home, kind: http, to: regions, path: /, every: 10s }
objectives:
  - { id: "on", check: home, indicator: availability, target: 99.9%, window: 90s, drills: apart, bursts: 1m }
  - { id: slices.home, check: home, indicator: availability, target: 99%, ${monthly}, budget: { slices: 5m, good: 95% } }
  - { id: under, check: home, region: north, indicator: { latency-under: 1s }, target: 90%, window: 30d, missing: bad }
  - { id: p95, check: home, indicator: { latency: p95 }, target: 250ms, ${monthly.replace('month', 'week')} }
  - { id: stored, check: home, indicator: residency, target: 99.9%, ${monthly.replace('month', 'quarter')} }
`,
);

async function written(): Promise<string> {
  const { code, stdout } = await command(['generate', 'openslo', '--scenario', scenario]);
  expect(code).toBe(0);
  return stdout;
}

describe.skipIf(!hasOslo)('oslo', () => {
  test('finds nothing wrong with what generate openslo writes, and something with a target of 2', async () => {
    const text = await written();
    expect(ran(oslo, 'validate', '-f', file('ours.yaml', text))).toMatchObject({ status: 0 });
    const wrong = text.replace('target: 0.999', 'target: 2');
    expect(wrong).not.toBe(text);
    expect(ran(oslo, 'validate', '-f', file('wrong.yaml', wrong)).status).not.toBe(0);
  });
});

describe.skipIf(!hasSloth)('Sloth', () => {
  test('takes the files that stand for its own in tests and in docs/openslo.md', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/openslo.md'), 'utf8');
    const [, fromPage = ''] = /```yaml\n# slo\/requests\.yml\n([\s\S]*?)```/.exec(page) ?? [];
    for (const text of [slothFile, fromPage]) {
      expect(text).toContain('prometheus/v1');
      expect(ran(sloth, 'validate', '-i', file('sloth.yml', text))).toMatchObject({ status: 0 });
    }
  });
});

type Query = { readonly metricSource: { readonly spec: { readonly query: string } } };
type Slo = {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly indicator: { readonly spec: { readonly ratioMetric: Record<'good' | 'total', Query> } } };
};

describe.skipIf(!hasPromtool)('the queries of what is written', () => {
  test('give the shares that the objectives are of, whichever way a bound is written', async () => {
    const slos = parseAllDocuments(await written())
      .map((one) => one.toJS())
      .filter(({ kind }) => kind === 'SLO') as Slo[];
    const who = 'check="home",region="north",vantage="a"';
    const counted = (metric: string, more: string, each: number) => ({
      series: `${metric}{${who},${more}}`,
      values: `0+${each}x10`,
    });
    const results = ['good', 'bad', 'missing'].flatMap((outcome, index) => [
      counted('blackstart_probe_results_total', `outcome="${outcome}"`, [95, 5, 7][index] ?? 0),
      counted('blackstart_residency_results_total', `outcome="${outcome}"`, [90, 10, 7][index] ?? 0),
    ]);
    const want: Readonly<Record<string, number>> = {
      on: 0.95,
      'slices-home': 0.95,
      under: 0.94,
      p95: 80 / 95,
      stored: 0.9,
    };
    const exprs = slos.map(({ metadata: { name }, spec }) => {
      const { good, total } = spec.indicator.spec.ratioMetric;
      const expr = `${good.metricSource.spec.query} / ${total.metricSource.spec.query}`;
      return { expr, eval_time: '10m', exp_samples: [{ labels: '{}', value: want[name] ?? -1 }] };
    });
    expect(exprs).toHaveLength(Object.keys(want).length);
    const tests = ['1', '1.0'].map((one) => ({
      interval: '1m',
      input_series: [
        ...results,
        counted('blackstart_probe_duration_seconds_bucket', 'le="0.25"', 80),
        counted('blackstart_probe_duration_seconds_bucket', `le="${one}"`, 94),
        counted('blackstart_probe_duration_seconds_bucket', 'le="+Inf"', 95),
        counted('blackstart_probe_duration_seconds_count', 'target="shop"', 95),
      ],
      promql_expr_test: exprs,
    }));
    const found = ran(
      'promtool',
      'test',
      'rules',
      file('test.yaml', stringify({ rule_files: [], evaluation_interval: '1m', tests })),
    );
    expect(found).toMatchObject({ status: 0 });
  });
});
