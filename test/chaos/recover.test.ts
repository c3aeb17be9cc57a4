import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { Fleet } from '../../chaos/aggregator-client.ts';
import { listDrills } from '../../chaos/list.ts';
import { type Recovered, recover } from '../../chaos/recover.ts';
import { runDrill } from '../../chaos/run.ts';
import { stopDrill } from '../../chaos/stop.ts';
import type { DrillReport } from '../../contract/drill.ts';
import { seededRandom } from '../../contract/random.ts';
import { type DrillWorld, deployment, drillWorld, inSimulatedTime, pass } from '../fakes/drill-world.ts';
import { missing } from '../fakes/switchboards.ts';

type How = { readonly journal?: boolean; readonly seed?: number; readonly fleet?: Fleet };

function recovering(world: DrillWorld, { journal = true, seed = 7, fleet }: How = {}): Promise<Recovered> {
  const evidenceDir = journal ? world.options.evidenceDir : null;
  const { scenario } = world.options;
  return recover(
    { scenario, evidenceDir },
    {
      clock: world.clock,
      random: seededRandom(seed),
      openSwitchboard: missing,
      openCluster: async ({ context }) => (context === 'us-east-1' ? world.cluster : world.other).as(`recover-${seed}`),
      fleet: fleet ?? null,
      interrupt: new AbortController().signal,
      message: () => undefined,
    },
  );
}

function recovered(world: DrillWorld, how: How = {}): Promise<Recovered> {
  return inSimulatedTime(world.clock, recovering(world, how));
}

/** Runs a drill and kills its runner at a moment: after so many entries of the journal, or writes to the cluster. */
async function killed(at: { readonly entry?: number; readonly write?: number | string }): Promise<DrillWorld | null> {
  const world = await drillWorld();
  let isDead = false;
  const kill = (): void => {
    isDead = true;
    world.kill();
  };
  let entries = 0;
  world.onJournal = () => {
    entries += 1;
    if (entries === at.entry) kill();
  };
  let writes = 0;
  world.cluster.fate = (call) => {
    if (call.isWrite && call.by === 'runner' && call.name !== 'replace lease') writes += 1;
    if (writes === at.write || call.name === at.write) kill();
    return 'done';
  };
  let ended = false;
  runDrill(world.options, world.deps).then(
    () => {
      ended = true;
    },
    () => {
      ended = true;
    },
  );
  // How long it takes to get there the disk decides too.
  while (!ended && !isDead) await pass(world.clock, 100);
  await pass(world.clock, 10_000);
  return ended ? null : world;
}

function expectAsBefore({ cluster }: DrillWorld, place: string): void {
  expect(cluster.replicas(deployment), place).toBe(10);
  expect(cluster.mark(deployment), place).toBeNull();
  expect([...cluster.leases.keys()], place).toEqual([]);
  expect([...cluster.kubelet.objects], place).toEqual([]);
}

