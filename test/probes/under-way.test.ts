import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { deadlines } from '../../probes/deadlines.ts';
import { ending, endingWithin } from '../../probes/ending.ts';
import { takeOut } from '../../probes/under-way.ts';
import { fakeClock } from '../fakes/clock.ts';

test('one is taken out wherever it is, once, and the rest stays in its order', () => {
  const underWay = ['a', 'b', 'a', 'c'];
  takeOut(underWay, 'a');
  takeOut(underWay, 'c');
  takeOut(underWay, 'd');
  expect(underWay).toEqual(['b', 'a']);
});

describe('what is over grows old nowhere', () => {
  test('of deadlines that were called off', () => {
    const timers = deadlines(fakeClock());
    expect(grownOldBytes((held) => timers.after(900, () => held.length))).toBeLessThan(mostOldBytes);
    timers.stop();
  });

  test('of endings that hung on another', () => {
    const outer = ending();
    const timers = deadlines(fakeClock());
    const begin = (held: readonly number[]) => {
      const { ending: inner, callOff } = endingWithin(timers, 900, outer);
      inner.addEventListener('abort', () => held.length);
      return callOff;
    };
    expect(grownOldBytes(begin)).toBeLessThan(mostOldBytes);
    timers.stop();
  });
});

const [passes, underWayAtOnce, heldNumbers] = [400, 50, 128];
/** A fifth of what passes through: a tenth is under way whenever the young are collected. */
const mostOldBytes = (passes * underWayAtOnce * heldNumbers * 8) / 5;

/** By how much the old part of the heap grows while so much passes through, which holds a kilobyte each. */
function grownOldBytes(begin: (held: readonly number[]) => () => void): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { readonly type: 'minor' | 'major' }) => void;
  const some = () => Array.from({ length: underWayAtOnce }, (_, one) => begin(Array(heldNumbers).fill(one)));
  let waiting = some();
  // What holds those that are under way is old from here on.
  collect({ type: 'major' });
  const beforeBytes = oldBytes();
  for (let pass = 0; pass < passes; pass += 1) {
    const next = some();
    for (const end of waiting) end();
    waiting = next;
    if (pass % 10 === 0) collect({ type: 'minor' });
  }
  for (const end of waiting) end();
  return oldBytes() - beforeBytes;
}

function oldBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')?.space_used_size ?? 0;
}
