/** Canaries through a whole drill, in simulated time. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { brokenSeals } from '../../../chaos/evidence.ts';
import { readFacts } from '../../../chaos/evidence-facts.ts';
import { reportOf } from '../../../chaos/judge.ts';
import { recover } from '../../../chaos/recover.ts';
import { type Outcome, runDrill } from '../../../chaos/run.ts';
import { seededRandom } from '../../../contract/random.ts';
import type { CanaryPlan } from '../../../scenarios/scenario.ts';
import { type CanaryService, type CanaryServiceOptions, canaryService } from '../../fakes/canary-service.ts';
import { type DrillWorld, deployment, drillWorld, inSimulatedTime, pass } from '../../fakes/drill-world.ts';
import { missing } from '../../fakes/switchboards.ts';
import { canaryPlan } from './plan.ts';

type Sung = { readonly world: DrillWorld; readonly service: CanaryService };
type How = { readonly plan?: Partial<CanaryPlan>; readonly service?: Partial<CanaryServiceOptions> };

async function singing({ plan = {}, service: how = {} }: How = {}): Promise<Sung> {
  const world = await drillWorld({ drill: { canaries: { ...canaryPlan, ...plan }, holdMs: 2_500 } });
  const isUp = (region: string): boolean => region !== 'us-east-1' || world.cluster.ready(deployment) > 0;
  const service = canaryService({
    clock: world.clock,
    regions: ['us-east-1', 'eu-west-1'],
    lagMs: 300,
    isUp,
    entry: () => (isUp('us-east-1') ? 'us-east-1' : 'eu-west-1'),
    ...how,
  });
  return { world, service };
}

function depsOf({ world, service }: Sung): DrillWorld['deps'] {
  return { ...world.deps, canaries: { http: () => service, secret: () => '' } };
}

function run(sung: Sung): Promise<Outcome> {
  return inSimulatedTime(sung.world.clock, runDrill(sung.world.options, depsOf(sung)));
}

function leftIn({ service }: Sung): readonly string[] {
  return [...service.stores.values()].flat();
}

describe('a drill with canaries', () => {
  test('writes to each region and through the entry name, loses what was on its way, and erases all', async () => {
    const sung = await singing();
    const { report, exit } = await run(sung);
    const canaries = report.canaries;
    expect({ exit, because: canaries?.verdict.because }).toMatchObject({ exit: 0 });
    expect(canaries?.verdict.because).toMatch(
      /^canaries: \d+ of \d+ acknowledged writes are missing without us-east-1/,
    );
    expect(report.verdict.because).toContain(canaries?.verdict.because);
    expect(Object.keys(canaries?.stores[0]?.highest ?? {}).toSorted()).toEqual(['entry.api', 'eu-west-1', 'us-east-1']);
    expect(canaries?.atFailover?.span.upperMs).toBeGreaterThan(200);
    expect(canaries?.atFailover?.span.lowerMs).toBeGreaterThanOrEqual(0);
    expect(canaries?.atEnd).toMatchObject({ missing: {}, unknown: {} });
    expect(canaries?.erased).toMatchObject({ proven: true });
    expect(leftIn(sung)).toEqual([]);
  });

  test('keeps each attempt as evidence, sealed, and judges it again to the same', async () => {
    const { report, evidence } = await run(await singing());
    const dir = evidence ?? '';
    expect(await brokenSeals(dir)).toEqual([]);
    const manifest = JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8')) as { files: object };
    expect(Object.keys(manifest.files)).toContain('canaries.jsonl');
    expect(reportOf(await readFacts(dir))).toEqual(report);
    const page = await readFile(join(dir, 'report.html'), 'utf8');
    const markdown = await readFile(join(dir, 'report.md'), 'utf8');
    for (const text of [page, markdown]) expect(text).toContain('Canaries');
  });

  test('fails with the numbers and the span where a region keeps for itself what it takes', async () => {
    const { report, exit } = await run(
      await singing({ service: { replication: (from) => (from === 'us-east-1' ? 'drop' : 'sound') } }),
    );
    expect(exit).toBe(1);
    const { atFailover, verdict } = report.canaries ?? {};
    expect(atFailover?.missing['us-east-1']?.[0]?.[0]).toBe(1);
    expect(atFailover?.span.lowerMs).toBeGreaterThan(canaryPlan.rpoMs);
    expect(verdict?.because).toContain('missing without us-east-1');
  });

  test('tells what is lost for good from what came back with the region', async () => {
    const { report } = await run(await singing({ service: { forgetful: true } }));
    const { atFailover, atEnd } = report.canaries ?? {};
    expect(atFailover?.missing['us-east-1']).toBeDefined();
    expect(atEnd?.missing).toEqual(atFailover?.missing);
  });

  test('fails where replication stores a write twice', async () => {
    const { report, exit } = await run(await singing({ service: { replication: () => 'double' } }));
    expect(exit).toBe(1);
    expect(report.canaries?.verdict.because).toMatch(/in the store of (us-east|eu-west)-1 more than once/);
  });

  test('names the numbers that two sides acknowledged where only one may take writes', async () => {
    const { report, exit } = await run(await singing({ plan: { writers: 'one' } }));
    expect(exit).toBe(1);
    const [split] = report.canaries?.splitBrain ?? [];
    expect(split?.regions).toEqual(['eu-west-1', 'us-east-1']);
    expect(report.canaries?.verdict.because).toContain('split brain: eu-west-1 and us-east-1 both acknowledged 1');
  });

  test('finds no split brain where the other side refuses until it is promoted', async () => {
    const promoted = { world: null as DrillWorld | null };
    const writer = (): string =>
      promoted.world !== null && promoted.world.cluster.ready(deployment) === 0 ? 'eu-west-1' : 'us-east-1';
    const sung = await singing({ plan: { writers: 'one' }, service: { writer, lagMs: 20 } });
    promoted.world = sung.world;
    const { report } = await run(sung);
    expect(report.canaries?.splitBrain).toEqual([]);
    expect(report.canaries?.verdict.status).toBe('pass');
  });
});

/** Two regions without a way between them. With `takeover` each is the writer where it does not reach the other. */
async function parting(takeover: boolean): Promise<Sung> {
  const stays = { entry: 'api', servedBy: ['us-east-1'], withinMs: 8_000, failbackMs: 8_000, residency: null };
  const fault = { kind: 'partition', region: 'us-east-1', from: 'eu-west-1' } as const;
  const plan = { ...canaryPlan, writers: 'one', rpoMs: 30_000 } as const;
  const world = await drillWorld({ drill: { fault, expect: [stays], canaries: plan, holdMs: 2_500 } });
  const isParted = (region: string, other: string): boolean =>
    world.boards.board(region).read(`peers/${other}`)?.setting !== null;
  const areParted = (): boolean => isParted('us-east-1', 'eu-west-1') || isParted('eu-west-1', 'us-east-1');
  const service = canaryService({
    clock: world.clock,
    regions: ['us-east-1', 'eu-west-1'],
    lagMs: 20,
    isUp: () => true,
    entry: () => 'us-east-1',
    areParted,
    writer: () => (takeover && areParted() ? null : 'us-east-1'),
  });
  return { world, service };
}

