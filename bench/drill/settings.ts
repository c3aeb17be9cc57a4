/** What one lab drill is about: drawn from a seed, over what designs vary in, with timers that are short. */
import type { ClockError } from '../../contract/clock.ts';
import { type Random, seededRandom } from '../../contract/random.ts';
import type { LabRegion } from '../../scenarios/world.ts';

export type LabSettings = {
  readonly seed: number;
  readonly checkEverySeconds: number;
  readonly threshold: number;
  readonly ttlSeconds: number;
  /** What the region's door does without a ready pod. */
  readonly whenDark: NonNullable<LabRegion['whenDark']>;
  readonly replicas: number;
  readonly podReadyMs: number;
  readonly podGoneMs: number;
  readonly roundTripMs: number;
  readonly burstEveryMs: number;
  /** The vantage's resolver raises shorter TTLs to this; 0: it does not. */
  readonly raiseTtlTo: number;
  readonly holdMs: number;
  /** Clocks of the runner and of each agent. */
  readonly clocks: readonly [ClockError, ClockError, ClockError];
};

export function labSettings(seed: number): LabSettings {
  const random = seededRandom(seed * 104_729 + 7);
  const pick = <T>(values: readonly [T, ...T[]]): T => values[Math.floor(random() * values.length)] ?? values[0];
  const whenDark = pick<LabSettings['whenDark']>(['status-503', 'status-503', 'refuse', 'swallow']);
  return {
    seed,
    checkEverySeconds: pick([1, 1, 2]),
    // Each try at a door that swallows takes two seconds more.
    threshold: whenDark === 'swallow' ? pick([1, 2]) : pick([1, 2, 3]),
    ttlSeconds: pick([1, 2, 3]),
    whenDark,
    ...pick([
      { replicas: 1, podReadyMs: 100 },
      { replicas: 3, podReadyMs: 400 },
      { replicas: 10, podReadyMs: 1_500 },
    ]),
    podGoneMs: pick([50, 300, 1_000]),
    roundTripMs: pick([2, 15, 45]),
    burstEveryMs: pick([100, 200, 250]),
    raiseTtlTo: pick([0, 0, 0, 4]),
    holdMs: 500,
    clocks: [clockOff(random), clockOff(random), clockOff(random)],
  };
}

/** Seconds off, and up to ±200 ppm fast or slow. */
function clockOff(random: Random): ClockError {
  return { offsetMs: (random() - 0.5) * 8_000, driftPpm: (random() - 0.5) * 400 };
}
