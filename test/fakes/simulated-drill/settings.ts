import type { Random } from '../../../contract/random.ts';

export type FailureMode = 'refused' | 'status-503' | 'black-hole' | 'hung';

/** What a simulated drill is about: drawn from a seed, over what real ones vary in. */
export type Settings = {
  readonly kind: 'plain' | 'weighted' | 'nobody';
  readonly checkEveryMs: number;
  readonly threshold: number;
  readonly ttlSeconds: number;
  readonly burstEveryMs: number;
  readonly mode: FailureMode;
  readonly graceMs: number;
  readonly publishMs: number;
  /** Mean time of an attempt: several burst intervals in a third of the drills. */
  readonly attemptMs: number;
  readonly strayRatio: number;
  readonly flaps: number;
  readonly missingRatio: number;
  /** The door closes kept connections when its pods are gone, or answers 503 on them. */
  readonly closesConnections: boolean;
  /** Restored while users are still in the dark. */
  readonly cutShort: boolean;
  readonly holdMs: number;
  /** Whether the second vantage's users are on the region too. */
  readonly secondOn: boolean;
};

export type Pace = 'quick' | 'varied';

export function drawSettings(random: Random, pace: Pace): Settings {
  const pick = <T>(values: readonly [T, ...T[]]): T => values[Math.floor(random() * values.length)] ?? values[0];
  const quick = pace === 'quick';
  const burstEveryMs = pick(quick ? [100, 200, 250] : [100, 200, 250, 500]);
  const long = !quick && random() < 0.3;
  return {
    kind: pick(['plain', 'plain', 'plain', 'weighted', 'nobody']),
    checkEveryMs: pick(long ? [10_000, 30_000] : [500, 1_000, 2_000]),
    threshold: pick([1, 2, 3]),
    ttlSeconds: pick(long ? [5, 20, 60] : [1, 2, 5]),
    burstEveryMs: long ? 500 : burstEveryMs,
    mode: pick(['refused', 'status-503', 'status-503', 'black-hole', 'hung']),
    graceMs: pick([0, 50, 500, 3_000]),
    publishMs: pick([0, 200, 1_000]),
    attemptMs: random() < 0.35 ? burstEveryMs * (1 + random() * 7) : 5 + random() * 60,
    strayRatio: pick([0, 0.002, 0.01, 0.03]),
    flaps: pick([0, 0, 1, 2]),
    missingRatio: pick([0, 0, 0.02, 0.15]),
    closesConnections: random() < 0.5,
    cutShort: random() < 0.15,
    holdMs: 3_000 + random() * 2_000,
    secondOn: random() < 0.5,
  };
}