describe('a drill of a partition with canaries', () => {
  test('loses nothing without takeover, and shows what the other side lacked meanwhile', async () => {
    const sung = await parting(false);
    const { report, exit } = await run(sung);
    const { atFailover, atEnd, splitBrain, erased } = report.canaries ?? {};
    expect({ exit, because: report.verdict.because }).toMatchObject({ exit: 0 });
    expect(atFailover?.missing['one']).toHaveLength(1);
    expect(atFailover?.span.lowerMs).toBeGreaterThan(1_000);
    expect({ atEnd, splitBrain }).toMatchObject({ atEnd: { missing: {}, unknown: {} }, splitBrain: [] });
    expect(erased).toMatchObject({ proven: true });
    expect(leftIn(sung)).toEqual([]);
  });

  test('names the numbers that both sides took where the other takes over', async () => {
    const sung = await parting(true);
    const { report, exit } = await run(sung);
    expect(exit).toBe(1);
    const [split, ...others] = report.canaries?.splitBrain ?? [];
    const [[from, to] = [0, 0]] = split?.numbers ?? [];
    expect(others).toEqual([]);
    expect(from).toBeGreaterThan(1);
    expect(report.canaries?.verdict.because).toContain(`both acknowledged ${from} to ${to}`);
    expect(report.canaries?.erased).toMatchObject({ proven: true });
    expect(leftIn(sung)).toEqual([]);
  });
});

