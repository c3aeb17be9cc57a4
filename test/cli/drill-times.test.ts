/** `drill run --times` and `drill trend` as commands: what they print, when they end, and how. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Outcome } from '../../chaos/run.ts';
import { repeated } from '../../cli/drill/run.ts';
import type { DrillReport } from '../../contract/drill.ts';
import { aggregator, post } from '../aggregator/harness.ts';
import { shopWith } from '../docs/drill-keys.ts';
import { command, spokenTo } from '../fakes/command-line.ts';
import { drillReport, entryReport } from '../fakes/drill-report.ts';
import { workshop } from './workshop.ts';

const shop = workshop();
const dayMs = 86_400_000;
const name = 'lose-us';

/** The drill of a day, whose first good answer came after so long. */
function drillOf(day: number, firstGoodMs: number, more: Partial<DrillReport> = {}): DrillReport {
  const entry = entryReport('api', 'eu-west-1', ['eu-west-1']);
  const bounds = { lowerMs: firstGoodMs - 100, upperMs: firstGoodMs + 100 };
  const failover = { ...entry.failover, stages: { 'eu-west-1': { fresh: { 'first-good': bounds } } } };
  return { ...drillReport(name, day * dayMs, [{ ...entry, failover }]), id: `d${day}`, ...more };
}

/** An evidence directory with a folder a drill. */
function evidenceOf(reports: readonly DrillReport[]): string {
  const dir = join(shop.dir, `drills-${Math.max(0, ...reports.map(({ startedMs }) => startedMs))}-${reports.length}`);
  for (const report of reports) {
    mkdirSync(join(dir, report.id), { recursive: true });
    writeFileSync(join(dir, report.id, 'verdict.json'), JSON.stringify({ exit: 0, report }));
  }
  return dir;
}

describe('drill trend', () => {
  const usual = [4_000, 4_100, 4_300, 4_200, 4_250, 4_150].map((ms, day) => drillOf(day, ms));

  test('shows the median of each stage from the evidence, and passes where the last drill is like the others', async () => {
    const dir = evidenceOf(usual);
    mkdirSync(join(dir, 'unfinished'));
    mkdirSync(join(dir, 'broken'));
    writeFileSync(join(dir, 'broken', 'verdict.json'), '{');
    const { code, stdout } = await command(['drill', 'trend', name, '--evidence', dir]);
    expect([code, stdout.split('\n')[0]]).toEqual([0, 'lose-us: 6 drills, 6 pass, 0 fail, 0 inconclusive']);
    expect(stdout).toMatch(/failover first-good api +6 +4\.1\d s +4\.00 s to 4\.30 s/);
    const json = await command(['drill', 'trend', name, '--evidence', dir, '--json']);
    const { drills } = JSON.parse(json.stdout) as { drills: readonly { id: string }[] };
    expect(drills.map(({ id }) => id)).toEqual(['d0', 'd1', 'd2', 'd3', 'd4', 'd5']);
  });

  test('fails where the last drill was slower than each before it, which the aggregator alone may know', async () => {
    const dir = evidenceOf(usual.slice(0, 5));
    const { url } = await aggregator();
    const argv = ['drill', 'trend', name, '--evidence', dir, '--aggregator', url];
    expect((await command(argv)).code).toBe(0);
    expect((await post(url, '/api/v1/drills', drillOf(9, 6_000))).status).toBe(201);
    const { code, stdout } = await command(argv);
    expect([code, stdout.split('\n')[0]]).toEqual([1, 'lose-us: 6 drills, 6 pass, 0 fail, 0 inconclusive']);
    expect(stdout).toContain(
      'finding: failover first-good api took 5.90 s to 6.10 s in the last drill, slower than in each of the 5 before',
    );
  });

  test('is inconclusive where no drill took anything away, and says which drills there are', async () => {
    const dir = evidenceOf([drillOf(20, 4_000, { t0: null })]);
    const none = await command(['drill', 'trend', name, '--evidence', dir]);
    expect([none.code, none.stdout]).toEqual([3, 'lose-us: no drill of that name has taken anything away\n']);
    const other = await command(['drill', 'trend', 'lose-eu', '--evidence', dir]);
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('want one of lose-us')]);
  });
});

