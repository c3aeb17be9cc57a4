import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { command, linesOf } from '../fakes/command-line.ts';

const dir = mkdtempSync(join(tmpdir(), 'blackstart-cli-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const yaml = join(dir, 'bad.yaml');
writeFileSync(
  yaml,
  `service: demo
entry: { api: nonsense }
regions:
  here: { jurisdiction: US, share: 100, endpoint: http://127.0.0.1:8123 }
checks:
  - { name: home, kind: htp, to: regions, path: /, every: 10s }
  - { name: next, kind: http, to: nowhere, path: /, every: 10, timeot: 500ms }
`,
);

const good = join(dir, 'good.yaml');
writeFileSync(
  good,
  `service: demo
entry: { api: http://127.0.0.1:8123 }
regions:
  here: { jurisdiction: US, share: 60, endpoint: http://127.0.0.1:8123, kubernetes: { context: here, namespace: default, workloads: [deployment/web] } }
  there: { jurisdiction: US, share: 40, endpoint: http://127.0.0.1:8124 }
checks:
  - { name: home, kind: http, to: regions, path: /, every: 10s }
drills:
  - { name: lose-here, fault: { scale-to-zero: here }, expect: [{ entry: api, servedBy: [there], within: 4m, failback: 4m }], burst: { every: 250ms, for: 10m }, lease: 30s }
  - { name: lose-here-again, fault: { scale-to-zero: here }, expect: [{ entry: api, servedBy: [there], within: 4m, failback: 4m }], burst: { every: 250ms, for: 10m }, lease: 30s }
allow: { contexts: [here], workloads: [deployment/web] }
`,
);

const state = join(dir, 'state');
const nobody = '--aggregator=http://127.0.0.1:9';
const readers: readonly (readonly string[])[] = [
  ['aggregator', '--listen=127.0.0.1:0', `--state=${state}`, '--scenario'],
  ['check', '--all', '--scenario'],
  ['audit', '--user-country=DE', '--scenario'],
  ['drill', 'run', 'lose-here', nobody, '--scenario'],
  ['drill', 'plan', 'lose-here', nobody, '--scenario'],
  ['drill', 'observe', 'lose-here', nobody, '--scenario'],
  ['drill', 'recover', '--scenario'],
  ['drill', 'list', '--scenario'],
  ['drill', 'stop', 'some-id', '--scenario'],
  ['watch'],
];

test.each(readers.map((argv) => [argv.join(' ')]))(
  '%s says every mistake of a scenario with place, value and what is allowed, and starts nothing',
  async (line) => {
    const said = await command([...line.split(' '), yaml]);
    expect(said).toMatchObject({ code: 2, stdout: '' });
    const lines = linesOf(said.stderr);
    const expected = [
      /bad\.yaml:2:\d+ entry\.api: got "nonsense", want a URL that begins with https:\/\/ or http:\/\//,
      /bad\.yaml:6:\d+ checks\[0\]\.kind: got "htp", want one of .*\(nearest: http\)/,
      /bad\.yaml:7:\d+ checks\[1\]\.to: got "nowhere", want one of regions, entry\.api, or a list of regions/,
      /bad\.yaml:7:\d+ checks\[1\]\.every: got 10, want /,
      /bad\.yaml:7:\d+ checks\[1\]\.timeot: got the unknown key "timeot", want one of .*\(nearest: timeout\)/,
    ];
    for (const pattern of expected) expect(lines).toContainEqual(expect.stringMatching(pattern));
    expect(lines).toHaveLength(expected.length);
    expect(existsSync(state)).toBe(false);
  },
);

test('a scenario that is not there, or is no scenario at all, is one sentence', async () => {
  const missing = await command(['check', '--all', '--scenario', join(dir, 'none.yaml')]);
  expect(missing.code).toBe(2);
  expect(linesOf(missing.stderr)).toEqual([expect.stringMatching(/none\.yaml: got no such file, want a scenario/)]);
  const torn = join(dir, 'torn.yaml');
  writeFileSync(torn, 'service: [demo\n');
  const said = await command(['check', '--all', '--scenario', torn]);
  expect(said.code).toBe(2);
  expect(linesOf(said.stderr)[0]).toMatch(/torn\.yaml:\d+:\d+/);
});

test.each([
  ['an alias of nothing', '*nope', /aliased\.yaml:2:13: got the alias \*nope, want an anchor &nope/],
  ['an alias of what it is in', '&w [*w]', /aliased\.yaml:2:17: got the alias \*w, want an alias of something/],
])('%s is a mistake of the user, and no bug, for every command that reads objectives', async (_, value, mistake) => {
  const file = join(dir, 'aliased.yaml');
  writeFileSync(file, `service: demo\nobjectives: ${value}\n`);
  const out = join(dir, 'never');
  for (const argv of [['lint'], ['generate', 'rules', '--out', out], ['generate', 'openslo', '--out', out]]) {
    const said = await command([...argv, '--scenario', file]);
    expect(said).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(mistake) });
  }
  const imported = await command(['generate', 'objectives', file]);
  expect(imported).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(mistake) });
  expect(existsSync(out)).toBe(false);
});

test('drill run without a name lists the drills and exits 2', async () => {
  const said = await command(['drill', 'run', '--scenario', good, nobody]);
  expect(said).toMatchObject({ code: 2, stderr: 'NAME: got nothing, want one of lose-here, lose-here-again\n' });
});

test('a drill that the scenario does not have exits 2 and lists those it has', async () => {
  for (const act of ['run', 'plan', 'observe']) {
    const said = await command(['drill', act, 'nosuch', '--scenario', good, nobody]);
    expect(said).toMatchObject({ code: 2, stderr: 'NAME: got "nosuch", want one of lose-here, lose-here-again\n' });
  }
});

test('a check that the scenario does not have exits 2 and lists those it has', async () => {
  const said = await command(['check', 'nosuch', '--scenario', good]);
  expect(said.code).toBe(2);
  expect(said.stderr).toMatch(/^url\|name: got "nosuch", want a URL, or one of the scenario's checks: home/);
});
