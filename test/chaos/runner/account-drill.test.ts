/** Drills whose fault is in a cloud account: whole, in simulated time. */
import { describe, expect, test } from 'vitest';
import { planDrill } from '../../../chaos/plan.ts';
import { type RecoverDeps, recover } from '../../../chaos/recover.ts';
import { runDrill } from '../../../chaos/run.ts';
import { Trouble } from '../../../chaos/trouble.ts';
import type { DrillPhase } from '../../../contract/drill.ts';
import { seededRandom } from '../../../contract/random.ts';
import type { Scenario } from '../../../scenarios/scenario.ts';
import { cluster } from '../../fakes/account.ts';
import { inSimulatedTime } from '../../fakes/drill-world.ts';
import { checked, geo, values } from '../../zone/records.ts';
import { kinds, leftBy, nothing, region, serviceOf, toNorth, type World, worldOf } from './account-world.ts';

/** Every schedule has acted by then: while it arms a drill has it a quarter of an hour away. */
const schedulesWithinMs = 17 * 60_000;
const byHand = geo(checked(values('api', '127.3.0.1'), '127.3.0.1'), 'north', { continent: 'NA' });

describe.each(kinds)('a drill of %s', (kind, fault) => {
  test('times the failover, restores, passes, and leaves nothing', async () => {
    const world = await worldOf(fault);
    const before = serviceOf(world);
    const { report, exit } = await inSimulatedTime(world.clock, runDrill(world.options, world.deps));
    expect(report.verdict.because).toMatch(/served again/);
    expect([exit, report.restored, report.fault]).toEqual([0, true, `${kind} us-east-1`]);
    expect(report.stages[region]?.fresh?.['first-good']).toBeDefined();
    expect(report.stages[region]?.fresh?.drain).toBeUndefined();
    const parts = report.verified?.map(({ part, state }) => `${part} ${state}`);
    expect(parts).toContain(kind === 'records' ? 'records as-it-was' : 'desired counts as-it-was');
    expect(serviceOf(world)).toEqual(before);
    expect(leftBy(world)).toEqual(nothing);
  });

  test('is refused where schedules cannot be asked for, by a rule that nothing overrides', async () => {
    const world = await worldOf(fault);
    const { account } = world.deps;
    if (account === undefined) throw new Error('no account');
    const denied = async () => {
      throw new Trouble('forbidden', 'EventBridge Scheduler: AccessDenied');
    };
    const deps = {
      ...world.deps,
      account: {
        ...account,
        schedules: async (place: Parameters<typeof account.schedules>[0]) => ({
          ...(await account.schedules(place)),
          spelling: 'sdk' as const,
          read: denied,
        }),
      },
    };
    const scenario = {
      ...world.options.scenario,
      overrides: { 'guard.undo': 'please', 'guard.headroom': 'known' },
    };
    const planned = await inSimulatedTime(world.clock, planDrill({ ...world.options, scenario }, deps));
    expect(planned.saved.refusals.map(({ rule }) => rule)).toEqual(['guard.undo']);
    expect(planned.text).toContain('no schedule in the account can mend it: EventBridge Scheduler: AccessDenied');
    expect(planned.exit).toBe(4);
  });

  test('without a role for schedules is a mistake, and nothing is asked of the account', async () => {
    const world = await worldOf(fault);
    const options = { ...world.options, scenario: withoutUndoRole(world.options.scenario) };
    await expect(inSimulatedTime(world.clock, runDrill(options, world.deps))).rejects.toMatchObject({
      kind: 'wrong-input',
      message: expect.stringMatching(/undoRole is missing: the role/) as string,
    });
    expect(world.account.calls()).toBe(0);
    expect(leftBy(world)).toEqual(nothing);
  });
});

const moments = ['planned', 'undo', 'armed', 'inject-called', 'event', 'restore-called', 'swept'];

describe.each(kinds)('a runner of %s that dies', (_kind, fault) => {
  test.each(moments)('after %s: the account mends, and recover leaves nothing', async (moment) => {
    const world = await worldOf(fault);
    const before = serviceOf(world);
    await died(world, moment);
    await world.clock.advance(schedulesWithinMs);
    world.account.schedulesNow();
    expect(serviceOf(world)).toEqual(before);
    const { exit } = await recovered(world);
    expect(exit).toBe(0);
    // What a call that may still be under way is waited for by.
    await world.clock.advance(schedulesWithinMs);
    expect(serviceOf(world)).toEqual(before);
    expect(leftBy(world)).toEqual(nothing);
  });

  test('while all is away is mended at once by recover, before any schedule acts', async () => {
    const world = await worldOf(fault);
    const before = serviceOf(world);
    await died(world, 'restore-called');
    expect(serviceOf(world)).not.toEqual(before);
    const fired = world.account.fired.length;
    const { drills, exit } = await recovered(world);
    expect([exit, drills.map((drill) => drill.kind)]).toEqual([0, ['mended']]);
    expect(drills).toMatchObject([{ touched: true, changed: true }]);
    expect(serviceOf(world)).toEqual(before);
    expect(world.account.fired.length).toBe(fired);
    await world.clock.advance(schedulesWithinMs);
    expect(serviceOf(world)).toEqual(before);
    expect(leftBy(world)).toEqual(nothing);
  });
});

