/** The truth of a simulated drill: when service, health, names and caches changed. All on the true clock. */
import type { Random } from '../../../contract/random.ts';
import type { Settings } from './settings.ts';

export const region = 'us-east-1';
export const heirs = ['eu-west-1', 'ap-southeast-1'] as const;
export const nameservers = ['127.0.0.53:53', '127.0.0.54:53', '127.0.0.55:53', '127.0.0.56:53'];

export type World = {
  readonly t0Ms: number;
  readonly restoreMs: number;
  readonly endMs: number;
  readonly drainMs: number;
  readonly goneMs: number;
  readonly backMs: number;
  /** As many endpoints are ready as before. */
  readonly fullMs: number;
  /** `null`: the checkers had not noticed when the region was back. */
  readonly unhealthyMs: number | null;
  readonly healthyMs: number | null;
  /** Per name server: when it left the region, and came back to it. */
  readonly leftMs: readonly number[];
  readonly returnedMs: readonly number[];
  readonly flaps: readonly { readonly region: string; readonly fromMs: number; readonly toMs: number }[];
  readonly alive: (atMs: number) => boolean;
};

const checkers = 16;
const costMs = { refused: 0, 'status-503': 0, 'black-hole': 4_000, hung: 2_000 };

export function buildWorld(settings: Settings, random: Random): World {
  const t0Ms = 1_763_689_200_000 + random() * 1_000;
  const drainMs = t0Ms + random() * 100;
  const goneMs = drainMs + random() * settings.graceMs;
  const { checkEveryMs, threshold, publishMs, ttlSeconds } = settings;
  const cycleMs = checkEveryMs + costMs[settings.mode];
  const worstMs = cycleMs * (threshold + 1) + publishMs + ttlSeconds * 1_000;
  const darkMs = settings.cutShort ? random() * worstMs : worstMs + settings.holdMs;
  const restoreMs = Math.max(goneMs, t0Ms + darkMs);
  const backMs = restoreMs + 50 + random() * 500;
  const health = watch(settings, random, { darkMs: goneMs, backMs });
  const published = (atMs: number | null): number[] =>
    nameservers.map(() =>
      atMs === null || settings.kind === 'nobody' ? Number.POSITIVE_INFINITY : atMs + random() * publishMs,
    );
  const leftMs = published(health.unhealthyMs);
  const returnedMs = published(health.healthyMs).map((atMs, index) => Math.max(atMs, leftMs[index] ?? 0));
  const endMs = backMs + checkEveryMs * (threshold + 1) + publishMs + ttlSeconds * 1_000 + settings.holdMs;
  const flaps = Array.from({ length: settings.flaps }, () => {
    const fromMs = t0Ms - 1_000 + random() * (endMs - t0Ms);
    return { region: random() < 0.4 ? region : heirs[0], fromMs, toMs: fromMs + random() * 2_000 };
  });
  const alive = (atMs: number): boolean => atMs < goneMs || atMs >= backMs;
  const fullMs = backMs + settings.graceMs;
  return { t0Ms, restoreMs, endMs, drainMs, goneMs, backMs, fullMs, ...health, leftMs, returnedMs, flaps, alive };
}

/** Each checker asks on its own; the check is unhealthy while at most 18 % of them say healthy. */
function watch(
  settings: Settings,
  random: Random,
  dark: { readonly darkMs: number; readonly backMs: number },
): { readonly unhealthyMs: number | null; readonly healthyMs: number | null } {
  const { checkEveryMs, threshold, mode } = settings;
  const flips: { atMs: number; healthy: boolean }[] = [];
  for (let checker = 0; checker < checkers; checker += 1) {
    let atMs = dark.darkMs - random() * checkEveryMs;
    let healthy = true;
    let against = 0;
    while (atMs < dark.backMs + checkEveryMs * (threshold + 2) + 20_000) {
      const good = atMs < dark.darkMs || atMs >= dark.backMs;
      const answeredMs = atMs + (good ? 0 : costMs[mode]);
      against = good === healthy ? 0 : against + 1;
      if (against >= threshold) {
        healthy = good;
        against = 0;
        flips.push({ atMs: answeredMs, healthy });
      }
      atMs = answeredMs + checkEveryMs;
    }
  }
  let count = checkers;
  let unhealthyMs: number | null = null;
  let healthyMs: number | null = null;
  for (const flip of flips.sort((a, b) => a.atMs - b.atMs)) {
    count += flip.healthy ? 1 : -1;
    if (count / checkers <= 0.18 && unhealthyMs === null) unhealthyMs = flip.atMs;
    if (count / checkers > 0.18 && unhealthyMs !== null && healthyMs === null && flip.healthy) healthyMs = flip.atMs;
  }
  return { unhealthyMs, healthyMs };
}

/** What a name server answers. */
export function authorityAnswer(
  world: World,
  settings: Settings,
  server: number,
  at: { atMs: number; random: Random },
): string {
  const left = world.leftMs[server] ?? Number.POSITIVE_INFINITY;
  const returned = world.returnedMs[server] ?? Number.POSITIVE_INFINITY;
  const without = at.atMs >= left && at.atMs < returned;
  if (settings.kind !== 'weighted') return without ? heirs[0] : region;
  const draw = at.random();
  if (without) return draw < 0.75 ? heirs[0] : heirs[1];
  return draw < 0.6 ? region : draw < 0.9 ? heirs[0] : heirs[1];
}
