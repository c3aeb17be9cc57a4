import { describe, expect, test } from 'vitest';
import { Trouble } from '../../../chaos/trouble.ts';
import { sleep } from '../../../contract/clock.ts';
import type { Json } from '../../../contract/json.ts';
import { faultConforms } from '../../conformance/faults.ts';
import type { Mishap } from '../../fakes/account.ts';
import { type AccountWorld, ecsWorld, recordsWorld } from './account-world.ts';

const open = new AbortController().signal;

faultConforms('records', recordsWorld);
faultConforms('ecs-service', ecsWorld);

const kinds: readonly [string, () => AccountWorld<Json>][] = [
  ['records', recordsWorld as unknown as () => AccountWorld<Json>],
  ['ecs-service', ecsWorld as unknown as () => AccountWorld<Json>],
];

describe.each(kinds)('%s, with its runner killed', (_name, makeWorld) => {
  /** A whole drill up to the call that the process does not survive; which calls a whole one makes. */
  async function drill(world: AccountWorld<Json>): Promise<number> {
    const undo = await world.fault.plan(open);
    const from = world.calls();
    await world.fault.arm(undo, open);
    await world.fault.inject(undo, open);
    await world.fault.renew?.(undo, open);
    await world.fault.restore(undo, open);
    await world.fault.disarm(undo, open);
    return from;
  }

  for (const how of ['dies-before', 'dies-after', 'dies-late'] as const satisfies readonly Mishap[]) {
    test(`at any of its calls, ${how}: the account mends, and "recover" leaves nothing`, async () => {
      const whole = makeWorld();
      const from = await drill(whole);
      for (let call = from; call < whole.calls(); call += 1) {
        const world = makeWorld();
        const before = await world.service();
        const all = await world.state();
        const undo = await makeWorld().fault.plan(open);
        world.mishap(call, how);
        void drill(world);
        await world.account.death;
        // A signed request is good for five minutes.
        await sleep(world.clock, 4.5 * 60_000);
        world.account.schedulesNow();
        world.account.land();
        expect(await world.service(), `call ${call}`).toEqual(before);
        world.account.revive();
        await world.fault.restore(undo, open);
        expect((await world.fault.remains(undo, open)).left, `call ${call}`).toEqual([]);
        await world.fault.disarm(undo, open);
        expect(await world.state(), `call ${call}`).toEqual(all);
      }
    });
  }

  test('a runner that does not renew finds that the account has mended, and can inject no more', async () => {
    const world = makeWorld();
    const before = await world.service();
    const undo = await world.fault.plan(open);
    await world.fault.arm(undo, open);
    await world.fault.inject(undo, open);
    expect(await world.fault.renew?.(undo, open)).toBeNull();
    expect(await world.service()).toEqual(before);
    expect(await world.fault.renew?.(undo, open)).toMatch(/^schedule blackstart-.* is gone: it has acted/);
    await expect(world.fault.inject(undo, open)).rejects.toMatchObject({ kind: 'taken' });
    expect(await world.service()).toEqual(before);
  });

  test('nothing is injected where schedules do not act', async () => {
    const world = (makeWorld as unknown as typeof recordsWorld)({ schedulesAct: false });
    const before = await world.service();
    const undo = await world.fault.plan(open);
    await expect(world.fault.arm(undo, open)).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('did not act within 100 s') as string,
    });
    await expect(world.fault.inject(undo, open)).rejects.toBeInstanceOf(Trouble);
    expect(await world.service()).toEqual(before);
  });
});
