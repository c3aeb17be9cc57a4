import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { brokenSeals } from '../../chaos/evidence.ts';
import { readFacts } from '../../chaos/evidence-facts.ts';
import { readJournal } from '../../chaos/journal.ts';
import { reportOf } from '../../chaos/judge.ts';
import { runDrill } from '../../chaos/run.ts';
import { leaveStop } from '../../chaos/runner/lease-watch.ts';
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

test('an injection that fails half-way is mended', async () => {
  const world = await drillWorld();
  world.cluster.fate = ({ name }) => (name === 'scale 0' ? 'lost-after' : 'done');
  const { exit, report } = await run(world);
  expect(exit).toBe(3);
  expect(report.verdict.because).toContain('the injection failed');
  expectUntouched(world);
  const journal = await readJournal(join(evidenceOf(world), 'journal.jsonl'));
  expect(journal.map(({ type }) => type)).toContain('restore-called');
});

function evidenceOf({ options, fleet }: DrillWorld): string {
  return join(options.evidenceDir, fleet.announced.at(-1)?.id ?? '');
}
