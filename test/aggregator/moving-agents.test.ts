import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { latenessMs } from '../../aggregator/slices/settle.ts';
import { sliceWidthMs } from '../../aggregator/slices/tiers.ts';
import { type Accident, everyMs, expectedIn, type MovingWorld, movingWorld, t0 } from '../fakes/moving-agent.ts';

const calmSteps = (latenessMs + 3 * sliceWidthMs) / everyMs + 60;
const accident: fc.Arbitrary<Accident> = fc.record({
  what: fc.constantFrom('aggregator', 'aggregator', 'network', 'agent', 'acknowledgement'),
  which: fc.constantFrom(0, 1),
  atStep: fc.integer({ min: 2, max: 120 }),
  forSteps: fc.integer({ min: 1, max: 100 }),
});

/** Runs until all that happens has happened, and then until everything is declared. */
function run(accidents: readonly Accident[], check: (world: MovingWorld, endMs: number) => void): void {
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-moving-'));
  const world = movingWorld(dir, accidents);
  try {
    const last = Math.max(0, ...accidents.map(({ atStep, forSteps }) => atStep + forSteps));
    for (let step = 0; step < last + calmSteps; step += 1) world.step();
    check(world, Math.floor((world.nowMs - latenessMs - 2 * sliceWidthMs) / sliceWidthMs) * sliceWidthMs);
  } finally {
    world.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

function countedOnce(world: MovingWorld): void {
  const counts = world.aggregators.flatMap(({ counted }) => [...counted]);
  expect(counts.filter(([, times]) => times !== 1)).toEqual([]);
  expect(counts.map(([id]) => id).sort()).toEqual([...world.made.keys()].sort());
}

/** Slice by slice, each aggregator expects the rounds that are its own since it knew the agent, and no others. */
function expectedOnce(world: MovingWorld, endMs: number): void {
  const startsMs = [...world.made.values()];
  for (const { name, slices, firstSeenMs } of world.aggregators) {
    const found = new Map(slices().map((slice) => [slice.atMs, expectedIn(slice)]));
    for (let atMs = Math.floor(t0 / sliceWidthMs) * sliceWidthMs; atMs < endMs; atMs += sliceWidthMs) {
      const isOwn = (startMs: number): boolean =>
        atMs <= startMs && startMs < atMs + sliceWidthMs && world.ownerAt(startMs) === name;
      let owed = 0;
      for (let startMs = atMs; startMs < atMs + sliceWidthMs; startMs += everyMs)
        if (isOwn(startMs) && startMs >= Math.max(t0, firstSeenMs ?? Number.POSITIVE_INFINITY)) owed += 1;
      const came = startsMs.filter(isOwn).length;
      expect(found.get(atMs) ?? 0, `${name} at ${(atMs - t0) / 1_000} s`).toBe(Math.max(owed, came));
    }
  }
}

describe('an agent of two aggregators', () => {
  test('with nothing wrong stays at one, which has everything', () => {
    run([], (world, endMs) => {
      countedOnce(world);
      expectedOnce(world, endMs);
      expect(world.moves).toBe(0);
      expect(world.aggregators[1]?.counted.size).toBe(0);
    });
  });

  test('killed after the commit and before the acknowledgement, an aggregator counts once, and so does the other', () => {
    const lost: Accident = { what: 'acknowledgement', which: 0, atStep: 30, forSteps: 2 };
    const dead: Accident = { what: 'aggregator', which: 0, atStep: 31, forSteps: 100 };
    run([lost, dead], (world, endMs) => {
      countedOnce(world);
      expectedOnce(world, endMs);
      expect(world.moves).toBe(2);
      expect(world.aggregators.map(({ counted }) => counted.size > 50)).toEqual([true, true]);
    });
  });

  test('cut off from a live aggregator for long, it is missed there only until it can say where it was', () => {
    run([{ what: 'network', which: 0, atStep: 30, forSteps: 200 }], (world, endMs) => {
      countedOnce(world);
      expectedOnce(world, endMs);
    });
  });

  test('dead while its aggregator is too, with the old boot’s results in its spool, it is missed by one of them', () => {
    const dead: Accident = { what: 'aggregator', which: 0, atStep: 20, forSteps: 60 };
    const gone: Accident = { what: 'agent', which: 0, atStep: 40, forSteps: 100 };
    run([dead, gone], (world, endMs) => {
      countedOnce(world);
      expectedOnce(world, endMs);
    });
  });

  test('whatever dies, whenever and for how long: each result is counted once, each round expected by one', () => {
    fc.assert(
      fc.property(fc.array(accident, { maxLength: 8 }), (accidents) => {
        run(accidents, (world, endMs) => {
          countedOnce(world);
          expectedOnce(world, endMs);
        });
      }),
      { numRuns: 20 },
    );
  }, 60_000);
});
