import { describe, expect, test } from 'vitest';
import type { Fault } from '../../chaos/fault.ts';
import { Trouble } from '../../chaos/trouble.ts';
import type { Json } from '../../contract/json.ts';

/** How one call to the target goes wrong. */
export type Mishap = 'refused-before' | 'lost-after' | 'late';

/** A target with a fault that can be done to it, fresh for each test. */
export type FaultWorld<Undo extends Json> = {
  readonly fault: Fault<Undo>;
  /** All that the fault could change, to compare; time moves on as far as it needs. */
  state(): Promise<Json>;
  /** The calls made so far. */
  calls(): number;
  /** The call of that number goes wrong; all others are answered. */
  mishap(call: number, how: Mishap): void;
  /** Calls that went wrong `late` arrive now. */
  land(): void;
  /** Somebody changes the object in a way that does not matter, before each write. */
  disturb(): void;
};

const open = new AbortController().signal;

/** Every fault keeps this. `makeWorld` gives a target in its ordinary state. */
export function faultConforms<Undo extends Json>(name: string, makeWorld: () => FaultWorld<Undo>): void {
  /** Plans and arms, and says at which call injecting begins and ends when nothing goes wrong. */
  async function callsOfInjection(): Promise<{ readonly from: number; readonly to: number }> {
    const world = makeWorld();
    const undo = await world.fault.plan(open);
    await world.fault.arm(undo, open);
    const from = world.calls();
    await world.fault.inject(undo, open);
    return { from, to: world.calls() };
  }

  describe(`fault ${name}`, () => {
    test('what it needs for mending survives as JSON', async () => {
      const world = makeWorld();
      const before = await world.state();
      const undo = JSON.parse(JSON.stringify(await world.fault.plan(open))) as Undo;
      await world.fault.arm(undo, open);
      await world.fault.inject(undo, open);
      await world.fault.restore(JSON.parse(JSON.stringify(undo)) as Undo, open);
      await world.fault.disarm(undo, open);
      expect(await world.state()).toEqual(before);
    });

    test('injecting changes the target, and says when', async () => {
      const world = makeWorld();
      const before = await world.state();
      const undo = await world.fault.plan(open);
      await world.fault.arm(undo, open);
      const t0 = await world.fault.inject(undo, open);
      expect(t0.lowerMs).toBeLessThanOrEqual(t0.upperMs);
      expect(await world.state()).not.toEqual(before);
      expect((await world.fault.remains(undo, open)).left).not.toEqual([]);
    });

    test('planning and rehearsing change nothing', async () => {
      const world = makeWorld();
      const before = await world.state();
      await world.fault.rehearse(await world.fault.plan(open), open);
      expect(await world.state()).toEqual(before);
    });

    test('restoring twice is restoring once, and leaves nothing', async () => {
      const world = makeWorld();
      const before = await world.state();
      const undo = await world.fault.plan(open);
      await world.fault.arm(undo, open);
      await world.fault.inject(undo, open);
      expect(await world.fault.restore(undo, open)).not.toBeNull();
      expect(await world.fault.restore(undo, open)).toBeNull();
      expect((await world.fault.remains(undo, open)).left).toEqual([]);
      await world.fault.disarm(undo, open);
      await world.fault.disarm(undo, open);
      expect(await world.state()).toEqual(before);
    });

    test('restoring what never began changes nothing', async () => {
      const world = makeWorld();
      const before = await world.state();
      const undo = await world.fault.plan(open);
      expect(await world.fault.restore(undo, open)).toBeNull();
      expect(await world.state()).toEqual(before);
    });

    test('an injection that was not armed is refused', async () => {
      const world = makeWorld();
      const before = await world.state();
      const undo = await world.fault.plan(open);
      await expect(world.fault.inject(undo, open)).rejects.toBeInstanceOf(Trouble);
      expect(await world.state()).toEqual(before);
    });

    for (const how of ['refused-before', 'lost-after', 'late'] as const) {
      test(`restore mends an injection that was cut short at any of its calls: ${how}`, async () => {
        const { from, to } = await callsOfInjection();
        expect(to).toBeGreaterThan(from);
        for (let call = from; call < to; call += 1) {
          const world = makeWorld();
          const before = await world.state();
          const undo = await world.fault.plan(open);
          await world.fault.arm(undo, open);
          world.mishap(call, how);
          const cut = new AbortController();
          const injecting = world.fault.inject(undo, cut.signal);
          cutSoon(cut);
          await expect(injecting, `call ${call}`).rejects.toBeDefined();
          await world.fault.restore(undo, open);
          // What was still under way arrives only now, and must find a closed door.
          world.land();
          expect((await world.fault.remains(undo, open)).left, `call ${call}`).toEqual([]);
          await world.fault.disarm(undo, open);
          expect(await world.state(), `call ${call}`).toEqual(before);
        }
      });
    }

    test('restore mends after a restore that was itself cut short at any of its calls', async () => {
      for (let offset = 0; ; offset += 1) {
        const world = makeWorld();
        const before = await world.state();
        const undo = await world.fault.plan(open);
        await world.fault.arm(undo, open);
        await world.fault.inject(undo, open);
        const call = world.calls() + offset;
        world.mishap(call, 'lost-after');
        const cutShort = await world.fault.restore(undo, open).then(
          () => false,
          () => true,
        );
        if (!cutShort && world.calls() <= call) break;
        await world.fault.restore(undo, open);
        await world.fault.disarm(undo, open);
        expect(await world.state(), `call ${offset} of restore`).toEqual(before);
      }
    });

    test('changes of the object that do not matter are no obstacle', async () => {
      const world = makeWorld();
      const before = await world.state();
      world.disturb();
      const undo = await world.fault.plan(open);
      await world.fault.arm(undo, open);
      await world.fault.inject(undo, open);
      await world.fault.restore(undo, open);
      await world.fault.disarm(undo, open);
      expect(await world.state()).toEqual(before);
    });
  });
}

/** Aborts once the call that goes wrong has been made: a few turns are enough for calls that are answered at once. */
function cutSoon(cut: AbortController): void {
  let turns = 0;
  const turn = (): void => {
    turns += 1;
    if (turns === 500) cut.abort(new Error('cut short'));
    else queueMicrotask(turn);
  };
  turn();
}