describe('recover', () => {
  test('tells the aggregator of a drill that was over and not restored that it is now', async () => {
    const world = await killed({ write: 'mark injected' });
    if (world === null) throw new Error('the runner was not killed');
    const id = [...world.cluster.leases.keys()][0]?.replace(/^blackstart-/, '') ?? '';
    const known = { id, status: 'over', restored: false, left: ['0 of 10 replicas'], startedMs: 1, endedMs: 2 };
    const others = [{ ...known, id: 'another' }];
    const announced: Partial<DrillReport>[] = [];
    const fleet = {
      offset: async () => ({ lowerMs: 0, upperMs: 0 }),
      drills: async () => ({ drills: [known, ...others] }),
      announce: async (drill: DrillReport) => void announced.push(drill),
    } as unknown as Fleet;
    expect((await recovered(world, { fleet })).exit).toBe(0);
    expect(announced).toEqual([{ ...known, restored: true, left: [] }]);
  });

  for (const journal of [true, false]) {
    const from = journal ? 'the journal and the cluster' : 'the cluster alone';
    test(`puts everything back from ${from}, after a kill behind any entry of the journal`, async () => {
      let kills = 0;
      for (let entry = 1; ; entry += 1) {
        const world = await killed({ entry });
        if (world === null) break;
        kills += 1;
        expect((await recovered(world, { journal })).exit, `entry ${entry}`).toBe(0);
        expectAsBefore(world, `entry ${entry}`);
        expect((await recovered(world, { journal })).drills, `entry ${entry}, again`).toEqual([]);
      }
      expect(kills).toBeGreaterThan(10);
    });

    test(`puts everything back from ${from}, after a kill in any write to the cluster`, async () => {
      let kills = 0;
      for (let write = 1; ; write += 1) {
        const world = await killed({ write });
        if (world === null) break;
        kills += 1;
        expect((await recovered(world, { journal })).exit, `write ${write}`).toBe(0);
        expectAsBefore(world, `write ${write}`);
      }
      expect(kills).toBe(17);
    });
  }

  test('mends from the journal alone when annotation and Lease are gone', async () => {
    const world = await killed({ write: 'mark injected' });
    if (world === null) throw new Error('not killed');
    world.cluster.markByHand(deployment, null);
    world.cluster.leases.clear();
    world.cluster.kubelet.collectGarbage();
    expect(world.cluster.replicas(deployment)).toBe(0);
    expect((await recovered(world, { journal: false })).drills).toEqual([]);
    expect((await recovered(world)).drills).toMatchObject([{ kind: 'mended', changed: true }]);
    expectAsBefore(world, 'from the journal');
  });

  test('leaves the drill of a live runner alone, and exits with 4', async () => {
    const world = await drillWorld({ drill: { holdMs: 10_000 } });
    const outcome = runDrill(world.options, world.deps);
    await pass(world.clock, 6_000);
    expect(world.cluster.replicas(deployment)).toBe(0);
    const { exit, drills } = await recovered(world);
    expect(exit).toBe(4);
    expect(drills).toMatchObject([{ kind: 'held' }]);
    expect(world.cluster.replicas(deployment)).toBe(0);
    expect((await inSimulatedTime(world.clock, outcome)).exit).toBe(0);
    expectAsBefore(world, 'after the live runner');
  });

  test('watches a dead Lease for its whole duration before it writes', async () => {
    const world = await killed({ write: 'mark injected' });
    if (world === null) throw new Error('not killed');
    const from = world.cluster.calls.length;
    const writesOfRecover = () =>
      world.cluster.calls.slice(from).filter(({ isWrite, by }) => isWrite && by !== 'runner');
    const done = recovering(world);
    await pass(world.clock, 1_900);
    expect(writesOfRecover()).toEqual([]);
    await inSimulatedTime(world.clock, done);
    expect(writesOfRecover().map(({ name }) => name)).toContain('scale 10');
  });

  test('twice at once harms nothing', async () => {
    const world = await killed({ write: 'mark injected' });
    if (world === null) throw new Error('not killed');
    const both = Promise.all([recovering(world, { seed: 1 }), recovering(world, { seed: 2 })]);
    const exits = (await inSimulatedTime(world.clock, both)).map(({ exit }) => exit);
    expect(exits).toContain(0);
    expectAsBefore(world, 'after both');
  });

  test('tells people in the cluster what it did', async () => {
    const world = await killed({ write: 'mark injected' });
    if (world === null) throw new Error('not killed');
    await recovered(world);
    expect(world.cluster.events.join()).toContain('deployment/agent-api BlackstartRestored');
  });

  test('leaves replicas that somebody chose meanwhile: more is fine, fewer needs a person', async () => {
    for (const { replicas, exit } of [
      { replicas: 12, exit: 0 },
      { replicas: 3, exit: 5 },
    ]) {
      const world = await killed({ write: 'mark injected' });
      if (world === null) throw new Error('not killed');
      world.cluster.scaleByHand(deployment, replicas);
      const outcome = await recovered(world);
      expect(outcome.exit).toBe(exit);
      expect(world.cluster.replicas(deployment)).toBe(replicas);
      if (exit === 5) expect(outcome.drills[0]).toMatchObject({ kind: 'not-restored' });
      expect(JSON.stringify(outcome.drills)).toContain('changed by kubectl-scale');
    }
  });

  test('does not undo what a person did after the mending', async () => {
    const world = await killed({ write: 'mark restored' });
    if (world === null) throw new Error('not killed');
    expect(world.cluster.mark(deployment)?.state).toBe('restored');
    world.cluster.scaleByHand(deployment, 0);
    expect((await recovered(world)).exit).toBe(0);
    expect(world.cluster.replicas(deployment)).toBe(0);
    expect(world.cluster.leases.size).toBe(0);
  });

  test('says what it could not ask, with 3', async () => {
    const world = await killed({ write: 'mark injected' });
    if (world === null) throw new Error('not killed');
    world.cluster.fate = () => 'refused-before';
    const { exit, unread } = await recovered(world);
    expect(exit).toBe(3);
    expect(unread[0]).toContain('us-east-1/default');
  });

  test('nothing open is 0', async () => {
    const world = await drillWorld();
    await inSimulatedTime(world.clock, runDrill(world.options, world.deps));
    expect(await recovered(world)).toEqual({ drills: [], canaries: [], unread: [], exit: 0 });
  });
});

describe('what is open', () => {
  const interrupt = new AbortController().signal;

  test('is listed from the clusters and from evidence', async () => {
    const world = await killed({ write: 'mark injected' });
    if (world === null) throw new Error('not killed');
    const { openCluster } = world.deps;
    const { evidenceDir, scenario } = world.options;
    const listing = await inSimulatedTime(
      world.clock,
      listDrills(evidenceDir, scenario, { openCluster: as(world), interrupt }),
    );
    expect(listing.drills).toMatchObject([{ state: 'open', where: 'us-east-1/default' }]);
    await rm(evidenceDir, { recursive: true });
    expect((await listDrills(evidenceDir, null, { openCluster, interrupt })).drills).toEqual([]);
  });

  test('can be stopped by its id alone; what is not open cannot', async () => {
    const world = await drillWorld({ drill: { holdMs: 30_000 } });
    const outcome = runDrill(world.options, world.deps);
    await pass(world.clock, 6_000);
    const [lease] = [...world.cluster.leases.keys()];
    const drill = (lease ?? '').replace('blackstart-', '');
    const stop = stopDrill(drill, world.options.scenario, 'enough', { openCluster: as(world), interrupt });
    expect(await inSimulatedTime(world.clock, stop)).toEqual({ context: 'us-east-1' });
    expect((await inSimulatedTime(world.clock, outcome)).exit).toBe(3);
    expectAsBefore(world, 'after the stop');
    const again = stopDrill(drill, world.options.scenario, 'enough', { openCluster: as(world), interrupt });
    await expect(inSimulatedTime(world.clock, again)).rejects.toThrow('has no Lease in any cluster');
  });

  function as(world: DrillWorld): DrillWorld['deps']['openCluster'] {
    return async ({ context }) => (context === 'us-east-1' ? world.cluster : world.other).as('operator');
  }
});
