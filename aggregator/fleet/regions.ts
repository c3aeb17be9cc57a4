/** How each region is, in the last five minutes, seen from its own vantage where it has one. */
import { emptyHistogram, mergeInto } from '../slices/histogram.ts';
import type { Series } from '../slices/table.ts';
import { slicesIn } from '../slo/facts.ts';
import { quantileMs } from '../slo/quantile.ts';
import type { CheckRow } from '../store/rows.ts';
import type { JudgedRound, RoundCell } from './rounds.ts';

export type RegionFacts = {
  readonly region: string;
  /** `null` when nobody knows. */
  readonly healthy: boolean | null;
  readonly latencyMs: number | null;
  readonly errorsRatio: number | null;
};
export type RegionDeps = {
  series(): Iterable<Series>;
  check(id: string): CheckRow;
  vantageRegion(vantage: string): string | null;
  judged(): readonly JudgedRound[];
};

const windowMs = 300_000;

export function regionFacts(regions: readonly string[], deps: RegionDeps, nowMs: number): readonly RegionFacts[] {
  const all = [...deps.series()].filter((series) => series.burst === '' && deps.check(series.checkId).kind === 'http');
  // Checks that ask a region say more about it than names that happened to lead there.
  const direct = all.filter((series) => deps.check(series.checkId).region !== null);
  return regions.map((region) => {
    const asking = direct.filter((series) => deps.check(series.checkId).region === region);
    return {
      region,
      healthy: isHealthy(region, deps, nowMs),
      ...measure(region, asking.length > 0 ? asking : all, deps, nowMs),
    };
  });
}

/** Those of which it is known that they do not answer as expected. */
export function darkRegions(regions: readonly string[], deps: RegionDeps, nowMs: number): readonly string[] {
  return regions.filter((region) => isHealthy(region, deps, nowMs) === false);
}

function measure(
  region: string,
  series: readonly Series[],
  deps: RegionDeps,
  nowMs: number,
): Pick<RegionFacts, 'latencyMs' | 'errorsRatio'> {
  const own = series.filter(({ vantage }) => deps.vantageRegion(vantage) === region);
  for (const group of [own, series]) {
    const sum = { good: 0, bad: 0, durations: emptyHistogram(), samples: [] as number[] };
    for (const slice of group.flatMap((one) => [...slicesIn(one, nowMs - windowMs, nowMs + 1)])) {
      const counts = slice.regions.get(region);
      if (counts === undefined) continue;
      sum.good += counts.good;
      sum.bad += counts.bad;
      for (const sample of counts.samplesMs ?? []) sum.samples.push(sample);
      mergeInto(sum.durations, counts.durations);
    }
    if (sum.good + sum.bad === 0) continue;
    const samplesMs = sum.samples.length === sum.good ? Float64Array.from(sum.samples).sort() : null;
    const latencyMs = quantileMs({ good: sum.good, durations: sum.durations, samplesMs }, 0.95) ?? null;
    return { latencyMs, errorsRatio: sum.bad / (sum.good + sum.bad) };
  }
  return { latencyMs: null, errorsRatio: null };
}

/**
 * The newest rounds decide, check by check: of its own vantage's answers, else of everybody's. A region is well when for
 * any of its checks more are good than bad: one broken path is not a dead region.
 */
function isHealthy(region: string, deps: RegionDeps, nowMs: number): boolean | null {
  const cells = deps
    .judged()
    .flatMap((round) => round.cells.filter((cell) => !round.judgement.excused.includes(cell.vantage)))
    .filter((cell) => cell.region === region && cell.outcome !== 'missing' && isFresh(cell, deps, nowMs));
  const own = cells.filter((cell) => deps.vantageRegion(cell.vantage) === region);
  const deciding = own.length > 0 ? own : cells;
  if (deciding.length === 0) return null;
  const byCheck = [...Map.groupBy(deciding, (cell) => cell.checkId).values()];
  return byCheck.some((of) => of.filter((cell) => cell.outcome === 'good').length * 2 > of.length);
}

function isFresh(cell: RoundCell, deps: RegionDeps, nowMs: number): boolean {
  const { kind, everyMs } = deps.check(cell.checkId);
  return kind === 'http' && nowMs - cell.placeMs <= 3 * everyMs + freshFloorMs;
}

const freshFloorMs = 5_000;
