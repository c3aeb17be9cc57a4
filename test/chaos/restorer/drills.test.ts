/** Whole drills whose runner, restorer, machine or cluster fails, in simulated time. */
import { describe, expect, test } from 'vitest';
import { recover } from '../../../chaos/recover.ts';
import { type Outcome, runDrill } from '../../../chaos/run.ts';
import { seededRandom } from '../../../contract/random.ts';
import type { FakeCall } from '../../fakes/cluster.ts';
import { type DrillWorld, deployment, drillWorld, inSimulatedTime, pass } from '../../fakes/drill-world.ts';
import { restorerPods } from '../../fakes/restorer-pod.ts';
import { missing } from '../../fakes/switchboards.ts';

function phaseOf({ progress }: DrillWorld): string | undefined {
  return progress.flatMap((event) => (event.kind === 'phase' ? [event.phase] : [])).at(-1);
}

function saidBy({ progress }: DrillWorld): string {
  return progress.flatMap((event) => (event.kind === 'message' ? [event.text] : [])).join('\n');
}

function expectAsBefore({ cluster }: DrillWorld, place = ''): void {
  expect(cluster.replicas(deployment), place).toBe(10);
  expect(cluster.mark(deployment), place).toBeNull();
  expect([...cluster.leases.keys()], place).toEqual([]);
  expect([...cluster.kubelet.objects], place).toEqual([]);
}

function writesOfRunner({ cluster }: DrillWorld): readonly FakeCall[] {
  return cluster.calls.filter(({ by, isWrite, name }) => by === 'runner' && isWrite && name !== 'replace lease');
}

async function untilPhase(world: DrillWorld, phase: string): Promise<void> {
  for (let steps = 0; steps < 5_000 && phaseOf(world) !== phase; steps += 1) await pass(world.clock, 10);
  expect(phaseOf(world)).toBe(phase);
}

/** Runs until the phase is reached, does something, and runs to the end. */
async function drillWith(phase: string, act: (world: DrillWorld) => void | Promise<void>, holdMs = 3_000) {
  const world = await drillWorld({ drill: { holdMs } });
  const pods = restorerPods(world.cluster, world.clock);
  const outcome = runDrill(world.options, world.deps);
  outcome.catch(() => undefined);
  await untilPhase(world, phase);
  await act(world);
  return { world, pods, outcome: await inSimulatedTime(world.clock, outcome) };
}

function recovered(world: DrillWorld) {
  const deps = {
    clock: world.clock,
    random: seededRandom(3),
    openSwitchboard: missing,
    openCluster: async ({ context }: { readonly context: string }) =>
      (context === 'us-east-1' ? world.cluster : world.other).as('recover'),
    fleet: null,
    interrupt: new AbortController().signal,
    message: () => undefined,
  };
  return inSimulatedTime(world.clock, recover({ scenario: world.options.scenario, evidenceDir: null }, deps));
}

/** Kills the runner behind an entry of the journal, or in one of its writes, and gives the restorer its time. */
async function killedRunner(at: { readonly entry?: number; readonly write?: number }): Promise<DrillWorld | null> {
  const world = await drillWorld();
  restorerPods(world.cluster, world.clock);
  let entries = 0;
  world.onJournal = () => {
    entries += 1;
    if (entries === at.entry) world.kill();
  };
  let writes = 0;
  world.cluster.fate = (call) => {
    if (call.isWrite && call.by === 'runner' && call.name !== 'replace lease') writes += 1;
    if (writes === at.write) world.kill();
    return 'done';
  };
  let ended = false;
  const done = (): void => {
    ended = true;
  };
  runDrill(world.options, world.deps).then(done, done);
  await pass(world.clock, 30_000);
  return ended ? null : world;
}

describe('a runner that dies', () => {
  for (const at of ['entry', 'write'] as const) {
    test(`at any ${at === 'entry' ? 'entry of its journal' : 'write to the cluster'} is mended by the restorer, and swept by recover`, async () => {
      let kills = 0;
      for (let number = 1; ; number += 1) {
        const world = await killedRunner({ [at]: number });
        if (world === null) break;
        kills += 1;
        expect(world.cluster.replicas(deployment), `${at} ${number}`).toBe(10);
        expect((await recovered(world)).exit, `${at} ${number}`).toBe(0);
        expectAsBefore(world, `${at} ${number}`);
        expect((await recovered(world)).drills, `${at} ${number}, again`).toEqual([]);
      }
      expect(kills).toBeGreaterThan(10);
    });
  }

  test('beside recover: whoever is first mends, the other harms nothing', async () => {
    const world = await drillWorld({ drill: { holdMs: 60_000 } });
    restorerPods(world.cluster, world.clock);
    void runDrill(world.options, world.deps);
    await untilPhase(world, 'failing-over');
    world.kill();
    const { exit } = await recovered(world);
    expect([0, 4]).toContain(exit);
    expect(world.cluster.replicas(deployment)).toBe(10);
    expect((await recovered(world)).exit).toBe(0);
    expectAsBefore(world);
  });
});

