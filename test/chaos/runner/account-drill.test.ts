/** Drills whose fault is in a cloud account: whole, in simulated time. */
import { describe, expect, test } from 'vitest';
import { type RecoverDeps, recover } from '../../../chaos/recover.ts';
import { runDrill } from '../../../chaos/run.ts';
import type { DrillPhase } from '../../../contract/drill.ts';
import { seededRandom } from '../../../contract/random.ts';
import type { FaultPlan } from '../../../scenarios/faults.ts';
import type { DrillPlan, Scenario } from '../../../scenarios/scenario.ts';
import { cluster, type FakeAccount, fakeAccount } from '../../fakes/account.ts';
import type { CloudPart } from '../../fakes/account-drill.ts';
import type { FakeClock } from '../../fakes/clock.ts';
import { type DrillWorld, drillWorld, inSimulatedTime } from '../../fakes/drill-world.ts';
import { checked, geo, values, zoneOf } from '../../zone/records.ts';

const region = 'us-east-1';
const role = 'arn:aws:iam::000000000001:role/drills';
const undoRole = 'arn:aws:iam::000000000001:role/undo';
/** Every schedule has acted by then: while it arms a drill has it a quarter of an hour away. */
const schedulesWithinMs = 17 * 60_000;

const north = geo(checked(values('api', '127.1.0.1'), '127.1.0.1'), 'north', { continent: 'NA' });
const zone = zoneOf(
  values('us-east-1', '127.1.0.1'),
  values('eu-west-1', '127.2.0.1'),
  north,
  geo(checked(values('api', '127.2.0.1'), '127.2.0.1'), 'rest', { country: '*' }),
);
const byHand = geo(checked(values('api', '127.3.0.1'), '127.3.0.1'), 'north', { continent: 'NA' });

const kinds = [
  ['records', { kind: 'records', region }],
  ['ecs-service', { kind: 'ecs-service', region }],
] as const satisfies readonly (readonly [string, FaultPlan])[];

type World = DrillWorld & { readonly account: FakeAccount };

async function worldOf(fault: FaultPlan, more: Partial<DrillPlan> = {}): Promise<World> {
  const parts: CloudPart[] = [];
  const world = await drillWorld({
    drill: { fault, ...more },
    cloud(clock) {
      const part = cloudPart(clock);
      parts.push(part);
      return part;
    },
  });
  const [part] = parts;
  if (part === undefined) throw new Error('no account');
  const options = { ...world.options, scenario: inAccount(world.options.scenario) };
  return Object.assign(world, { account: part.account, options });
}

function cloudPart(clock: FakeClock): CloudPart {
  const services = ['api', 'worker'].map((name) => ({ cluster, name, desiredCount: 3 }));
  const account = fakeAccount({ zone, services, clock });
  return {
    account,
    serves: () => account.desired('api') > 0,
    leads: () => toNorth(account) === '127.1.0.1',
  };
}

function toNorth(account: FakeAccount): string | undefined {
  const record = account.zoneNow().records.find(({ setIdentifier }) => setIdentifier === 'north');
  return record?.target.kind === 'values' ? record.target.values[0] : undefined;
}

function inAccount(scenario: Scenario): Scenario {
  const ecs = { cluster, services: ['api', 'worker'] };
  const home = { ...scenario.regions[region], aws: { region, role, undoRole, ecs } } as Scenario['regions'][string];
  const { zone } = scenario;
  if (zone === null) throw new Error('no zone');
  return { ...scenario, regions: { ...scenario.regions, [region]: home }, zone: { ...zone, role, undoRole } };
}

/** All that a drill could have changed, as users have it. */
function serviceOf({ account }: World) {
  const records = account
    .zoneNow()
    .records.filter(({ name, type }) => !name.startsWith('_blackstart') && type !== 'NS' && type !== 'SOA');
  return { records: sorted(records), counts: ['api', 'worker'].map(account.desired) };
}

/** And all that only a drill puts there. */
function leftBy(world: World) {
  const { account } = world;
  const markers = account.zoneNow().records.filter(({ name }) => name.startsWith('_blackstart'));
  const tags = ['api', 'worker'].map(account.tagsOf);
  return { markers, tags, schedules: account.schedulesNow(), leases: [...world.cluster.leases.keys()] };
}

const nothing = { markers: [], tags: [{}, {}], schedules: { Schedules: [] }, leases: [] };

function isDeeply(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function sorted(values: readonly unknown[]): readonly string[] {
  return values.map((value) => JSON.stringify(value)).toSorted();
}

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
