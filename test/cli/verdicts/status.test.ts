import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ExplainedAnswer } from '../../../contract/api.ts';
import type { Objective } from '../../../contract/objective.ts';
import { aggregator, atEnd, bad, clock, result, sendResults, welcomed } from '../../aggregator/harness.ts';
import { command } from '../../fakes/command-line.ts';

const home: Objective = {
  id: 'up',
  check: 'home',
  region: 'us-east-1',
  from: 'own',
  indicator: { kind: 'availability', target: 0.9 },
  windowMs: 3_600_000,
};
const objectives: readonly Objective[] = [
  home,
  { ...home, id: 'fast', indicator: { kind: 'latency', quantile: 0.5, targetMs: 10 } },
  { ...home, id: 'unasked', region: 'eu-west-1' },
];

/** An aggregator with sixty good results of the last seconds, made `agoMs` ago. */
async function watched(results = 60, agoMs = 0) {
  const { url } = await aggregator({ objectives });
  const agent = await welcomed(url);
  const startMs = clock.nowMs() - agoMs;
  const all = Array.from({ length: results }, (_, index) => result(index + 1, { startMs, round: 0 }));
  await sendResults(agent, all);
  return { url, agent, at: `--aggregator=${url}` };
}

describe('status', () => {
  test('shows all objectives, the worst first, and exits with the worst', async () => {
    const { at } = await watched();
    const { code, stdout } = await command(['status', at]);
    expect(code).toBe(1);
    const lines = stdout.split('\n').filter((line) => /^(pass|fail|inconclusive)/.test(line));
    expect(lines.map((line) => line.split(/\s+/).slice(0, 4).join(' '))).toEqual([
      'fail fast 20 ms',
      'inconclusive unasked - ≥',
      'pass up 100.00 %',
    ]);
    expect(stdout).toContain('p50 of 60 samples is 20 ms');
    expect(stdout).toContain('1 fail, 1 inconclusive, 1 pass, as of ');
    const json = await command(['status', at, '--json']);
    const { verdicts } = JSON.parse(json.stdout) as { verdicts: readonly { id: string; indicator: string }[] };
    expect(verdicts.map(({ id, indicator }) => [id, indicator])).toEqual([
      ['fast', 'latency'],
      ['unasked', 'availability'],
      ['up', 'availability'],
    ]);
  });

  test('of one objective says why, with its slices', async () => {
    const { at, agent } = await watched(30);
    const later = Array.from({ length: 60 }, (_, index) => bad(31 + index));
    await sendResults(agent, later);
    const { code, stdout } = await command(['status', 'up', at]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^up {2}fail so far\n {2}33\.33 % of 90 samples good, /);
    expect(stdout).toMatch(/ {2}window \S+Z to \S+Z, 60\.0 min\n {2}budget 6\.0 min: /);
    expect(stdout).toContain('bad 60');
    expect(stdout).toContain('!');
    const json = await command(['status', 'up', at, '--json']);
    const answer = JSON.parse(json.stdout) as ExplainedAnswer;
    expect(answer.slices.reduce((sum, slice) => sum + slice.bad, 0)).toBe(60);
    expect(answer).toMatchObject({ everyMs: 1_000, indicator: 'availability' });
    expect(answer.window.toMs - answer.window.fromMs).toBe(3_600_000);
  });

  test('is of a past moment, and of another window', async () => {
    const { at } = await watched(60, 600_000);
    const before = clock.nowMs() - 900_000;
    expect((await command(['status', 'up', at, `--at=${Math.floor(before)}`])).code).toBe(3);
    const { stdout, code } = await command(['status', 'up', at, '--since=5m', '--json']);
    expect(code).toBe(3);
    const { n, window } = JSON.parse(stdout) as ExplainedAnswer;
    expect(n).toBe(0);
    expect(window.toMs - window.fromMs).toBeGreaterThan(290_000 - 1);
    expect(window.toMs - window.fromMs).toBeLessThanOrEqual(300_000);
    // What was well ten minutes ago is not vouched for now; as of then it is.
    expect((await command(['status', 'up', at, '--since=20m'])).code).toBe(3);
    expect((await command(['status', 'up', at, `--at=${Math.floor(clock.nowMs() - 580_000)}`])).code).toBe(0);
  });

  test('takes no pass that is in doubt, neither in the list nor of one, as gate does', async () => {
    const { url } = await aggregator({ objectives: [home] });
    const agent = await welcomed(url);
    // Two hundred that came and said nothing, beside a hundred that were good.
    const lost = { outcome: 'missing', missing: 'bad-sample' } as const;
    const all = Array.from({ length: 300 }, (_, index) => result(index + 1, index % 3 === 0 ? {} : lost));
    await sendResults(agent, all);
    const target = `--aggregator=${url}`;
    const list = await command(['status', target]);
    expect(list.stdout).toMatch(/inconclusive +up/);
    expect(list.stdout).toContain('1 inconclusive, 0 pass');
    expect(list.stdout).toMatch(
      /\d+ of \d+ expected results did not come, want more than half; 100\.00 % of 100 samples/,
    );
    const codes = [list.code];
    for (const argv of [
      ['status', 'up'],
      ['gate', '--objective=up'],
    ]) {
      const { code, stdout } = await command([...argv, target]);
      expect(stdout).toMatch(/\d+ of \d+ expected results did not come/);
      codes.push(code);
    }
    expect(codes).toEqual([3, 3, 3]);
  });

  test('of nothing is not well', async () => {
    const { url } = await aggregator();
    const { code, stdout } = await command(['status', `--aggregator=${url}`]);
    expect([code, stdout]).toEqual([
      3,
      'no objectives: nothing is judged (objectives in a scenario say what good is)\n',
    ]);
  });

  test('tells which objectives of a scenario the aggregator does not have', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'blackstart-status-'));
    atEnd(() => rmSync(dir, { recursive: true, force: true }));
    const file = join(dir, 'shop.yaml');
    const objective = (id: string) =>
      `  - { id: ${id}, check: home, indicator: availability, target: 99%, window: 1d }\n`;
    writeFileSync(
      file,
      `service: shop\nentry: { api: https://shop.example }\nchecks:\n  - { name: home, kind: http, to: entry.api, every: 10s }\nobjectives:\n${objective('up')}${objective('new')}`,
    );
    const { at } = await watched();
    const { code, stdout } = await command(['status', at, `--scenario=${file}`]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/inconclusive +new .*\n +the aggregator has no objective of that id/);
    expect(stdout).not.toContain('fast');
    const gate = await command(['gate', at, `--scenario=${file}`, '--objective=fast']);
    expect([gate.code, gate.stderr]).toEqual([2, `objective: got "fast", want one of up, new (${file})\n`]);
  });
});