function outcome(day: number, exit: Outcome['exit'], more: Partial<DrillReport> = {}): Outcome {
  return { report: drillOf(day, 4_000 + day * 10, more), exit, refusals: [], evidence: null, html: null };
}

/** Runs drills that come out so, and what the command then says. */
async function times(asked: number, outcomes: readonly Outcome[], json = false) {
  const { io, text } = spokenTo();
  const left = [...outcomes];
  const once = async (): Promise<Outcome> => {
    const next = left.shift();
    if (next === undefined) throw new Error('one drill more than there may be');
    return next;
  };
  const code = await repeated({ name, times: asked, once }, { evidence: shop.dir, json }, io);
  return { code, ...text, left: left.length };
}

describe('drill run --times', () => {
  test('runs so many, and shows each and all of them together', async () => {
    const all = [0, 1, 2, 3, 4, 5].map((day) => outcome(day, 0));
    const { code, stdout, left } = await times(6, all);
    expect({ code, left }).toEqual({ code: 0, left: 0 });
    expect(stdout.match(/^pass: all held$/gm)).toHaveLength(6);
    expect(stdout).toMatch(/^lose-us: 6 drills, 6 pass, 0 fail, 0 inconclusive\n/m);
    expect(stdout).not.toContain('ended after');
  });

  test('goes on after one that fails, and exits with the worst', async () => {
    const failed = outcome(1, 1, { verdict: { status: 'fail', because: 'too late' } });
    const { code, stdout } = await times(3, [outcome(0, 0), failed, outcome(2, 0)], true);
    const said = JSON.parse(stdout) as { asked: number; drills: readonly { id: string; exit: number }[] };
    expect([code, said.asked]).toEqual([1, 3]);
    expect(said.drills.map(({ id, exit }) => [id, exit])).toEqual([
      ['d0', 0],
      ['d1', 1],
      ['d2', 0],
    ]);
  });

  test.each([
    ['is not restored', outcome(1, 5, { restored: false })],
    ['was refused', outcome(1, 4, { t0: null })],
    ['was interrupted', outcome(1, 130)],
    ['ended before it took anything away', outcome(1, 3, { t0: null })],
  ] as const)('runs no more after one that %s', async (_, last) => {
    const { code, stdout, left } = await times(4, [outcome(0, 0), last, outcome(2, 0)]);
    expect({ code, left }).toEqual({ code: last.exit, left: 1 });
    expect(stdout).toContain('ended after 2 of 4 drills\n');
  });

  test.each(['0', '101', 'two'])('refuses to run %s before it asks anybody', async (count) => {
    const drills = [
      {
        name,
        fault: { 'scale-to-zero': 'us-east-1' },
        expect: [{ entry: 'shop', servedBy: ['eu-west-1'], within: '60s' }],
      },
    ];
    const file = shop.file('shop.yaml', stringify(shopWith({ drills })));
    const argv = ['drill', 'run', name, '--scenario', file, '--aggregator', 'http://127.0.0.1:1', '--times', count];
    const { code, stderr } = await command([...argv, '--evidence', join(shop.dir, 'never')]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--times')]);
  });
});

test('drill recover mends though it finds no secret of those who are to be told, and says so', async () => {
  const none = { 'us-east-1': null, 'eu-west-1': null };
  const { regions, ...rest } = shopWith({ notify: [{ slack: { url: { env: 'NOT_SET' } } }] }) as {
    regions: Record<keyof typeof none, { kubernetes?: unknown }>;
  };
  for (const region of Object.values(regions)) delete region.kubernetes;
  const file = shop.file('told.yaml', stringify({ ...rest, regions }));
  const { code, stdout } = await command([
    'drill',
    'recover',
    '--scenario',
    file,
    '--evidence',
    join(shop.dir, 'none'),
  ]);
  expect([code, stdout.trimEnd().split('\n').at(-1)]).toEqual([0, 'nothing is open']);
  expect(stdout).toMatch(/^nobody is told: .*notify\[0\]\.slack\.url: got "NOT_SET"/m);
});
