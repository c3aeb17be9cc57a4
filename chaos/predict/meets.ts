import { formatMs, formatRatio } from '../../contract/units.ts';
import type { Forecast } from './forecast.ts';
import { tryMs } from './input.ts';

export type Chance = {
  /** The share of drawn runs that meet the limit, 0 to 1; `null` where nobody can tell. */
  readonly probability: number | null;
  /** `false`: not with every phase at its luckiest, or in none of all runs that were drawn. */
  readonly possible: boolean;
  /** One sentence with the numbers in it. */
  readonly because: string;
};

/** Whether a limit on `first-good` will be met, for settings as they are. */
export function meets(made: Forecast, limitMs: number): Chance {
  const { firstGoodMs, leastMs, stages } = made;
  const limit = formatMs(limitMs);
  if (leastMs === null) return unmoved(made, limit);
  const within = firstGoodMs.filter((ms) => ms <= limitMs).length;
  const probability = firstGoodMs.length === 0 ? 0 : within / firstGoodMs.length;
  const { p5 = 0, p95 = 0 } = stages['first-good'] ?? {};
  if (probability === 0) {
    const how =
      leastMs >= limitMs
        ? `with every phase at its luckiest it takes ${formatMs(leastMs)}`
        : `none of ${firstGoodMs.length} drawn runs meets it, 95 % take ${formatMs(p5)} or more`;
    return { probability, possible: false, because: `${settingsOf(made)} cannot give ${limit}: ${how}` };
  }
  return {
    probability,
    possible: true,
    because: `${formatRatio(probability)} of runs meet ${limit} with ${[...turningText(made.input), ttlText(made)].join(' and ')}: 95 % are served again within ${formatMs(p95)}`,
  };
}

function unmoved({ input }: Forecast, limit: string): Chance {
  if (input.leaves === null) {
    return {
      probability: null,
      possible: true,
      because: `nobody can tell whether ${limit} will be met: the zone does not tell what moves these names, or when`,
    };
  }
  return {
    probability: 0,
    possible: false,
    because: `no health check that leads elsewhere guards this record: names never leave it, so no limit (${limit}) can be met`,
  };
}

function settingsOf(made: Forecast): string {
  const { check, mode, way } = made.input;
  const costMs = check === null || way === 'failback' ? 0 : tryMs(check, mode);
  const failing = costMs > 0 ? `, ${formatMs(costMs)} for each failing try (${mode})` : '';
  return `${[...turningText(made.input), ttlText(made)].join(' and ')}${failing}`;
}

/** What turns health: a check, the targets of a load balancer, or the first (on the way back the last) of both. */
function turningText({ check, targets, way }: Forecast['input']): readonly string[] {
  const longest = formatMs(Math.max(0, ...targets.map(({ toMs }) => toMs)));
  const until = way === 'failover' ? 'gone' : 'healthy';
  return [
    ...(check === null ? [] : [`${formatMs(check.everyMs)} × ${check.threshold}`]),
    ...(targets.length === 0 ? [] : [`targets that take up to ${longest} to be ${until}`]),
  ];
}

/** A resolver that keeps answers for longer counts with its own time. */
function ttlText({ input: { ttlMs, ttlOf, copies } }: Forecast): string {
  const longestMs = Math.max(ttlMs, ...copies.map(({ lengthMs }) => lengthMs));
  const raised = longestMs > ttlMs ? ` (that a resolver raises to ${formatMs(longestMs)})` : '';
  return `${ttlOf === 'alias' ? 'an alias TTL' : 'a TTL'} of ${formatMs(ttlMs)}${raised}`;
}
