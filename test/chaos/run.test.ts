import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { brokenSeals } from '../../chaos/evidence.ts';
import { readFacts } from '../../chaos/evidence-facts.ts';
import { readJournal } from '../../chaos/journal.ts';
import { reportOf } from '../../chaos/judge.ts';
import { runDrill } from '../../chaos/run.ts';
import { leaveStop } from '../../chaos/runner/lease-watch.ts';
import { drillReport } from '../fakes/drill-report.ts';
import { type DrillWorld, deployment, drillWorld, inSimulatedTime, pass } from '../fakes/drill-world.ts';

const open = new AbortController().signal;

function run(world: DrillWorld) {
  return inSimulatedTime(world.clock, runDrill(world.options, world.deps));
}

function phasesOf({ progress }: DrillWorld): readonly string[] {
  return progress.flatMap((event) => (event.kind === 'phase' ? [event.phase] : []));
}

function expectUntouched({ cluster }: DrillWorld): void {
  expect(cluster.replicas(deployment)).toBe(10);
  expect(cluster.mark(deployment)).toBeNull();
  expect([...cluster.leases.keys()]).toEqual([]);
  expect([...cluster.kubelet.objects]).toEqual([]);
}

describe('a whole drill', () => {
  test('goes through every phase, passes, and leaves nothing behind', async () => {
    const world = await drillWorld();
    const { report, exit, evidence } = await run(world);
    expect(phasesOf(world)).toEqual(['injecting', 'failing-over', 'holding', 'restoring', 'failing-back', 'over']);
    expect({ exit, because: report.verdict.because }).toMatchObject({ exit: 0 });
    expect(report).toMatchObject({ restored: true, left: [], status: 'over' });
    expectUntouched(world);
    expect(evidence).not.toBeNull();
  });

  test('keeps evidence that gives the same verdict again, and seals it', async () => {
    const world = await drillWorld();
    const { report, evidence } = await run(world);
    const dir = evidence ?? '';
    expect(await brokenSeals(dir)).toEqual([]);
    expect(reportOf(await readFacts(dir))).toEqual(report);
    const manifest = JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8')) as { files: object };
    expect(Object.keys(manifest.files)).toEqual([
      'guard.json',
      'journal.jsonl',
      'observations.jsonl',
      'prediction.json',
      'report.html',
      'report.md',
      'results.jsonl',
      'scenario.json',
      'timeline.json',
      'verdict.json',
    ]);
  });

  test('writes the undo record before anything else is written anywhere, and the Lease is gone last', async () => {
    const world = await drillWorld();
    const writesAt: Record<string, number> = {};
    const writes = () => world.cluster.calls.filter(({ isWrite }) => isWrite).map(({ name }) => name);
    world.onJournal = (entry) => {
      writesAt[entry] ??= writes().length;
    };
    await run(world);
    expect(writesAt['undo']).toBe(0);
    expect(writes().filter((name) => name !== 'replace lease')).toEqual([
      'create lease',
      'mark armed',
      'create serviceaccount',
      'create role',
      'create rolebinding',
      'create job',
      'scale 0',
      'mark injected',
      'mark restoring',
      'scale 10',
      'mark restored',
      'mark none',
      'delete job',
      'delete rolebinding',
      'delete role',
      'delete serviceaccount',
      'delete lease',
    ]);
  });

  test('tells the aggregator while it runs, and that it is over', async () => {
    const world = await drillWorld();
    await run(world);
    const { announced } = world.fleet;
    expect(announced[0]).toMatchObject({ status: 'running', phase: 'baseline' });
    expect(announced.at(-1)).toMatchObject({ status: 'over', phase: 'over' });
    expect([...world.fleet.bursts.values()].every(({ untilMs }) => untilMs < world.clock.nowMs())).toBe(true);
  });

  test('where nobody may take over, the outage is shown, held, and ended', async () => {
    const world = await drillWorld({ mayTakeOver: false });
    const { report, exit } = await run(world);
    expect(phasesOf(world)).toContain('holding');
    expect({ exit, because: report.verdict.because }).toMatchObject({ exit: 0 });
    expectUntouched(world);
  });

  test('a limit that is missed is a fail, and everything is back', async () => {
    const world = await drillWorld();
    const [first] = world.options.drill.expect;
    if (first === undefined) throw new Error('no expectation');
    const drill = { ...world.options.drill, expect: [{ ...first, withinMs: 500 }] };
    const { exit } = await inSimulatedTime(world.clock, runDrill({ ...world.options, drill }, world.deps));
    expect(exit).toBe(1);
    expectUntouched(world);
  });
});

