/** A drill of the lab under load: k6 asks at the lab's resolver, as the region's users do, and the report tells of it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DrillPhase, DrillReport } from '../../../contract/drill.ts';
import type { LoadFacts } from '../../../contract/load.ts';
import type { Ran } from '../../fakes/program.ts';
import { type KeptLab, keepLab, operatorEnvironment } from '../../lab/kept-lab.ts';
import { commandsOf, processesOf, removePlace, startAt } from '../../lab/place.ts';
import { bounded } from '../../lab/waiting.ts';
import { k6Program } from './program.ts';

const region = 'us-east-1';
const drillName = 'lose-us-east-1';
const drillLimitMs = 120_000;
const k6 = k6Program();

type Document = DrillReport & { readonly evidence: string };
type Scenario = { readonly drills: readonly { readonly name: string }[] };

/** Where the region's users ask from. */
function sourceAddress(lab: KeptLab): string {
  const agent = commandsOf(lab.place).find(({ name }) => name === `agent-${region}`);
  return agent?.argv[agent.argv.indexOf('--source-address') + 1] ?? '';
}

/** The world's own scenario, with a load. */
function scenarioUnderLoad(lab: KeptLab): string {
  const { place, world } = lab;
  const scenario = JSON.parse(readFileSync(world.scenario, 'utf8')) as Scenario;
  const load = {
    ...{ script: 'steady.ts', entry: 'api', path: '/v1/ping', users: 20, rate: '12/s' },
    ...{ env: { REQUEST_TIMEOUT: '1s' }, thresholds: { http_req_failed: 'rate<0.99' } },
    ...{ resolver: world.resolvers[region], ca: world.caFile, sourceAddress: sourceAddress(lab) },
  };
  const file = join(place.dir, 'under-load.json');
  const drills = scenario.drills.map((drill) => (drill.name === drillName ? { ...drill, load } : drill));
  writeFileSync(file, JSON.stringify({ ...scenario, drills }));
  return file;
}

describe.skipIf(k6 === null)('a drill under load', () => {
  let lab: KeptLab;
  let ran: Ran;
  let drill: Document;
  beforeAll(async () => {
    lab = await keepLab(31);
    const { place, world, tokenFile } = lab;
    const fleet = ['--aggregator', world.aggregator.url, '--token-file', tokenFile, '--kubeconfig', world.kubeconfig];
    const where = ['--scenario', scenarioUnderLoad(lab), '--evidence', join(place.dir, 'evidence'), '--json'];
    const env = { ...operatorEnvironment(world), K6_BIN: k6 ?? '' };
    ran = await bounded(
      drillLimitMs,
      'the drill',
      startAt(place, ['drill', 'run', drillName, ...where, ...fleet], env).ended,
    );
    drill = JSON.parse(ran.stdout) as Document;
  }, 240_000);
  afterAll(async () => {
    await lab.stop();
    expect(processesOf(lab.place)).toEqual([]);
    removePlace(lab.place);
  });

  const requests = (phases: readonly DrillPhase[], users: string, what: 'requests' | 'failed'): number =>
    (drill.load?.phases ?? [])
      .filter((one) => phases.includes(one.phase) && one.users === users)
      .reduce((sum, one) => sum + one[what], 0);

  test('ends with its load, which was asked to end and left its summary', () => {
    // On a busy machine a limit may be missed; that it began and was restored is what matters here.
    expect([0, 1, 3], `${ran.stdout}${ran.stderr}`).toContain(ran.code);
    expect(drill.restored).toBe(true);
    expect(drill.load, ran.stderr).toMatchObject({ script: 'steady.ts', exitCode: 105, ended: 'asked', thrown: 0 });
    expect(drill.load?.verdict.status, drill.load?.verdict.because).toBe('pass');
    expect(drill.load?.summary?.thresholds).toEqual([
      { metric: 'http_req_failed', expression: 'rate<0.99', held: true },
    ]);
    expect(processesOf(lab.place).filter((line) => line.includes('steady.ts'))).toEqual([]);
  });

  test('shows fresh and pooled users served before, failing while the region is dark, and served again', () => {
    for (const users of ['fresh', 'pooled']) {
      expect(requests(['baseline'], users, 'requests')).toBeGreaterThan(0);
      expect(requests(['baseline'], users, 'failed')).toBe(0);
      const after = requests(['holding', 'restoring', 'failing-back'], users, 'requests');
      expect(after - requests(['holding', 'restoring', 'failing-back'], users, 'failed')).toBeGreaterThan(0);
    }
    expect(requests(['injecting', 'failing-over'], 'fresh', 'failed')).toBeGreaterThan(0);
  });

  test('keeps the load in its evidence, from which it is judged the same', async () => {
    const facts = JSON.parse(readFileSync(join(drill.evidence, 'load.json'), 'utf8')) as LoadFacts;
    expect(facts.buckets.reduce((sum, bucket) => sum + bucket.requests, 0)).toBeGreaterThan(0);
    expect(readFileSync(join(drill.evidence, 'report.html'), 'utf8')).toContain('Requests and failures over time');
    expect(readFileSync(join(drill.evidence, 'report.md'), 'utf8')).toContain('## Load: pass');
    const judged = await startAt(lab.place, ['drill', 'judge', drill.evidence, '--json']).ended;
    expect((JSON.parse(judged.stdout) as DrillReport).load).toEqual(drill.load);
  });

  test('leaves nothing in the temporary folder', () => {
    expect(readdirSync(lab.place.tmpDir).filter((name) => name.startsWith('blackstart-load-'))).toEqual([]);
  });
});
