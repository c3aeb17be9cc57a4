import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadScenario } from '../../scenarios/load.ts';
import { command, linesOf } from '../fakes/command-line.ts';
import { startAggregator, workshop } from './workshop.ts';

const shop = workshop();
const head = `service: shop
entry: { api: https://shop.example }
regions:
  north: { jurisdiction: EU, share: 100, endpoint: https://north.shop.example }
checks:
  - { name: home, kind: http, to: regions, path: /, every: 10s }
`;
const scenario = shop.file(
  'shop.yaml',
  `${head}objectives:
  - { id: up, check: home, indicator: availability, target: 99.9%, calendar: { every: month, timeZone: UTC }, drills: apart }
  - { id: fast.north, check: home, region: north, indicator: { latency: p95 }, target: 250ms, window: 1d }
`,
);
const sloth = shop.file(
  'sloth.yml',
  `version: prometheus/v1
service: shop
slos:
  - name: requests
    objective: 99.9
    sli:
      events:
        error_query: sum(rate(http_requests_total{code=~"5.."}[{{.window}}]))
        total_query: sum(rate(http_requests_total[{{.window}}]))
    alerting: { page_alert: { disable: true }, ticket_alert: { disable: true } }
`,
);

test('generate openslo writes a file that a scenario imports as the same objectives', async () => {
  const out = join(shop.dir, 'slo', 'shop.yaml');
  const said = await command([
    'generate',
    'openslo',
    '--scenario',
    scenario,
    '--out',
    out,
    '--prometheus=http://p:9090',
  ]);
  expect(said).toMatchObject({ code: 0, stdout: `${out}\n` });
  expect(linesOf(said.stderr)).toEqual([
    'up: OpenSLO cannot say drills: apart',
    'fast.north: OpenSLO cannot say from: own',
  ]);
  const text = readFileSync(out, 'utf8');
  expect(text).toContain('startTime: 2024-01-01 00:00:00\n'); // in quotes oslo refuses it
  expect(parseAllDocuments(text)).toHaveLength(4);
  const importing = shop.file('importing.yaml', `${head}imports: [slo/shop.yaml]\n`);
  expect((await loadScenario(importing)).objectives).toEqual((await loadScenario(scenario)).objectives);
});

test('generate openslo says everything in one document with --json, and without --out writes no file', async () => {
  const said = await command(['generate', 'openslo', '--scenario', scenario, '--json']);
  expect(said).toMatchObject({ code: 0, stderr: '' });
  const { out, documents, notes } = JSON.parse(said.stdout);
  expect(out).toBeNull();
  expect(documents.map(({ kind }: { kind: string }) => kind)).toEqual(['Service', 'DataSource', 'SLO', 'SLO']);
  expect(notes).toHaveLength(2);
  const plain = await command(['generate', 'openslo', '--scenario', scenario]);
  expect(parseAllDocuments(plain.stdout).map((one) => one.toJS())).toEqual(documents);
});

test('generate objectives turns files of others into lines of a scenario', async () => {
  const said = await command(['generate', 'objectives', sloth, '--check', 'home', '--scenario', scenario]);
  expect(said.code).toBe(0);
  expect(said.stdout).toBe(
    'objectives:\n  - { id: requests, check: home, indicator: availability, target: 99.9%, window: 30d }\n',
  );
  expect(said.stderr).toContain('sloth.yml:4:5 slos[0].name: its queries are not asked');
  const whole = shop.file('whole.yaml', `${head}${said.stdout}`);
  expect((await loadScenario(whole)).objectives).toMatchObject([{ id: 'requests', windowMs: 30 * 86_400_000 }]);
  const json = await command(['generate', 'objectives', sloth, '--check=home', '--window=28d', '--json']);
  expect(JSON.parse(json.stdout).objectives).toEqual([{ ...parse(said.stdout).objectives[0], window: '28d' }]);
});

test('generate objectives says every mistake with its place, and writes nothing', async () => {
  const torn = shop.file('torn.yml', readFileSync(sloth, 'utf8').replace('99.9', '999'));
  const said = await command(['generate', 'objectives', sloth, '--check=home', '--window=long']);
  expect(said).toMatchObject({ code: 2, stdout: '' });
  expect(linesOf(said.stderr)).toEqual([expect.stringMatching(/^--window: got "long", want a duration/)]);
  const again = await command(['generate', 'objectives', sloth, torn, join(shop.dir, 'none.yml')]);
  expect(again.code).toBe(2);
  expect(linesOf(again.stderr)).toEqual([
    expect.stringMatching(/^FILE: got ".*none\.yml", want a file that can be read \(no such file\)/),
    expect.stringMatching(/torn\.yml:5:5 slos\[0\]\.objective: got 999, want percent/),
    expect.stringMatching(
      /sloth\.yml:8:9 slos\[0\]\.sli\.events\.error_query: got .*http_requests_total is not a metric/,
    ),
  ]);
  const unknown = await command(['generate', 'objectives', sloth, '--check=hom', '--scenario', scenario]);
  expect(unknown.code).toBe(2);
  expect(linesOf(unknown.stderr)).toEqual(['--check: got "hom", want home']);
});

test('a scenario whose import has mistakes is refused before anything is written', async () => {
  const importing = shop.file('bad-import.yaml', `${head}imports: [sloth.yml]\n`);
  const out = join(shop.dir, 'nothing.yaml');
  const said = await command(['generate', 'openslo', '--scenario', importing, '--out', out]);
  expect(said.code).toBe(2);
  expect(said.stderr).toMatch(/sloth\.yml:8:9 /);
  expect(existsSync(out)).toBe(false);
});

test('an aggregator says after its address what imported files say and it does not do', async () => {
  const importing = shop.file('importing-sloth.yaml', `${head}imports: [{ from: sloth.yml, check: home }]\n`);
  const { program, url } = await startAggregator(shop, [`--scenario=${importing}`]);
  const [line] = await program.said(/^.*imported otherwise.*$/m);
  expect(JSON.parse(line)).toMatchObject({
    level: 'warn',
    note: expect.stringContaining('sloth.yml:4:5 slos[0].name'),
  });
  const { verdicts } = (await (await fetch(`${url}/api/v1/verdicts`)).json()) as { verdicts: { id: string }[] };
  expect(verdicts.map(({ id }) => id)).toEqual(['requests']);
});

test('generate objectives refuses an id that two files give, and says the way out', async () => {
  const again = shop.file('again.yml', readFileSync(sloth, 'utf8'));
  const said = await command(['generate', 'objectives', sloth, again, '--check', 'home']);
  expect([said.code, said.stdout]).toEqual([2, '']);
  expect(linesOf(said.stderr)).toEqual([
    expect.stringMatching(
      /again\.yml:4:\d+ .*: got ".*requests" a second time, want an id that no other has: id under as/,
    ),
  ]);
});
