import type { Profile, ProfileName } from '../world.ts';

/** `fast` is `real` divided by 30; what the design leaves open is ours. Latencies and counts are never scaled. */
export const profiles: Readonly<Record<ProfileName, Profile>> = {
  fast: {
    name: 'fast',
    factor: 30,
    ttlSeconds: 2,
    healthCheckIntervalSeconds: 1,
    leaseMs: 2_000,
    limitMs: 8_000,
    probeEveryMs: 200,
    burstEveryMs: 100,
    samplingMs: 10_000,
    holdMs: 2_000,
    podReadyMs: 400,
    podGoneMs: 300,
  },
  real: {
    name: 'real',
    factor: 1,
    ttlSeconds: 60,
    healthCheckIntervalSeconds: 30,
    leaseMs: 60_000,
    limitMs: 240_000,
    probeEveryMs: 10_000,
    burstEveryMs: 250,
    samplingMs: 180_000,
    holdMs: 60_000,
    podReadyMs: 12_000,
    podGoneMs: 9_000,
  },
};
