import { formatMs, formatRatio } from '../../contract/units.ts';
import type { Forecast } from './forecast.ts';
import { costMs } from './input.ts';

export type Chance = {
  /** The share of drawn runs that meet the limit, 0 to 1. */
  readonly probability: number;
  /** `false`: not with every phase at its luckiest either. */
  readonly possible: boolean;
  /** One sentence with the numbers in it. */
  readonly because: string;
};

/** Whether a limit on `first-good` will be met, for settings as they are. */
export function meets(prediction: Forecast, limitMs: number): Chance {
  const { firstGoodMs, leastMs, input } = prediction;
  const limit = formatMs(limitMs);
  if (leastMs === null) {
    return {
      probability: 0,
      possible: false,
      because: `no health check that leads elsewhere guards this record: names never leave it, so no limit (${limit}) can be met`,
    };
  }
  const within = firstGoodMs.filter((ms) => ms <= limitMs).length;
  const probability = firstGoodMs.length === 0 ? 0 : within / firstGoodMs.length;
  if (leastMs > limitMs || (leastMs === limitMs && probability === 0)) {
    return {
      probability: 0,
      possible: false,
      because: `${settingsOf(prediction)} cannot give ${limit}: with every phase at its luckiest it takes ${formatMs(leastMs)}`,
    };
  }
  const rare =
    probability === 0 ? `none of ${firstGoodMs.length} drawn runs meets` : `${formatRatio(probability)} of runs meet`;
  const p95 = prediction.stages['first-good']?.p95 ?? 0;
  const { everyMs, threshold } = input.check ?? { everyMs: 0, threshold: 0 };
  return {
    probability,
    possible: true,
    because: `${rare} ${limit} with ${formatMs(everyMs)} × ${threshold} and a TTL of ${formatMs(input.ttlMs)}: 95 % are served again within ${formatMs(p95)}`,
  };
}

function settingsOf({ input }: Forecast): string {
  const { check, ttlMs, mode, way } = input;
  const failing =
    way === 'failover' && costMs[mode] > 0 ? `, ${formatMs(costMs[mode])} for each failing try (${mode})` : '';
  return `${formatMs(check?.everyMs ?? 0)} × ${check?.threshold ?? 0} and a TTL of ${formatMs(ttlMs)}${failing}`;
}
