/** What other people and other programs do to a drill while it runs, with a restorer beside it. */
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Fleet } from '../../../chaos/aggregator-client.ts';
import { drillOfLease } from '../../../chaos/cluster.ts';
import { recover } from '../../../chaos/recover.ts';
import { runRestorer } from '../../../chaos/restorer.ts';
import { runDrill } from '../../../chaos/run.ts';
import type { BurstRequest } from '../../../contract/api.ts';
import type { DrillReport } from '../../../contract/drill.ts';
import { seededRandom } from '../../../contract/random.ts';
import { type DrillWorld, deployment, drillWorld, inSimulatedTime, pass } from '../../fakes/drill-world.ts';
import { restorerPods } from '../../fakes/restorer-pod.ts';
import { missing } from '../../fakes/switchboards.ts';

function phaseOf({ progress }: DrillWorld): string | undefined {
  return progress.flatMap((event) => (event.kind === 'phase' ? [event.phase] : [])).at(-1);
}

/** Runs until the workload is gone dark, does something, and runs to the end. */
async function dark(act: (world: DrillWorld) => void) {
  const world = await drillWorld({ drill: { holdMs: 5_000 } });
  restorerPods(world.cluster, world.clock);
  const outcome = runDrill(world.options, world.deps);
  outcome.catch(() => undefined);
  for (let steps = 0; steps < 5_000 && phaseOf(world) !== 'failing-over'; steps += 1) await pass(world.clock, 10);
  expect(world.cluster.replicas(deployment)).toBe(0);
  act(world);
  return { world, outcome: await inSimulatedTime(world.clock, outcome) };
}

function swept({ cluster }: DrillWorld): void {
  expect([...cluster.leases.keys()]).toEqual([]);
  expect([...cluster.kubelet.objects]).toEqual([]);
}

type Told = { readonly fleet?: Fleet; readonly say?: (text: string) => void };

function recovering(world: DrillWorld, evidenceDir: string | null, { fleet, say }: Told = {}) {
  const deps = {
    clock: world.clock,
    random: seededRandom(5),
    openSwitchboard: missing,
    openCluster: async ({ context }: { readonly context: string }) =>
      (context === 'us-east-1' ? world.cluster : world.other).as('recover'),
    fleet: fleet ?? null,
    interrupt: new AbortController().signal,
    message: say ?? (() => undefined),
  };
  return inSimulatedTime(world.clock, recover({ scenario: world.options.scenario, evidenceDir }, deps));
}

describe('a Deployment that in the middle of a drill', () => {
  test('is deleted, or renamed, is named with exit 5, and everything of the drill is gone', async () => {
    const { world, outcome } = await dark(({ cluster }) => cluster.remove(deployment));
    expect(outcome.exit).toBe(5);
    expect(outcome.report.left.join()).toContain('deployment/agent-api in us-east-1 is gone');
    swept(world);
  });

  test('is deleted and made anew is left as it is', async () => {
    const { world, outcome } = await dark(({ cluster }) => cluster.remake(deployment, 3));
    expect(world.cluster.replicas(deployment)).toBe(3);
    expect(outcome.exit).toBe(5);
    swept(world);
  });

  test('is scaled by somebody else stays as they want it', async () => {
    for (const { replicas, exits } of [
      { replicas: 4, exits: [5] },
      { replicas: 10, exits: [0, 3] },
      { replicas: 14, exits: [0, 3] },
    ]) {
      const { world, outcome } = await dark(({ cluster }) => cluster.scaleByHand(deployment, replicas));
      expect(world.cluster.replicas(deployment)).toBe(replicas);
      expect(exits, `${replicas}: ${outcome.report.left.join()}`).toContain(outcome.exit);
      expect(world.cluster.mark(deployment)).toBeNull();
      swept(world);
    }
  });

  test('gets status updates ahead of every write is restored all the same', async () => {
    const { world, outcome } = await dark(({ cluster }) => {
      const seen = new Map<string, number>();
      cluster.fate = ({ name, isWrite }) => {
        const count = seen.get(name) ?? 0;
        seen.set(name, count + 1);
        if (isWrite && count < 5) cluster.touch(deployment);
        return 'done';
      };
    });
    expect(outcome.report.restored).toBe(true);
    expect(world.cluster.replicas(deployment)).toBe(10);
    swept(world);
  });
});