describe('canaries that nobody takes', () => {
  test('keep the drill from injecting, and say what was answered', async () => {
    const { world, service } = await singing({ service: { writer: () => 'nowhere' } });
    const { report, exit } = await run({ world, service });
    expect(exit).toBe(3);
    expect(report.t0).toBeNull();
    expect(report.verdict.because).toContain('no canary was acknowledged');
    expect(report.verdict.because).toContain('409');
    expect(world.cluster.replicas(deployment)).toBe(10);
  });
});

describe('what was written is erased', () => {
  test('also when the drill is interrupted', async () => {
    const sung = await singing();
    const running = runDrill(sung.world.options, depsOf(sung));
    sung.world.onJournal = (entry) => {
      if (entry === 'inject-called') sung.world.interrupt.abort(new Error('Ctrl-C'));
    };
    const { report, exit } = await inSimulatedTime(sung.world.clock, running);
    expect(exit).toBe(130);
    expect(report.canaries?.erased).toMatchObject({ proven: true });
    expect(leftIn(sung)).toEqual([]);
  });

  test('or is a finding that names the ids, and no pass', async () => {
    const sung = await singing();
    sung.service.erasing = 403;
    const { report, exit } = await run(sung);
    expect(exit).toBe(1);
    const left = new Set(leftIn(sung));
    expect(left.size).toBeGreaterThan(10);
    const findings = report.findings.filter((text) => text.startsWith('canaries: not erased in')).join(' ');
    for (const id of left) expect(findings).toContain(id);
    expect(report.canaries?.verdict.because).toContain('not erased: ');
  });

  test('by recover where the runner was killed, and by recover again where that could not', async () => {
    const sung = await singing();
    const { world, service } = sung;
    world.onJournal = (entry) => {
      if (entry === 'restore-called') world.kill();
    };
    let dead = false;
    const http = (): CanaryService =>
      Object.assign(
        (...given: Parameters<CanaryService>) => (dead ? new Promise<never>(() => undefined) : service(...given)),
        service,
      );
    runDrill(world.options, { ...world.deps, canaries: { http, secret: () => '' } }).catch(() => undefined);
    await pass(world.clock, 15_000);
    dead = true;
    await pass(world.clock, 5_000);
    const marked = leftIn(sung).length;
    expect(marked).toBeGreaterThan(10);
    const mend = (seed: number) =>
      inSimulatedTime(
        world.clock,
        recover(
          { scenario: world.options.scenario, evidenceDir: world.options.evidenceDir },
          {
            clock: world.clock,
            random: seededRandom(seed),
            openCluster: async ({ context }) =>
              (context === 'us-east-1' ? world.cluster : world.other).as(`recover-${seed}`),
            openSwitchboard: missing,
            fleet: null,
            interrupt: new AbortController().signal,
            message: () => undefined,
            canaries: { http: () => service, secret: () => '' },
          },
        ),
      );
    service.erasing = 500;
    const first = await mend(7);
    expect(first.exit).toBe(3);
    expect(first.canaries[0]?.erased?.left['eu-west-1']?.length).toBeGreaterThan(0);
    service.erasing = null;
    const second = await mend(8);
    expect({ exit: second.exit, left: leftIn(sung) }).toEqual({ exit: 0, left: [] });
    expect((await mend(9)).canaries).toEqual([]);
  });
});
