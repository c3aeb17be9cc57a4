import { describe, expect, test } from 'vitest';
import type { FaultDeps } from '../../../chaos/fault.ts';
import { type AnyUndo, faultOf, isUndo, kindOf } from '../../../chaos/faults.ts';
import { Trouble } from '../../../chaos/trouble.ts';
import { seededRandom } from '../../../contract/random.ts';
import type { FaultPlan } from '../../../scenarios/faults.ts';
import { type FaultWorld, faultConforms } from '../../conformance/faults.ts';
import { type FakeClock, fakeClock } from '../../fakes/clock.ts';
import { type FakeSwitchboards, fakeSwitchboards } from '../../fakes/switchboards.ts';

const region = 'us-east-1';
const leaseMs = 2_000;
const open = new AbortController().signal;

/** One of each kind that is settings of switchboards, and every way in which a door can be wrong. */
const plans: readonly FaultPlan[] = [
  { kind: 'health-route', region },
  { kind: 'edge', region, how: 'latency', addMs: 300 },
  { kind: 'edge', region, how: 'refuse', addMs: 0 },
  { kind: 'edge', region, how: 'black-hole', addMs: 0 },
  { kind: 'edge', region, how: 'reset', addMs: 0 },
  { kind: 'partition', region, from: 'eu-west-1' },
  { kind: 'name-server', region, address: '127.0.0.53:53' },
];

type World = { readonly clock: FakeClock; readonly boards: FakeSwitchboards; readonly deps: FaultDeps };

function worldOf(drill = 'd1', who = 'runner', regions: readonly string[] = [region, 'eu-west-1']): World {
  const clock = fakeClock();
  const boards = fakeSwitchboards({ clock, regions });
  return { clock, boards, deps: depsFor({ clock, boards }, drill, who) };
}

function depsFor({ clock, boards }: Pick<World, 'clock' | 'boards'>, drill: string, who: string): FaultDeps {
  const ensure = async (): Promise<void> => undefined;
  return { drill, clock, workloads: null, suspensions: [], ensure, switchboard: boards.as(who), leaseMs };
}

function conforming(plan: FaultPlan): FaultWorld<AnyUndo> {
  const { clock, boards, deps } = worldOf();
  return {
    fault: faultOf(plan, deps),
    async state() {
      await clock.advance(10);
      return boards.state();
    },
    calls: () => boards.calls.length,
    mishap(number, how) {
      boards.fate = (call) => (call.number === number ? how : 'done');
    },
    land: boards.land,
    disturb() {
      let first = true;
      boards.fate = (call) => {
        if (call.isWrite && first) {
          first = false;
          boards.touch();
        }
        return 'done';
      };
    },
  };
}

function nameOf(plan: FaultPlan): string {
  return plan.kind === 'edge' ? `edge ${plan.how}` : plan.kind;
}

for (const plan of plans) faultConforms(nameOf(plan), () => conforming(plan));

