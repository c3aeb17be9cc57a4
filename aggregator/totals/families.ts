import type { FleetAgent } from '../../contract/api.ts';
import { countedMetrics } from '../../contract/counted-metrics.ts';
import type { MissingReason } from '../../contract/result.ts';
import type { Family } from '../metrics/exposition.ts';
import { family } from '../metrics/gauges.ts';
import type { CheckRow } from '../store/rows.ts';
import type { Total } from './totals.ts';

export type TotalsDeps = {
  rows(): Iterable<Total>;
  check(id: string): CheckRow;
  agents(): readonly FleetAgent[];
};

/**
 * Each is always there: after a kill results may turn out to be missing for another reason, and what was written of the
 * first one must not stand for ever.
 */
const reasons = [
  'shed',
  'agent-gone',
  'bad-sample',
  'dropped',
  'not-yet-assigned',
  'aggregator-lost',
] as const satisfies readonly MissingReason[];

type Value = readonly [labels: readonly string[], value: number];

/** What an engine needs to sum over aggregators. Checks of one name and region are one series. */
export function totalFamilies(deps: TotalsDeps): readonly Family[] {
  const results = new Map<string, number>();
  const durations = new Map<string, number>();
  const add = (to: Map<string, number>, labels: readonly string[], value: number): void => {
    const key = labels.join('\u0000');
    to.set(key, (to.get(key) ?? 0) + value);
  };
  for (const { checkId, vantage, regions, missing } of deps.rows()) {
    const check = deps.check(checkId);
    const whose = [check.name, vantage];
    for (const [region, sum] of regions) {
      add(results, [...whose, region, 'good', ''], sum.good);
      add(results, [...whose, region, 'bad', ''], sum.bad);
      if (sum.durations.zero > 0) add(durations, [...whose, region, 'zero'], sum.durations.zero);
      for (const [bucket, count] of sum.durations.buckets) add(durations, [...whose, region, String(bucket)], count);
    }
    for (const reason of reasons) {
      add(results, [...whose, check.region ?? '', 'missing', reason], missing.get(reason) ?? 0);
    }
  }
  const values = (of: ReadonlyMap<string, number>): readonly Value[] =>
    [...of].map(([key, value]): Value => [key.split('\u0000'), value]);
  const own = deps.agents().filter(({ elsewhere }) => elsewhere !== true);
  return [
    family(countedMetrics.countedResults, values(results)),
    family(countedMetrics.countedDurations, values(durations)),
    family(
      countedMetrics.agentSeen,
      own.map(({ agent, vantage, region, boot, version, lastSeenMs }): Value => {
        return [[agent, vantage, region, boot, version], lastSeenMs / 1_000];
      }),
    ),
  ];
}
