import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { command, linesOf } from '../fakes/command-line.ts';
import { workshop } from './workshop.ts';

const shop = workshop();
const scenario = shop.file(
  'shop.yaml',
  `service: shop
entry: { api: https://shop.example }
regions:
  north:
    jurisdiction: EU
    share: 100
    endpoint: https://north.shop.example
    metrics: { url: https://north.shop.example/metrics, keep: [shop_errors_total, shop_requests_total] }
checks:
  - { name: home, kind: http, to: regions, path: /, every: 10s }
  - { name: geo, kind: dns, hostname: shop.example, every: 30s }
objectives:
  - { id: availability, check: home, indicator: availability, target: 99.9%, window: 1d }
metrics: { prefix: shop }
`,
);
const files = [
  'dashboards/blackstart-fleet-shop.json',
  'dashboards/blackstart-drill-shop.json',
  'provisioning/datasources/blackstart.yaml',
  'provisioning/dashboards/blackstart.yaml',
];

const tooShort = 'no alerts, a window of 1d is too short for burn rates';

test('generate dashboards writes both dashboards and what provisions them', async () => {
  const out = join(shop.dir, 'grafana');
  const argv = ['generate', 'dashboards', '--scenario', scenario, '--out', out];
  const said = await command([
    ...argv,
    '--prometheus',
    'http://prometheus.internal:9090',
    '--aggregator=https://b.example',
  ]);
  expect(said).toMatchObject({ code: 0, stderr: '' });
  expect(linesOf(said.stdout)).toEqual(files.map((file) => join(out, file)));
  const [fleet = '', drill = '', sources = '', providers = ''] = files.map((file) =>
    readFileSync(join(out, file), 'utf8'),
  );
  for (const text of ['shop_region_health', 'check=~\\"geo\\"', 'blackstart_slo_status', 'https://b.example/'])
    expect(fleet).toContain(text);
  expect(drill).toContain('rate(shop_requests_total[');
  expect(parse(sources)).toMatchObject({
    apiVersion: 1,
    datasources: [{ type: 'prometheus', url: 'http://prometheus.internal:9090/', uid: 'blackstart-prometheus' }],
  });
  expect(parse(providers)).toMatchObject({
    apiVersion: 1,
    providers: [{ type: 'file', options: { path: '/var/lib/grafana/dashboards/blackstart' } }],
  });
});

test('generate dashboards --json says in one document what was written, and again the same bytes', async () => {
  const [first, second] = ['first', 'second'].map((name) => join(shop.dir, name));
  for (const out of [first ?? '', second ?? '']) {
    const said = await command(['generate', 'dashboards', '--scenario', scenario, '--out', out, '--json']);
    expect(JSON.parse(said.stdout)).toEqual({ out, files });
  }
  const contents = (dir = ''): readonly string[] =>
    readdirSync(dir, { recursive: true, encoding: 'utf8' })
      .toSorted()
      .map((path) => join(dir, path))
      .filter((path) => statSync(path).isFile())
      .map((path) => readFileSync(path, 'utf8'));
  expect(contents(second)).toEqual(contents(first));
});

test('generate dashboards of a scenario with mistakes says them and writes nothing', async () => {
  const out = join(shop.dir, 'nothing');
  const wrong = shop.file('wrong.yaml', 'service: shop\n');
  const said = await command(['generate', 'dashboards', '--scenario', wrong, '--out', out]);
  expect(said.code).toBe(2);
  expect(said.stderr).toContain('wrong.yaml:1:1 entry: got no entry name');
  expect(existsSync(out)).toBe(false);
});

test('generate rules writes rules, their tests and a route, and says what there are none for', async () => {
  const out = join(shop.dir, 'prometheus');
  const argv = ['generate', 'rules', '--scenario', scenario, '--out', out];
  const written = ['blackstart-shop.rules.yaml', 'blackstart-shop_test.yaml', 'alertmanager.yaml'];
  const where = ['--runbooks=https://wiki.example', '--aggregator=https://b.example:9400', '--job', 'shop'];
  const said = await command([...argv, ...where]);
  expect(said).toMatchObject({ code: 0, stderr: `availability: ${tooShort}\n` });
  expect(linesOf(said.stdout)).toEqual(written.map((file) => join(out, file)));
  const [rules = '', tests = '', routes = ''] = written.map((file) => readFileSync(join(out, file), 'utf8'));
  for (const text of [
    'shop_region_health{region=~"north",job="shop"}',
    'https://wiki.example/region-down.md',
    'aggregator_url: https://b.example:9400/\n',
  ])
    expect(rules).toContain(text);
  expect(parse(tests)).toMatchObject({ rule_files: [written[0]] });
  expect(parse(routes)).toMatchObject({ route: { receiver: 'blackstart-ticket' } });
  const json = await command([...argv, '--json']);
  expect(JSON.parse(json.stdout)).toEqual({
    out,
    files: written,
    without: [{ id: 'availability', because: tooShort }],
  });
});

test('a page of runbooks cannot be put behind ? and #', async () => {
  for (const url of ['https://wiki.example/?x=1', 'https://wiki.example/#pages']) {
    const said = await command(['generate', 'rules', '--scenario=none.yaml', '--out=none', `--runbooks=${url}`]);
    expect([said.code, said.stdout]).toEqual([2, '']);
    expect(said.stderr).toContain(`--runbooks: got "${url}", want a URL without ? and #`);
  }
});