describe('a restorer that fails', () => {
  async function without(start: (world: DrillWorld) => void): Promise<{ world: DrillWorld; outcome: Outcome }> {
    const world = await drillWorld();
    start(world);
    return { world, outcome: await inSimulatedTime(world.clock, runDrill(world.options, world.deps)) };
  }

  test('to start keeps the drill from injecting, and all that was put in place is taken back', async () => {
    const { world, outcome } = await without(({ cluster }) => {
      cluster.kubelet.start = null;
    });
    expect(outcome.exit).toBe(3);
    expect(outcome.report.verdict.because).toContain('the restorer gave no sign of life within 20 s');
    expect(writesOfRunner(world).map(({ name }) => name)).not.toContain('scale 0');
    expectAsBefore(world);
  });

  test('before its first beat likewise', async () => {
    const { world, outcome } = await without(({ cluster, clock }) => restorerPods(cluster, clock).kill());
    expect(outcome.exit).toBe(3);
    expect(outcome.report.verdict.because).toContain('no sign of life');
    expectAsBefore(world);
  });

  test('in the middle of the drill stops it: the runner restores', async () => {
    const world = await drillWorld({ drill: { holdMs: 60_000 } });
    const pods = restorerPods(world.cluster, world.clock);
    const outcome = runDrill(world.options, world.deps);
    await untilPhase(world, 'holding');
    pods.kill();
    const { exit, report } = await inSimulatedTime(world.clock, outcome);
    expect(exit).toBe(3);
    expect(report.verdict.because).toContain('the restorer has fallen silent');
    expectAsBefore(world);
  });

  test('to be let into the cluster, as into a namespace that is being deleted, keeps the drill from injecting', async () => {
    for (const part of ['serviceaccount', 'role', 'rolebinding', 'job'] as const) {
      const { world, outcome } = await without(({ cluster }) => {
        cluster.kubelet.forbidden = part;
      });
      expect(outcome.exit, part).toBe(4);
      expect(outcome.report.verdict.because, part).toContain('because it is being terminated');
      expectAsBefore(world, part);
    }
  });

  test('to be removed is named, with exit 5; recover sweeps it', async () => {
    const { world, outcome } = await without(({ cluster }) => {
      cluster.fate = ({ name }) => (name === 'delete role' ? 'refused-before' : 'done');
    });
    expect(outcome.exit).toBe(5);
    expect(outcome.report.left.join()).toContain('role blackstart-lose-us-east-1');
    expect(world.cluster.replicas(deployment)).toBe(10);
    expect([...world.cluster.kubelet.objects]).toHaveLength(1);
    world.cluster.fate = () => 'done';
    expect(await recovered(world)).toMatchObject({ exit: 0, drills: [{ kind: 'mended', changed: false, left: [] }] });
    expectAsBefore(world);
  });
});

describe('a machine that is suspended', () => {
  for (const asleep of ['stands-still', 'goes-on'] as const) {
    for (const phase of ['injecting', 'failing-over', 'holding', 'restoring', 'failing-back']) {
      test(`while ${phase} wakes when the restorer has mended, writes nothing to the workload, and sweeps (its clock ${asleep})`, async () => {
        const world = await drillWorld({ drill: { holdMs: 3_000 }, asleep });
        const pods = restorerPods(world.cluster, world.clock);
        const outcome = runDrill(world.options, world.deps);
        await untilPhase(world, phase);
        world.suspend();
        await pass(world.clock, 8_000);
        expect(pods.ends.map(({ kind }) => kind)).toEqual(['restored']);
        expect(world.cluster.replicas(deployment)).toBe(10);
        const from = world.cluster.calls.length;
        world.resume();
        const { report } = await inSimulatedTime(world.clock, outcome);
        expect(report.restored, report.left.join()).toBe(true);
        expect(world.cluster.replicas(deployment)).toBe(10);
        expectAsBefore(world, phase);
        const written = world.cluster.calls.slice(from).filter(({ by, isWrite }) => by === 'runner' && isWrite);
        expect(written.filter(({ name }) => name.startsWith('scale'))).toEqual([]);
        if (phase !== 'failing-back') expect(saidBy(world)).toContain('was taken over by restorer-1');
      });
    }
  }
});

describe('an API server that hangs', () => {
  const hang = ({ cluster, clock }: DrillWorld, forMs: number): void => {
    cluster.fate = () => 'hangs';
    clock.after(forMs, () => {
      cluster.fate = () => 'done';
    });
  };

  test('before the injection leaves everything as it was', async () => {
    const world = await drillWorld();
    restorerPods(world.cluster, world.clock);
    world.onJournal = (entry) => {
      if (entry === 'armed') hang(world, 15_000);
    };
    const { exit } = await inSimulatedTime(world.clock, runDrill(world.options, world.deps));
    expect(exit).toBe(3);
    expectAsBefore(world);
  });

  for (const phase of ['injecting', 'failing-over', 'holding', 'restoring', 'failing-back']) {
    test(`for a while, from ${phase} on, ends in a region that is whole`, async () => {
      const { world, outcome } = await drillWith(phase, (at) => hang(at, 25_000));
      expect([0, 1, 3], outcome.report.left.join()).toContain(outcome.exit);
      expect(outcome.report.restored).toBe(true);
      expectAsBefore(world, phase);
    });
  }
});

describe('a disk that is full', () => {
  const noSpace = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

  test('at any entry of the journal stops the drill, and the region is whole', async () => {
    let failures = 0;
    for (let full = 1; ; full += 1) {
      const world = await drillWorld();
      restorerPods(world.cluster, world.clock);
      let entries = 0;
      const { keep } = world.deps;
      if (keep === undefined) throw new Error('no keep');
      const openJournal: typeof keep.openJournal = async (path, clock) => {
        const journal = await keep.openJournal(path, clock);
        return {
          ...journal,
          append(entry) {
            entries += 1;
            return entries >= full ? Promise.reject(noSpace) : journal.append(entry);
          },
        };
      };
      const deps = { ...world.deps, keep: { ...keep, openJournal } };
      const outcome = await inSimulatedTime(
        world.clock,
        runDrill(world.options, deps).catch((error: unknown) => error),
      );
      expectAsBefore(world, `entry ${full}`);
      if (entries < full) break;
      failures += 1;
      if (!(outcome instanceof Error)) expect((outcome as Outcome).report.restored, `entry ${full}`).toBe(true);
    }
    expect(failures).toBeGreaterThan(10);
  });
});
