import { describe, expect, test } from 'vitest';
import type { LintAnswer } from '../../cli/lint/answer.ts';
import { command } from '../fakes/command-line.ts';
import { workshop } from './workshop.ts';

const shop = workshop();

function scenario(name: string, objectives: readonly string[], every = '1m'): string {
  return shop.file(
    `${name}.yaml`,
    `service: shop
entry: { api: https://shop.example }
vantages: [elsewhere]
regions:
  north: { jurisdiction: EU, share: 70, endpoint: https://north.shop.example }
  south: { jurisdiction: EU, share: 30, endpoint: https://south.shop.example }
checks:
  - { name: home, kind: http, to: regions, path: /, every: ${every} }
  - { name: entry, kind: http, to: entry.api, path: /, every: ${every} }
  - { name: inside, kind: http, to: [north], from: north, every: ${every} }
objectives:
${objectives.map((text) => `  - { ${text} }\n`).join('')}`,
  );
}

const availability = 'indicator: availability, target: 99.9%, window: 30d, bursts: 5m';
const sound = scenario('sound', [
  `id: up, check: home, ${availability}`,
  `id: up.north, check: home, region: north, ${availability}`,
  `id: up.south, check: home, region: south, ${availability}`,
  `id: entry, check: entry, ${availability}`,
]);

async function linted(file: string, ...more: readonly string[]): Promise<LintAnswer & { readonly code: number }> {
  const said = await command(['lint', '--scenario', file, '--json', ...more]);
  expect(said.stderr).toBe('');
  return { ...(JSON.parse(said.stdout) as LintAnswer), code: said.code };
}

describe('lint', () => {
  test('says of each objective what its numbers come to, and exits with 0', async () => {
    const said = await command(['lint', '--scenario', sound]);
    expect(said).toMatchObject({ code: 0, stderr: '' });
    expect(said.stdout).toContain('up: 6 probes a minute, 259,200 probes a month\n');
    expect(said.stdout).toContain('    99.9 % of 30 days is 43.2 minutes of failure\n');
    expect(said.stdout).toContain('entry: 3 probes a minute, 129,600 probes a month\n');
  });

  test('exits with 1 when an objective cannot do what it says, and says what to do', async () => {
    const file = scenario(
      'coarse',
      ['id: up, check: inside, indicator: availability, target: 99.99%, window: 30d'],
      '30m',
    );
    const said = await command(['lint', '--scenario', file]);
    expect(said.code).toBe(1);
    expect(said.stdout).toContain('! at one probe every 30 minutes, 30 days cannot tell 99.99 % from 99.9 %');
    expect(said.stdout).toContain('→ every: 1m, or a target of at most 99.74 %');
  });

  test('counts the rounds that count, by the scenario alone', async () => {
    const { objectives, status, code } = await linted(sound);
    expect({ status, code }).toEqual({ status: 'pass', code: 0 });
    expect(objectives.map(({ id, at }) => [id, at[0]?.perRound, at[0]?.vantages, at[0]?.probesPerMonth])).toEqual([
      ['up', 6, 3, 259_200],
      ['up.north', 3, 3, 259_200],
      ['up.south', 3, 3, 259_200],
      ['entry', 3, 3, 129_600],
    ]);
  });

  test('says when nothing will ever count, and when one vantage is alone', async () => {
    const file = scenario('odd', [
      `id: never, check: inside, region: south, ${availability}`,
      `id: alone, check: inside, ${availability}`,
      'id: data, check: home, indicator: residency, target: 99%, window: 30d',
      'id: slow, check: home, indicator: { latency: p95 }, target: 10s, window: 1d',
    ]);
    const { objectives, code } = await linted(file);
    const says = objectives.map(({ at }) => at[0]?.findings.map((one) => one.says).join('\n') ?? '');
    expect(code).toBe(1);
    expect(objectives.map(({ status }) => status)).toEqual(['fail', 'pass', 'fail', 'pass']);
    expect(says[0]).toBe('no round of inside asks south: nothing will ever count');
    expect(says[1]).toContain('it is probed from north alone: a broken vantage cannot be told from a broken target');
    expect(says[2]).toContain('home is no residency check');
    expect(says[3]).toContain('an attempt of home is given up after 10 seconds: none that is good takes longer');
  });

  test('of a scenario without objectives says so', async () => {
    const file = shop.file('bare.yaml', 'service: shop\nentry: { api: https://shop.example }\n');
    expect(await command(['lint', '--scenario', file])).toMatchObject({
      code: 0,
      stdout: 'no objectives: nothing is judged\n',
    });
  });

  test('of a scenario with mistakes says all of them, with their lines, and exits with 2', async () => {
    const file = scenario('wrong', ['id: up, check: hom, indicator: availability, target: 100%, window: 9s']);
    const said = await command(['lint', '--scenario', file]);
    expect(said).toMatchObject({ code: 2, stdout: '' });
    expect(said.stderr).toContain('wrong.yaml:12:');
    expect(said.stderr.trim().split('\n')).toHaveLength(3);
  });
});

