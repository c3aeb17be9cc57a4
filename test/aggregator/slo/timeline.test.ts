/** A verdict after each slice does not add up its window again: what is added is counted here. */
import { expect, test } from 'vitest';
import { type Timed, timeline } from '../../../aggregator/slo/timeline.ts';

const widthMs = 10_000;
const cells = 30 * 8_640;

function counted() {
  let steps = 0;
  const time = timeline<Timed, { cells: number }>({
    start: () => ({ cells: 0 }),
    copy: (state) => ({ ...state }),
    step(state) {
      steps += 1;
      state.cells += 1;
    },
  });
  const taken = (act: () => void): number => {
    const before = steps;
    act();
    return steps - before;
  };
  return { time, taken };
}

test('a window of any length costs the same few steps after a new slice, and after a late one those since', () => {
  const { time, taken } = counted();
  for (let at = 0; at < cells; at += 1) time.set({ atMs: at * widthMs, widthMs });
  const window = (days: number, toMs: number): number =>
    time.through(toMs).cells - time.through(toMs - days * 86_400_000).cells;
  const endMs = cells * widthMs;
  expect(taken(() => window(30, endMs))).toBeGreaterThanOrEqual(cells);

  time.set({ atMs: endMs, widthMs });
  for (const days of [1, 7, 30]) {
    expect(taken(() => expect(window(days, endMs + widthMs)).toBe(days * 8_640))).toBeLessThan(3 * 32);
  }
  expect(taken(() => window(30, endMs - 86_400_000 * 3))).toBeLessThan(3 * 32);

  time.set({ atMs: endMs - 3_600_000, widthMs });
  expect(taken(() => window(30, endMs + widthMs))).toBeLessThan(360 + 4 * 32);
});