describe('gate', () => {
  test('exits as the last minutes say', async () => {
    const { at, agent } = await watched();
    const good = await command(['gate', at, '--objective=up', '--since=10m']);
    expect(good.code).toBe(0);
    expect(good.stdout).toMatch(/^pass {10}up {2}100\.00 % of 60 samples good, .*Z to .*Z\)\n$/);
    const both = await command(['gate', at, '--objective=up,fast', '--json']);
    expect(both.code).toBe(1);
    expect(JSON.parse(both.stdout)).toMatchObject({ status: 'fail', objectives: [{ id: 'fast' }, { id: 'up' }] });
    expect((await command(['gate', at, '--objective=fast', '--target=300ms'])).code).toBe(0);
    expect((await command(['gate', at, '--objective=up', '--target=99.9%'])).code).toBe(3);
    await sendResults(
      agent,
      Array.from({ length: 60 }, (_, index) => bad(61 + index)),
    );
    expect((await command(['gate', at, '--objective=up'])).code).toBe(1);
  });

  test('is never green on silence', async () => {
    const { at } = await watched(60, 120_000);
    const { code, stdout } = await command(['gate', at, '--objective=up']);
    expect(code).toBe(3);
    expect(stdout).toContain('none of 1 vantages contributes now, want 1 or more');
    expect((await command(['gate', at, '--objective=unasked'])).code).toBe(3);
    // Nor is the list of all: it says the same of each.
    const all = await command(['status', at, '--json']);
    const { verdicts } = JSON.parse(all.stdout) as { verdicts: readonly { id: string; status: string }[] };
    expect(verdicts.find(({ id }) => id === 'up')?.status).toBe('inconclusive');
  });

  test('is never green on an aggregator that is dead, and asks the next of several', async () => {
    const { url } = await watched();
    const dead = await command(['gate', '--aggregator=http://127.0.0.1:9', '--objective=up']);
    expect(dead.code).toBe(3);
    expect(dead.stdout).toMatch(/^inconclusive {2}up {2}aggregator http:\/\/127\.0\.0\.1:9 cannot be reached: /);
    expect((await command(['gate', `--aggregator=http://127.0.0.1:9,${url}`, '--objective=up'])).code).toBe(0);
  });

  test('refuses what cannot be asked', async () => {
    const { at } = await watched(1);
    const wrong: readonly (readonly [string, RegExp])[] = [
      ['--objective=nosuch', /^objective: got "nosuch", want one of up, fast, unasked\n$/],
      ['--objective=up --target=300ms', /target: got "300ms", want a share over 0% and under 100%/],
      ['--objective=fast --target=95%', /target: got "95%", want a duration/],
      ['--objective=up --since=900d', /since: got "900d", want at least 10s before at, and at most 7d ago/],
    ];
    for (const [argv, said] of wrong) {
      const { code, stderr } = await command(['gate', at, ...argv.split(' ')]);
      expect(stderr).toMatch(said);
      expect(code).toBe(2);
    }
  });
});