test('a wall clock that steps by an hour and back disturbs neither runner nor restorer', async () => {
  const { world, outcome } = await dark(({ clock }) => {
    clock.stepWall(3_600_000);
    clock.after(1_500, () => clock.stepWall(-7_200_000));
  });
  expect(outcome.exit).toBe(0);
  expect(world.cluster.calls.filter(({ by, name }) => by === 'restorer' && name === 'replace lease')).toEqual([]);
  swept(world);
});

test('of two runners that are started at once one goes on, and the other leaves nothing', async () => {
  const world = await drillWorld();
  restorerPods(world.cluster, world.clock);
  const second = {
    ...world.deps,
    random: seededRandom(2),
    openCluster: async ({ context }: { readonly context: string }) =>
      (context === 'us-east-1' ? world.cluster : world.other).as('second'),
  };
  const both = Promise.all([runDrill(world.options, world.deps), runDrill(world.options, second)]);
  const exits = (await inSimulatedTime(world.clock, both)).map(({ exit }) => exit);
  expect(exits.toSorted()).toEqual([0, 4]);
  expect(world.cluster.replicas(deployment)).toBe(10);
  swept(world);
});

describe('recover', () => {
  async function killed(): Promise<DrillWorld> {
    const world = await drillWorld({ drill: { holdMs: 60_000 } });
    void runDrill(world.options, world.deps);
    for (let steps = 0; steps < 5_000 && phaseOf(world) !== 'failing-over'; steps += 1) await pass(world.clock, 10);
    world.kill();
    // Nobody mends but recover.
    world.cluster.kubelet.die();
    await pass(world.clock, 5_000);
    return world;
  }

  test('reads past a journal that is garbage, and mends from the cluster', async () => {
    for (const garbage of ['', '{"seq":1', '\0\0\0\0', '{"type":"undo","seq":2,"undo":{"fault":"scale-to-zero"}}\n']) {
      const world = await killed();
      const { evidenceDir } = world.options;
      const [drill] = [...world.cluster.leases.keys()].map((name) => name.replace('blackstart-', ''));
      await writeFile(join(evidenceDir, drill ?? '', 'journal.jsonl'), garbage);
      expect(await recovering(world, evidenceDir)).toMatchObject({ exit: 0, drills: [{ changed: true }] });
      expect(world.cluster.replicas(deployment)).toBe(10);
      swept(world);
    }
  });

  test('reads past lines of a journal that are torn', async () => {
    const world = await killed();
    const [drill] = [...world.cluster.leases.keys()].map((name) => name.replace('blackstart-', ''));
    await appendFile(join(world.options.evidenceDir, drill ?? '', 'journal.jsonl'), '\n{"seq":9,"type":"swe');
    expect(await recovering(world, world.options.evidenceDir)).toMatchObject({ exit: 0, drills: [{ changed: true }] });
    swept(world);
  });

  test('knows from the Lease what to put back when the annotation was removed by hand', async () => {
    const world = await killed();
    world.cluster.markByHand(deployment, null);
    expect(await recovering(world, null)).toMatchObject({ exit: 0, drills: [{ changed: true }] });
    expect(world.cluster.replicas(deployment)).toBe(10);
    swept(world);
  });

  test('sweeps what is left of a restorer alone', async () => {
    const world = await killed();
    await recovering(world, null);
    world.cluster.kubelet.create('role', {
      drill: 'd9',
      lease: { name: 'blackstart-d9', uid: 'gone' },
      image: 'blackstart:0',
      rules: [],
    });
    expect(await recovering(world, null)).toMatchObject({ exit: 0, drills: [{ drill: 'd9', changed: false }] });
    swept(world);
  });

  test('tells the aggregator that it is over, and ends the bursts of the runner that died', async () => {
    const world = await killed();
    const [last] = world.fleet.announced.slice(-1);
    if (last === undefined) throw new Error('not announced');
    const drill: DrillReport = { ...last, t0: { lowerMs: last.startedMs, upperMs: last.startedMs + 100 } };
    const bursts: BurstRequest[] = [];
    const told: DrillReport[] = [];
    const fleet: Fleet = {
      ...world.fleet,
      offset: async () => ({ lowerMs: 0, upperMs: 0 }),
      drills: async () => ({ drills: [drill] }),
      announce: async (report) => void told.push(report),
      burst: async (burst) => void bursts.push(burst),
    };
    await recovering(world, null, { fleet });
    expect(told).toMatchObject([{ id: drill.id, status: 'over', restored: true, t0: drill.t0 }]);
    // Its time ends here: what fails from now on is no longer the drill's.
    expect(told[0]?.endedMs).toBeGreaterThan(drill.t0?.upperMs ?? Number.POSITIVE_INFINITY);
    // The region was away until now.
    expect(told[0]?.mendedMs).toBe(told[0]?.endedMs);
    expect(told[0]?.leaseMs).toBe(world.options.drill.leaseMs);
    expect(bursts.map(({ id }) => id)).toEqual(expect.arrayContaining([...world.fleet.bursts.keys()]));
    expect(bursts.every(({ untilMs, checks }) => untilMs < world.clock.nowMs() && checks.length === 0)).toBe(true);
  });

  test('says between which moments the injection was, when the runner died before it could tell', async () => {
    const world = await killed();
    const [last] = world.fleet.announced.slice(-1);
    if (last === undefined) throw new Error('not announced');
    const drill: DrillReport = { ...last, phase: 'injecting', t0: null };
    const told: DrillReport[] = [];
    const fleet: Fleet = {
      ...world.fleet,
      offset: async () => ({ lowerMs: 0, upperMs: 0 }),
      drills: async () => ({ drills: [drill] }),
      announce: async (report) => void told.push(report),
      burst: async () => undefined,
    };
    await recovering(world, null, { fleet });
    const [{ t0, startedMs, endedMs } = drill] = told;
    expect(t0).toEqual({ lowerMs: startedMs, upperMs: endedMs });
    expect(endedMs).not.toBeNull();
  });

  test('waits for a restorer that has begun to mend, and then sweeps after it', async () => {
    const world = await killed();
    const [name = ''] = world.cluster.leases.keys();
    const { durationMs = 0 } = world.cluster.leases.get(name) ?? {};
    const deps = { cluster: world.cluster.as('restorer'), clock: world.clock, message: () => undefined };
    const signal = new AbortController().signal;
    const mended = runRestorer(drillOfLease(name), { ...deps, instance: 'beside', signal });
    await pass(world.clock, durationMs / 2);
    const said: string[] = [];
    const told: DrillReport[] = [];
    const running = world.fleet.announced.slice(-1);
    const fleet: Fleet = {
      ...world.fleet,
      offset: async () => ({ lowerMs: 0, upperMs: 0 }),
      drills: async () => ({ drills: running }),
      announce: async (report) => void told.push(report),
      burst: async () => undefined,
    };
    const found = await recovering(world, null, { fleet, say: (text) => said.push(text) });
    expect(said.join()).toContain('restorer-beside');
    // What fails since then is not the drill's, however long afterwards the rest is swept.
    expect(told).toMatchObject([{ status: 'over', aliveAtMs: running[0]?.aliveAtMs }]);
    expect(told[0]).not.toHaveProperty('mendedMs');
    expect(found).toMatchObject({ exit: 0, drills: [{ kind: 'mended', touched: true, changed: false }] });
    expect(await inSimulatedTime(world.clock, mended)).toMatchObject({ kind: 'restored', changed: true });
    expect(world.cluster.replicas(deployment)).toBe(10);
    swept(world);
  });

  test('that cannot delete the Lease names it, and exits with 3: everything else is as it was', async () => {
    const world = await killed();
    world.cluster.fate = ({ name }) => (name === 'delete lease' ? 'refused-before' : 'done');
    const { exit, drills } = await recovering(world, null);
    expect(exit).toBe(3);
    expect(drills).toMatchObject([{ kind: 'mended', changed: true }]);
    expect(JSON.stringify(drills)).toContain('Lease blackstart-lose-us-east-1');
    expect(world.cluster.replicas(deployment)).toBe(10);
    expect(world.cluster.mark(deployment)).toBeNull();
    world.cluster.fate = () => 'done';
    expect(await recovering(world, null)).toMatchObject({ exit: 0, drills: [{ changed: false, left: [] }] });
    swept(world);
  });
});
