import { expect, test } from 'vitest';
import type { Engine } from '../../aggregator/engine.ts';
import { startTicks } from '../../aggregator/ticks.ts';
import type { Log } from '../../contract/log.ts';
import { fakeClock } from '../fakes/clock.ts';

test('slices that ledgers do not have yet are read in turns, with all else in between, until none is left', async () => {
  const clock = fakeClock();
  const order: string[] = [];
  let left = 3;
  const verdicts = {
    look: () => undefined,
    readOn(): boolean {
      order.push('turn');
      clock.after(0, () => order.push('something else'));
      left -= 1;
      return left > 0;
    },
  };
  // No tick but the turns is due in this test.
  const engine = { verdicts } as unknown as Engine;
  const log = { error: () => undefined } as unknown as Log;
  const store = {} as Parameters<typeof startTicks>[1]['store'];
  const ticks = startTicks(engine, { clock, log, store, maxLogBytes: 0, appliedId: () => 0 });
  await clock.advance(10);
  ticks.stop();
  expect(order).toEqual(['turn', 'something else', 'turn', 'something else', 'turn', 'something else']);
});