describe.each(plans.map((plan) => [nameOf(plan), plan] as const))('%s', (_name, plan) => {
  test('ends by itself when its runner is dead, within its lease and not before', async () => {
    const { clock, boards, deps } = worldOf();
    const before = boards.state();
    const fault = faultOf(plan, deps);
    const undo = await fault.plan(open);
    await fault.arm(undo, open);
    await fault.inject(undo, open);
    const injected = boards.state();
    boards.die('runner');
    await clock.advance(leaseMs - 1);
    expect(boards.state()).toEqual(injected);
    await clock.advance(1);
    expect(boards.state()).toEqual(before);
  });

  test('goes on for as long as it is renewed, and says so when it has ended', async () => {
    const { clock, boards, deps } = worldOf();
    const fault = faultOf(plan, deps);
    const undo = await fault.plan(open);
    await fault.arm(undo, open);
    await fault.inject(undo, open);
    const injected = boards.state();
    for (let passed = 0; passed < 10 * leaseMs; passed += leaseMs / 2) {
      await clock.advance(leaseMs / 2);
      expect(await fault.renew?.(undo, open)).toBeNull();
    }
    expect(boards.state()).toEqual(injected);
    await clock.advance(leaseMs);
    expect(await fault.renew?.(undo, open)).toMatch(/is no longer set for this drill: its lease ended/);
  });

  test('does not come back when the injection of a dead runner arrives after its lease', async () => {
    const { clock, boards, deps } = worldOf();
    const before = boards.state();
    const fault = faultOf(plan, deps);
    const undo = await fault.plan(open);
    await fault.arm(undo, open);
    boards.fate = (call) => (call.isWrite ? 'late' : 'done');
    const cut = new AbortController();
    const injecting = fault.inject(undo, cut.signal);
    await clock.advance(leaseMs);
    boards.land();
    expect(boards.state()).toEqual(before);
    cut.abort(new Error('dead'));
    await expect(injecting).rejects.toThrow('dead');
  });

  test('another drill has is refused, and left alone', async () => {
    const world = worldOf();
    const { boards, deps } = world;
    const fault = faultOf(plan, deps);
    const undo = await fault.plan(open);
    await fault.arm(undo, open);
    await fault.inject(undo, open);
    const held = boards.state();
    const other = faultOf(plan, depsFor(world, 'd2', 'rival'));
    await expect(other.plan(open)).rejects.toBeInstanceOf(Trouble);
    const theirs = { ...undo, drill: 'd2' };
    await expect(other.arm(theirs, open)).rejects.toBeInstanceOf(Trouble);
    expect(await other.restore(theirs, open)).toBeNull();
    await other.disarm(theirs, open);
    expect(boards.state()).toEqual(held);
  });

  test('is mended by its record alone, by whoever comes after the runner died at a random call', async () => {
    const random = seededRandom(plan.kind.length);
    for (let run = 0; run < 60; run += 1) {
      const world = worldOf();
      const { clock, boards, deps } = world;
      const before = boards.state();
      const fault = faultOf(plan, deps);
      const undo = await fault.plan(open);
      const record: unknown = JSON.parse(JSON.stringify(undo));
      const deadAt = boards.calls.length + Math.floor(random() * 12);
      boards.fate = ({ number, by }) =>
        by === 'runner' && number >= deadAt ? (random() < 0.5 ? 'late' : 'hangs') : 'done';
      const lifetime = new AbortController();
      const living = live(fault, undo, lifetime.signal).catch(() => undefined);
      await clock.advance(Math.floor(random() * 2 * leaseMs));
      if (!isUndo(record)) throw new Error('the record cannot be read again');
      const again = kindOf(record.fault).again(record, depsFor(world, 'd1', 'recover'));
      await again.restore(record, open);
      boards.land();
      expect((await again.remains(record, open)).left, `run ${run}`).toEqual([]);
      await again.disarm(record, open);
      // An arming that was under way may have claimed it: that too ends by itself.
      await clock.advance(leaseMs);
      expect(boards.state(), `run ${run}`).toEqual(before);
      lifetime.abort(new Error('dead'));
      await living;
    }
  });

  test('is refused where no switchboard would end it', async () => {
    const { deps } = worldOf('d1', 'runner', []);
    expect(await kindOf(plan.kind).mortal(plan, deps, open)).toBe(`region ${region} has no switchboard`);
    const clock = fakeClock();
    const boards = fakeSwitchboards({ clock, regions: [region, 'eu-west-1'], endsByItself: false });
    const because = await kindOf(plan.kind).mortal(plan, depsFor({ clock, boards }, 'd1', 'runner'), open);
    expect(because).toMatch(/does not end by itself$/);
    expect(await kindOf(plan.kind).mortal(plan, worldOf().deps, open)).toBeNull();
  });
});

async function live(fault: ReturnType<typeof faultOf>, undo: AnyUndo, signal: AbortSignal): Promise<void> {
  await fault.arm(undo, signal);
  await fault.inject(undo, signal);
  await fault.renew?.(undo, signal);
  await fault.restore(undo, signal);
}
