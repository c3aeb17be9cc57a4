/** Drills whose fault is at a switchboard: whole, in simulated time. */
import { describe, expect, test } from 'vitest';
import { planDrill } from '../../../chaos/plan.ts';
import { type RecoverDeps, recover } from '../../../chaos/recover.ts';
import { runDrill } from '../../../chaos/run.ts';
import { seededRandom } from '../../../contract/random.ts';
import type { FaultPlan } from '../../../scenarios/faults.ts';
import type { DrillPlan } from '../../../scenarios/scenario.ts';
import { type DrillWorld, drillWorld, inSimulatedTime, pass } from '../../fakes/drill-world.ts';

const region = 'us-east-1';
const refuse: FaultPlan = { kind: 'edge', region, how: 'refuse', addMs: 0 };
const stays = { entry: 'api', servedBy: [region, 'eu-west-1'], withinMs: 2_000, failbackMs: 2_000, residency: null };

function worldOf(fault: FaultPlan, more: Partial<DrillPlan> = {}): Promise<DrillWorld> {
  return drillWorld({ drill: { fault, ...more } });
}

function settingsOf({ boards }: DrillWorld): readonly unknown[] {
  return (boards.state() as { readonly setting: unknown; readonly drill: unknown }[]).filter(
    ({ setting, drill }) => setting !== null || drill !== null,
  );
}

describe('a drill at a region’s door', () => {
  test('times the failover, restores, passes, and starts no restorer', async () => {
    const world = await worldOf(refuse);
    const { report, exit } = await inSimulatedTime(world.clock, runDrill(world.options, world.deps));
    expect(report.verdict.because).toMatch(/served again/);
    expect([exit, report.restored, report.fault]).toEqual([0, true, 'edge us-east-1']);
    expect(report.stages['us-east-1']?.fresh?.drain).toBeUndefined();
    expect(report.verified?.map(({ part }) => part)).toEqual(expect.arrayContaining(['settings', 'lease']));
    expect(report.verified?.map(({ part }) => part)).not.toContain('restorer');
    expect(settingsOf(world)).toEqual([]);
    expect([...world.cluster.leases.keys()]).toEqual([]);
    expect(world.cluster.calls.filter(({ name }) => /restorer|mark|scale/.test(name))).toEqual([]);
  });

  test('that users are to stay at passes when nobody noticed', async () => {
    const world = await worldOf({ kind: 'edge', region, how: 'latency', addMs: 300 }, { expect: [stays] });
    const { report, exit } = await inSimulatedTime(world.clock, runDrill(world.options, world.deps));
    expect(report.verdict.because).toMatch(/us-east-1 served vantage .* all through/);
    expect(exit).toBe(0);
  });

  test('is refused without a switchboard, by a rule that nothing overrides', async () => {
    const world = await worldOf(refuse);
    const scenario = {
      ...world.options.scenario,
      switchboards: {},
      overrides: { 'guard.undo': 'please', 'guard.headroom': 'known' },
    };
    const planned = await inSimulatedTime(world.clock, planDrill({ ...world.options, scenario }, world.deps));
    expect(planned.saved.refusals.map(({ rule }) => rule)).toEqual(['guard.undo']);
    expect(planned.text).toContain('would do edge to us-east-1');
    expect(planned.exit).toBe(4);
  });

  test('is kept where another region’s cluster is, when its own has none', async () => {
    const world = await worldOf(refuse);
    const { regions } = world.options.scenario;
    const bare = { ...regions[region], kubernetes: null } as (typeof regions)[string];
    const scenario = { ...world.options.scenario, regions: { ...regions, [region]: bare } };
    const { exit } = await inSimulatedTime(world.clock, runDrill({ ...world.options, scenario }, world.deps));
    expect(exit).toBe(0);
    expect(world.other.calls.some(({ name }) => name === 'create lease')).toBe(true);
    expect(world.cluster.calls).toEqual([]);
    expect([...world.other.leases.keys()]).toEqual([]);
  });
});

describe('a runner that dies', () => {
  const moments = ['planned', 'undo', 'armed', 'inject-called', 'event', 'restore-called'];

  test.each(moments)('after %s leaves nothing behind the lease, and recover sweeps the rest', async (moment) => {
    const world = await worldOf(refuse);
    let isDead = false;
    world.onJournal = (entry) => {
      if (entry !== moment || isDead) return;
      isDead = true;
      world.kill();
    };
    void runDrill(world.options, world.deps).catch(() => undefined);
    await inSimulatedTime(
      world.clock,
      until(world, () => isDead),
    );
    await pass(world.clock, 2 * world.options.drill.leaseMs);
    expect(settingsOf(world)).toEqual([]);
    const recovered = await inSimulatedTime(world.clock, recover(recoverOptions(world), recoverDeps(world)));
    expect(recovered.exit).toBe(0);
    expect([...world.cluster.leases.keys()]).toEqual([]);
  });

  test('at a random moment is mended at once by recover, while its lease still runs', async () => {
    const random = seededRandom(5);
    for (let run = 0; run < 6; run += 1) {
      const world = await worldOf(refuse, { leaseMs: 20_000 });
      let isInjected = false;
      world.onJournal = (entry) => {
        isInjected ||= entry === 'inject-called';
      };
      void runDrill(world.options, world.deps).catch(() => undefined);
      await inSimulatedTime(
        world.clock,
        until(world, () => isInjected),
      );
      await pass(world.clock, Math.floor(random() * 1_000));
      world.kill();
      const recovered = await inSimulatedTime(world.clock, recover(recoverOptions(world), recoverDeps(world)));
      expect(recovered.drills.map(({ kind }) => kind)).toEqual(['mended']);
      expect(settingsOf(world)).toEqual([]);
    }
  });
});

async function until({ clock }: DrillWorld, isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise<void>((resolve) => void clock.after(10, resolve));
}

function recoverOptions({ options }: DrillWorld) {
  return { scenario: options.scenario, evidenceDir: options.evidenceDir };
}

function recoverDeps(world: DrillWorld): RecoverDeps {
  return {
    clock: world.clock,
    random: seededRandom(9),
    openCluster: async ({ context }) => (context === region ? world.cluster : world.other).as('recover'),
    openSwitchboard: (at) => {
      const found = world.boards.as('recover')(at);
      if (found === null) throw new Error('no switchboard');
      return found;
    },
    fleet: null,
    interrupt: new AbortController().signal,
    message: () => undefined,
  };
}
