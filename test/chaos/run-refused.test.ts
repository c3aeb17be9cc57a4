/** Drills that are refused, or stopped before they touch anything. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { brokenSeals } from '../../chaos/evidence.ts';
import { readFacts } from '../../chaos/evidence-facts.ts';
import { reportOf } from '../../chaos/judge.ts';
import { runDrill } from '../../chaos/run.ts';
import { drillReport } from '../fakes/drill-report.ts';
import { type DrillWorld, deployment, drillWorld, inSimulatedTime } from '../fakes/drill-world.ts';

function run(world: DrillWorld) {
  return inSimulatedTime(world.clock, runDrill(world.options, world.deps));
}

function expectUntouched({ cluster }: DrillWorld): void {
  expect(cluster.replicas(deployment)).toBe(10);
  expect(cluster.mark(deployment)).toBeNull();
  expect([...cluster.leases.keys()]).toEqual([]);
  expect([...cluster.kubelet.objects]).toEqual([]);
}

function evidenceOf({ options, fleet }: DrillWorld): string {
  return join(options.evidenceDir, fleet.announced.at(-1)?.id ?? '');
}

describe('a drill that does not begin', () => {
  test('is refused by the guard with 4, nothing is written, and the evidence says what it was decided by', async () => {
    const world = await drillWorld({ overrides: {} });
    const { exit, refusals, evidence } = await run(world);
    expect(exit).toBe(4);
    expect(refusals.map(({ rule }) => rule)).toEqual(['guard.headroom']);
    const dir = evidence ?? '';
    expect(await brokenSeals(dir)).toEqual([]);
    const decided = JSON.parse(await readFile(join(dir, 'guard.json'), 'utf8')) as object;
    expect(decided).toMatchObject({
      refusals: [{ number: 7, rule: 'guard.headroom' }],
      facts: { capacity: { 'us-east-1': { share: 50, replicas: 10 } } },
    });
    const verdict = JSON.parse(await readFile(join(dir, 'verdict.json'), 'utf8')) as object;
    expect(verdict).toMatchObject({ exit: 4, report: { t0: null, restored: true } });
    expect(world.fleet.announced).toEqual([]);
    expect(world.cluster.calls.filter(({ isWrite }) => isWrite)).toEqual([]);
  });

  test('because the API server is away says whether its region still serves', async () => {
    const world = await drillWorld();
    world.cluster.fate = () => 'refused-before';
    await expect(run(world)).rejects.toThrow(
      /region us-east-1 itself serves .* its control plane is away, not the region/,
    );
  });

  test('by Ctrl-C in the baseline leaves everything untouched', async () => {
    const world = await drillWorld();
    world.onJournal = (entry) => {
      if (entry === 'undo') world.interrupt.abort(new Error('Ctrl-C'));
    };
    const { exit } = await run(world);
    expect(exit).toBe(130);
    expectUntouched(world);
  });

  for (const [what, break_, exit] of [
    [
      'an API server that cannot be asked',
      ({ cluster }: DrillWorld) => {
        cluster.fate = ({ name }) => (name === 'endpoints' ? 'refused-before' : 'done');
      },
      3,
    ],
    [
      'Ctrl-C ahead of its first phase',
      ({ cluster, interrupt }: DrillWorld) => {
        cluster.fate = ({ name }) => {
          if (name === 'endpoints') interrupt.abort(new Error('Ctrl-C'));
          return 'done';
        };
      },
      130,
    ],
  ] as const) {
    test(`for ${what} has whole evidence all the same`, async () => {
      const world = await drillWorld();
      break_(world);
      await expect(run(world)).rejects.toThrow();
      const dir = evidenceOf(world);
      expect(await brokenSeals(dir)).toEqual([]);
      const verdict = JSON.parse(await readFile(join(dir, 'verdict.json'), 'utf8')) as object;
      expect(verdict).toMatchObject({ exit, report: { status: 'over', t0: null, restored: true } });
      expect(reportOf(await readFacts(dir)).verdict.status).toBe('inconclusive');
      expect(world.fleet.announced.at(-1)).toMatchObject({ status: 'over' });
      expectUntouched(world);
    });
  }

  /** Another runner announces its drill just before this one does. */
  function beginsBeside(
    world: DrillWorld,
    rival: { readonly id: string; readonly aheadMs: number; readonly act?: () => void },
  ): void {
    world.onJournal = (entry) => {
      if (entry !== 'planned') return;
      const { clock, fleet } = world;
      const startedMs = clock.nowMs() - rival.aheadMs;
      const times = { startedMs, aliveAtMs: clock.nowMs() };
      fleet.announced.push({
        ...drillReport('lose-us-east-1', startedMs, []),
        ...times,
        id: rival.id,
        status: 'running',
      });
      rival.act?.();
    };
  }

  test('because another began a moment before it learns so at once, also while nothing is well', async () => {
    const world = await drillWorld();
    beginsBeside(world, { id: 'other', aheadMs: 1, act: () => world.cluster.scaleByHand(deployment, 0) });
    const { exit, report } = await run(world);
    expect({ exit, because: report.verdict.because }).toEqual({
      exit: 4,
      because: 'not injecting, rule 4 (guard.open-drill): drill other began before this one and is running',
    });
    expect(world.cluster.calls.filter(({ isWrite }) => isWrite)).toEqual([]);
  });

  test.each([
    { began: 'at the same time, with a lower id', rival: { id: 'a', aheadMs: 0 }, exit: 4 },
    { began: 'at the same time, with a higher id', rival: { id: 'z', aheadMs: 0 }, exit: 0 },
    { began: 'a moment later', rival: { id: 'a', aheadMs: -1 }, exit: 0 },
  ])('only gives way to another that was first: one that began $began makes it exit $exit', async ({ rival, exit }) => {
    const world = await drillWorld();
    beginsBeside(world, rival);
    expect(await run(world)).toMatchObject({ exit });
  });

  test('when the workload is scaled by somebody between plan and arming', async () => {
    const world = await drillWorld();
    world.onJournal = (entry) => {
      if (entry === 'undo') world.cluster.scaleByHand(deployment, 7);
    };
    const { exit, report } = await run(world);
    expect(exit).toBe(4);
    expect(report.verdict.because).toContain('has 7 replicas, want 10: changed by kubectl-scale');
    expect(world.cluster.replicas(deployment)).toBe(7);
    expect(world.cluster.leases.size).toBe(0);
  });
});