describe('a drill that is stopped', () => {
  /** Runs until the phase is reached, does something, and runs to the end. */
  async function stoppedIn(phase: string, act: (world: DrillWorld) => void | Promise<void>) {
    const world = await drillWorld({ drill: { holdMs: 3_000 } });
    const outcome = runDrill(world.options, world.deps);
    outcome.catch(() => undefined);
    for (let steps = 0; steps < 5_000 && phasesOf(world).at(-1) !== phase; steps += 1) await pass(world.clock, 10);
    expect(phasesOf(world).at(-1)).toBe(phase);
    await Promise.all([act(world), pass(world.clock, 50)]);
    return { world, outcome: await inSimulatedTime(world.clock, outcome) };
  }

  for (const phase of ['injecting', 'failing-over', 'holding', 'restoring', 'failing-back']) {
    test(`by Ctrl-C in ${phase} restores, and exits with 130`, async () => {
      const { world, outcome } = await stoppedIn(phase, ({ interrupt }) => {
        interrupt.abort(new Error('Ctrl-C'));
        interrupt.abort(new Error('Ctrl-C again'));
      });
      expect(outcome.exit).toBe(130);
      expect(outcome.report.restored).toBe(true);
      expectUntouched(world);
    });
  }

  test('by "drill stop" from another machine restores', async () => {
    const { world, outcome } = await stoppedIn('failing-over', async ({ cluster }) => {
      const [name] = [...cluster.leases.keys()];
      expect(await leaveStop(cluster.as('operator'), name ?? '', 'enough', open)).toBe(true);
    });
    expect(outcome.exit).toBe(3);
    expect(outcome.report.verdict.because).toContain('enough');
    expectUntouched(world);
  });

  test('by an annotation set by hand restores', async () => {
    const { world, outcome } = await stoppedIn('holding', ({ cluster }) => {
      const mark = cluster.mark(deployment);
      if (mark !== null) cluster.markByHand(deployment, { ...mark, state: 'restoring' });
    });
    expect(outcome.exit).toBe(3);
    expectUntouched(world);
  });

  test('by the loss of its Lease writes nothing more', async () => {
    const { world, outcome } = await stoppedIn('failing-over', ({ cluster }) => {
      const [lease] = [...cluster.leases.values()];
      if (lease !== undefined) cluster.leases.set(lease.name, { ...lease, holder: 'recover-1', version: 'taken' });
    });
    const { calls } = world.cluster;
    const writes = calls.filter(({ isWrite, name }) => isWrite && name !== 'replace lease').map(({ name }) => name);
    expect(writes.at(-1)).toBe('mark injected');
    expect(outcome.exit).toBe(5);
    expect(outcome.report.left[0]).toContain('taken over by recover-1');
  });

  test('restoring goes on until the cluster answers again', async () => {
    const { world, outcome } = await stoppedIn('holding', ({ cluster, interrupt, clock }) => {
      cluster.fate = () => 'refused-before';
      interrupt.abort(new Error('Ctrl-C'));
      clock.after(20_000, () => {
        cluster.fate = () => 'done';
      });
    });
    expect(outcome.exit).toBe(130);
    expectUntouched(world);
  });
});

test('endpoints that were counted before the injection do not show that they are back', async () => {
  const world = await drillWorld({ podReadyMs: 3_000 });
  let isDeaf = false;
  world.cluster.fate = ({ name }) => {
    if (name === 'scale 0') isDeaf = true;
    if (name === 'mark injected') {
      world.interrupt.abort(new Error('Ctrl-C'));
      world.clock.after(1_000, () => {
        isDeaf = false;
      });
    }
    return isDeaf && name === 'endpoints' ? 'refused-before' : 'done';
  };
  const { exit, report } = await run(world);
  expect({ exit, restored: report.restored, left: report.left }).toEqual({ exit: 130, restored: true, left: [] });
  expect(world.cluster.ready(deployment)).toBe(10);
});

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
      const dir = (await run2dir(world)) ?? '';
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

test('an injection that fails half-way is mended', async () => {
  const world = await drillWorld();
  world.cluster.fate = ({ name }) => (name === 'scale 0' ? 'lost-after' : 'done');
  const { exit, report } = await run(world);
  expect(exit).toBe(3);
  expect(report.verdict.because).toContain('the injection failed');
  expectUntouched(world);
  const journal = await readJournal(join((await run2dir(world)) ?? '', 'journal.jsonl'));
  expect(journal.map(({ type }) => type)).toContain('restore-called');
});

async function run2dir({ options, fleet }: DrillWorld): Promise<string | null> {
  const id = fleet.announced.at(-1)?.id;
  return id === undefined ? null : join(options.evidenceDir, id);
}