describe('lint --incident', () => {
  test('plays it against each objective: when alerts fire, what the budget and the verdict say', async () => {
    const { objectives, incident } = await linted(sound, '--incident', 'rate=1,regions=1,for=20m', '--runs', '20');
    expect(incident).toEqual({ rate: 1, regions: ['north'], forMs: 1_200_000, seed: 1 });
    const [all, north, south] = objectives.map(({ at }) => at[0]?.rehearsal);
    if (!all || !north || 'none' in all || 'none' in north) throw new Error('not played');
    expect(north.pairs[0]).toMatchObject({ pair: { severity: 'page', factor: 14.4 }, chance: 1 });
    expect(north.failed.p50).toBe(60);
    // Of six rounds a minute three ask the region.
    expect(all.left.p50).toBeCloseTo(1 - 20 / 43.2 / 2, 2);
    expect(north.left.p50).toBeCloseTo(1 - 20 / 43.2, 2);
    expect(north.verdicts.inconclusive + north.verdicts.pass).toBe(1);
    expect(south).toEqual({ none: 'the incident is elsewhere: nothing of this fails' });
  });

  test('takes regions by name, and a name that leads to all is answered where it is asked from', async () => {
    const { objectives } = await linted(sound, '--incident', 'rate=1,regions=north+south,for=20m', '--runs', '2');
    const entry = objectives[3]?.at[0]?.rehearsal;
    if (!entry || 'none' in entry) throw new Error('not played');
    // The vantage elsewhere is answered by neither.
    expect(entry.failed.p50).toBe(40);
  });

  test('says it in words, and the same again with the same seed', async () => {
    const argv = ['lint', '--scenario', sound, '--incident=rate=20%,regions=1,for=20m', '--runs=10', '--seed=7'];
    const said = await command(argv);
    expect(said.stdout).toContain('incident: 20 % of the attempts of north fail for 20 minutes (seed 7)\n');
    expect(said.stdout).toMatch(/ {2}page at 14\.4x over an hour +(fires|never)/);
    expect(said.stdout).toMatch(/ {2}budget left +\d/);
    expect(await command(argv)).toEqual(said);
  });

  test('compares intervals side by side, with what each costs', async () => {
    const said = await command([
      'lint',
      '--scenario',
      sound,
      '--incident=rate=1,for=20m',
      '--every=30s,1m,5m',
      '--runs=4',
    ]);
    const rows = said.stdout.split('\n').filter((line) => /^ {2}(30s|1m|5m) /.test(line));
    expect(rows).toHaveLength(12);
    expect(rows[0]).toMatch(/^ {2}30s {4}518,400 {2}after /);
    const { objectives } = await linted(sound, '--every=30s,30s,1m');
    expect(objectives[0]?.at.map(({ everyMs }) => everyMs)).toEqual([30_000, 60_000]);
  });

  test.each([
    ['rate=2,for=20m', '--incident rate: got "2", want the share of attempts that fail, over 0 and up to 1'],
    ['rate=0,for=20m', '--incident rate: got "0"'],
    ['rate=0.2', '--incident for: got nothing, want a duration from 1s to 3d, such as 20m'],
    ['rate=0.2,for=5d', '--incident for: got "5d"'],
    ['for=20m,regions=3', '--incident regions: got "3", want a number from 1 to 2, or names: north+south'],
    ['for=20m,regions=east', '--incident regions: got "east"'],
    ['for=20m,rat=1', '--incident: got "rat=1", want rate, regions and for, such as rate=0.2,regions=1,for=20m'],
    ['for=20m,for=30m', '--incident for: got "30m" a second time, want one value'],
  ])('%s is refused', async (text, mistake) => {
    const said = await command(['lint', '--scenario', sound, '--incident', text]);
    expect(said).toMatchObject({ code: 2, stdout: '' });
    expect(said.stderr).toContain(mistake);
  });

  test('all mistakes of the options are told at once', async () => {
    const said = await command(['lint', '--every=1m,soon', '--runs=0']);
    expect(said.code).toBe(2);
    for (const option of ['--scenario', '--every', '--runs']) expect(said.stderr).toContain(`${option}: got`);
  });
});