describe.each(kinds)('a runner of %s whose machine slept', (_kind, fault) => {
  test.each([
    ['injecting', false],
    ['holding', true],
  ] as const)(
    'while %s finds that the schedule has acted, injects no more, and leaves nothing',
    async (phase, isAway) => {
      const world = await worldOf(fault, { holdMs: 20_000 });
      const before = serviceOf(world);
      const asleep = Promise.withResolvers<void>();
      const deps = on(world, phase, () => {
        world.suspend();
        asleep.resolve();
      });
      const done = runDrill(world.options, deps);
      await inSimulatedTime(world.clock, Promise.race([asleep.promise, done]));
      expect(isDeeply(serviceOf(world), before)).toBe(!isAway);
      // What users see meanwhile is not asked here.
      world.fleet.stop();
      await world.clock.advance(schedulesWithinMs);
      world.account.schedulesNow();
      expect(serviceOf(world)).toEqual(before);
      world.resume();
      const { report } = await inSimulatedTime(world.clock, done);
      expect(report.stopped).toMatch(/is gone: it has acted, or somebody has removed it/);
      expect([report.restored, report.left]).toEqual([true, []]);
      expect(serviceOf(world)).toEqual(before);
      expect(leftBy(world)).toEqual(nothing);
    },
  );
});

describe('what somebody else has changed while it was away', () => {
  test('of records stays, and the report says so', async () => {
    const world = await worldOf({ kind: 'records', region });
    let changed = false;
    const whileHolding = on(world, 'holding', () => {
      if (changed) return;
      changed = true;
      const at = world.account.zoneNow().records.find(({ setIdentifier }) => setIdentifier === 'north');
      if (at === undefined) throw new Error('no record');
      world.account.byHand([
        { action: 'DELETE', record: at },
        { action: 'CREATE', record: byHand },
      ]);
    });
    const { report, exit } = await inSimulatedTime(world.clock, runDrill(world.options, whileHolding));
    expect(toNorth(world.account)).toBe('127.3.0.1');
    expect(report.verified).toContainEqual({
      part: 'records',
      name: 'api.agent.test. A (north)',
      wanted: '127.1.0.1',
      found: '127.3.0.1',
      state: 'changed',
    });
    expect(messagesOf(world)).toContain(
      'api.agent.test. A (north) is 127.3.0.1, was 127.1.0.1: changed by somebody else, and left alone',
    );
    expect(exit).not.toBe(5);
    expect(leftBy(world)).toEqual(nothing);
  });

  test.each([
    [7, 'changed', 0],
    [1, 'left', 5],
  ] as const)('of a count, to %i, stays, and the report says so', async (count, state, exit) => {
    const world = await worldOf({ kind: 'ecs-service', region });
    const whileHolding = on(world, 'holding', () => world.account.scaleByHand('worker', count));
    const done = await inSimulatedTime(world.clock, runDrill(world.options, whileHolding));
    expect(world.account.desired('worker')).toBe(count);
    expect(world.account.desired('api')).toBe(3);
    const name = `service ${cluster}/worker`;
    expect(done.report.verified).toContainEqual({
      part: 'desired counts',
      name,
      wanted: '3',
      found: String(count),
      state,
    });
    expect(done.exit).toBe(exit);
    const said = [...messagesOf(world), ...done.report.left].join('\n');
    expect(said).toContain(`${name} has a desired count of ${count}, had 3: changed by somebody else`);
  });
});

function isDeeply(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function withoutUndoRole(scenario: Scenario): Scenario {
  const { undoRole: _none, ...zone } = scenario.zone ?? ({} as NonNullable<Scenario['zone']>);
  const home = scenario.regions[region];
  if (home?.aws === undefined) throw new Error('no account');
  const aws = { ...home.aws, undoRole: null };
  return { ...scenario, zone, regions: { ...scenario.regions, [region]: { ...home, aws } } };
}

/** Runs until that entry is in the journal; then the process is gone. */
async function died(world: World, moment: string): Promise<void> {
  const dead = Promise.withResolvers<void>();
  let isDead = false;
  world.onJournal = (entry) => {
    if (entry !== moment || isDead) return;
    isDead = true;
    world.kill();
    world.fleet.stop();
    dead.resolve();
  };
  const run = runDrill(world.options, world.deps).then(
    () => Promise.reject(new Error(`it ended without ${moment}`)),
    (error: unknown) => Promise.reject(error),
  );
  await inSimulatedTime(world.clock, Promise.race([dead.promise, run]));
}

function recovered(world: World) {
  const { scenario, evidenceDir } = world.options;
  const deps: RecoverDeps = {
    clock: world.clock,
    random: seededRandom(9),
    openCluster: async ({ context }) => (context === region ? world.cluster : world.other).as('recover'),
    openSwitchboard: () => {
      throw new Error('no switchboard is asked');
    },
    account: world.account,
    fleet: null,
    interrupt: new AbortController().signal,
    message: () => undefined,
  };
  return inSimulatedTime(world.clock, recover({ scenario, evidenceDir }, deps));
}

function on(world: World, phase: DrillPhase, act: () => void): World['deps'] {
  return {
    ...world.deps,
    progress(event) {
      world.deps.progress(event);
      if (event.kind === 'phase' && event.phase === phase) act();
    },
  };
}

function messagesOf({ progress }: World): readonly string[] {
  return progress.flatMap((event) => (event.kind === 'message' ? [event.text] : []));
}
