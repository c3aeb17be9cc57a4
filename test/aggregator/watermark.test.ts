import fc from 'fast-check';
import { expect, test } from 'vitest';
import { offer, startingAt, type Watermark } from '../../aggregator/watermark.ts';

const span = (fromSeq: number, toSeq: number) => ({ fromSeq, toSeq, body: `${fromSeq}-${toSeq}` });

test('a span that follows is taken whole', () => {
  const { state, taken, fate } = offer(startingAt<string>(3), span(4, 6), 8);
  expect(fate).toBe('taken');
  expect(state.through).toBe(6);
  expect(taken).toEqual([{ ...span(4, 6), skip: 0 }]);
});

test('a span at or below the watermark is known', () => {
  expect(offer(startingAt<string>(6), span(4, 6), 8)).toMatchObject({ fate: 'known', taken: [] });
});

test('of a span that overlaps only the rest is taken', () => {
  const { state, taken } = offer(startingAt<string>(5), span(4, 8), 8);
  expect(taken).toEqual([{ ...span(4, 8), skip: 2 }]);
  expect(state.through).toBe(8);
});

test('a span beyond a hole is held, and taken with what fills the hole', () => {
  const held = offer(startingAt<string>(0), span(4, 6), 8);
  expect(held).toMatchObject({ fate: 'held', taken: [] });
  const filled = offer(held.state, span(1, 4), 8);
  expect(filled.taken.map(({ fromSeq, skip }) => [fromSeq, skip])).toEqual([
    [1, 0],
    [4, 1],
  ]);
  expect(filled.state).toEqual({ through: 6, held: [] });
});

test('no more is held than the bound', () => {
  let state: Watermark<string> = startingAt(0);
  for (let index = 0; index < 4; index += 1) state = offer(state, span(10 + index * 2, 10 + index * 2), 4).state;
  expect(offer(state, span(30, 30), 4).fate).toBe('full');
});

/** What happens on the way: frames in any order, repeated, cut anew after a reconnect, and crashes of either side. */
const events = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('send' as const),
        from: fc.nat(40),
        size: fc.integer({ min: 1, max: 9 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash-before-commit' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('commit' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash-after-commit' as const) }) },
  ),
  { maxLength: 60 },
);

test('under any crash and replay every number is counted exactly once', () => {
  fc.assert(
    fc.property(events, (happenings) => {
      // On disk: how far, and how often each number was counted. In memory: what the next transaction would add.
      const disk = { through: 0, counts: new Map<number, number>() };
      let state: Watermark<null> = startingAt(0);
      let pending: number[] = [];
      const commit = (): void => {
        for (const seq of pending) disk.counts.set(seq, (disk.counts.get(seq) ?? 0) + 1);
        disk.through = state.through;
        pending = [];
      };
      const restart = (): void => {
        state = startingAt(disk.through);
        pending = [];
      };
      const send = (fromSeq: number, toSeq: number): void => {
        const offered = offer(state, { fromSeq, toSeq, body: null }, 8);
        state = offered.state;
        for (const taken of offered.taken) {
          for (let seq = taken.fromSeq + taken.skip; seq <= taken.toSeq; seq += 1) pending.push(seq);
        }
      };
      for (const event of happenings) {
        if (event.kind === 'send') send(event.from + 1, event.from + event.size);
        else if (event.kind === 'commit') commit();
        else if (event.kind === 'crash-before-commit') restart();
        else {
          commit();
          restart();
        }
      }
      // In the end the agent sends all again from what is acknowledged, as it does after every reconnect.
      send(disk.through + 1, 60);
      commit();
      expect(disk.through).toBe(60);
      expect([...disk.counts.keys()].sort((a, b) => a - b)).toEqual(
        Array.from({ length: 60 }, (_, index) => index + 1),
      );
      expect([...disk.counts.values()].every((times) => times === 1)).toBe(true);
    }),
    { numRuns: 500 },
  );
});
