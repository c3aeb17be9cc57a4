import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadScenario } from '../../scenarios/load.ts';

const files = new URL('./files/', import.meta.url).pathname;
let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'blackstart-scenarios-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

async function mistakesOf(path: string): Promise<string[]> {
  return loadScenario(path).then(
    () => [],
    (error: Error) => error.message.replaceAll(`${dir}/`, '').split('\n'),
  );
}

describe('a scenario file', () => {
  test('as the interfaces page has it loads as it is', async () => {
    const scenario = await loadScenario(join(files, 'interfaces.yaml'));
    expect(scenario.inventory['eu-west-1']?.records).toBe('$.records[*]');
    expect(scenario.drills.map(({ name }) => name)).toEqual(['lose-us-east-1']);
    expect(scenario.checks.map(({ name }) => name)).toEqual(['home', 'entry', 'geo']);
  });

  test('in YAML gives each mistake its line and column', async () => {
    const text = [
      'service: shop',
      'entry: { api: shop.example }',
      'regions:',
      '  one: { jurisdiction: EU, endpoint: https://one.example, plase: london }',
      'checks:',
      '  - { name: home, kind: http, to: regions, every: 10 }',
      '  - name: home2',
      '    kind: http',
      '    every: 10s',
      '',
    ].join('\n');
    expect(await mistakesOf(file('bad.yaml', text))).toEqual([
      'bad.yaml:2:10 entry.api: got "shop.example", want a URL that begins with https:// or http://',
      'bad.yaml:4:59 regions.one.plase: got the unknown key "plase", want one of jurisdiction, share, endpoint, place, metrics, kubernetes, whenDark, loadBalancer, aws (nearest: place)',
      'bad.yaml:6:44 checks[0].every: got 10, want a duration with a unit, such as 250ms, 30s, 4m, 1h30m or 30d',
      'bad.yaml:7:5 checks[1].to: got nothing, want one of regions, entry.api, or a list of regions',
    ]);
  });

  test('keeps its columns where a JSON path in braces was read as text', async () => {
    const text = [
      'service: shop',
      'regions: { one: { jurisdiction: EU, endpoint: https://one.example } }',
      'inventory: { one: { http: https://one.example/i, records: $.a[*], country: $.b[*].c, region: 5, other: 6 } }',
    ].join('\n');
    expect(await mistakesOf(file('path.yaml', text))).toEqual([
      'path.yaml:3:97 inventory.one.other: got the unknown key "other", want one of http, records, country, region',
      'path.yaml:3:86 inventory.one.region: got 5, want a path made of $, .name and [*], such as $.records[*]',
    ]);
  });

  test('that is no YAML says where, once', async () => {
    expect(await mistakesOf(file('broken.yaml', 'service: shop\nentry: { api: [\n'))).toEqual([
      expect.stringMatching(/^broken\.yaml:3:1: got the end of the file, want valid YAML \(.+\)$/),
    ]);
  });

  test('with a key twice says where the second one is', async () => {
    expect(await mistakesOf(file('twice.yaml', 'service: shop\nservice: shop\n'))).toEqual([
      'twice.yaml:2:1: got "service: shop", want each key once',
    ]);
  });

  test('in JSON has lines and columns too', async () => {
    expect(
      await mistakesOf(file('bad.json', '{\n  "service": 5,\n  "entry": { "api": "https://api.example" }\n}')),
    ).toEqual(['bad.json:2:3 service: got 5, want a name of letters, digits, dots, dashes and underscores']);
  });

  test('in TypeScript is the export scenario, and its mistakes carry the key path', async () => {
    const good = file(
      'good.ts',
      "export const scenario = { service: 'shop', entry: { api: 'https://api.example' } };\n",
    );
    expect((await loadScenario(good)).entry).toEqual({ api: 'https://api.example' });
    expect(
      await mistakesOf(file('bad.ts', "export const scenario = { service: 'shop', entry: { api: 1 } };\n")),
    ).toEqual(['bad.ts entry.api: got 1, want a URL that begins with https:// or http://']);
    expect(await mistakesOf(file('none.ts', 'export const other = 1;\n'))).toEqual([
      'none.ts: got no export of that name, want export const scenario = …',
    ]);
    expect(await mistakesOf(file('throws.ts', "throw new Error('not today');\n"))).toEqual([
      'throws.ts: got not today, want a module that loads',
    ]);
  });

  test('that is not there, or of no known kind, is a mistake like any other', async () => {
    expect(await mistakesOf(join(dir, 'nowhere.yaml'))).toEqual([
      'nowhere.yaml: got no such file, want a scenario that can be read',
    ]);
    expect(await mistakesOf(join(dir, 'scenario.toml'))).toEqual([
      'scenario.toml: got a file named *.toml, want a .yaml, .yml, .json or .ts file',
    ]);
    expect(await mistakesOf(file('empty.yaml', ''))).toEqual([
      'empty.yaml:1:1: got nothing, want a mapping with service, entry and regions',
    ]);
  });
});
