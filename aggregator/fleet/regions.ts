/** How each region is, in the last five minutes, seen from its own vantage where it has one. */
import { quantileMs } from '../slo/quantile.ts';
import type { CheckRow } from '../store/rows.ts';
import type { RegionWindow } from './region-window.ts';
import type { JudgedRound, RoundCell } from './rounds.ts';

export type RegionFacts = {
  readonly region: string;
  /** `null` when nobody knows. */
  readonly healthy: boolean | null;
  readonly latencyMs: number | null;
  readonly errorsRatio: number | null;
};
export type RegionDeps = {
  check(id: string): CheckRow;
  vantageRegion(vantage: string): string | null;
  judged(): readonly JudgedRound[];
  window(nowMs: number): RegionWindow;
};

export function regionFacts(regions: readonly string[], deps: RegionDeps, nowMs: number): readonly RegionFacts[] {
  const window = deps.window(nowMs);
  const cells = newestCells(deps, nowMs);
  return regions.map((region) => ({
    region,
    healthy: isHealthy(region, cells.get(region) ?? [], deps),
    ...measure(region, window),
  }));
}

/**
 * `dark`: it is known that they do not answer as expected. `unseen`: nobody knows, or too few of others than its own vantage
 * were heard to say that it is well.
 */
export function regionsBy(
  regions: readonly string[],
  deps: RegionDeps,
  nowMs: number,
): { readonly dark: readonly string[]; readonly unseen: readonly string[] } {
  const cells = newestCells(deps, nowMs);
  const those = (healthy: boolean | null): readonly string[] =>
    regions.filter((region) => isHealthy(region, cells.get(region) ?? [], deps) === healthy);
  const unsure = those(true).filter((region) => !isVouched(region, cells.get(region) ?? [], deps));
  return { dark: those(false), unseen: [...those(null), ...unsure] };
}

function isVouched(region: string, cells: readonly RoundCell[], deps: RegionDeps): boolean {
  const checks = new Set(cells.flatMap(({ checkId, outcome }) => (outcome === 'good' ? [checkId] : [])));
  return (
    cells.some(({ vantage }) => deps.vantageRegion(vantage) === region) ||
    deps
      .judged()
      .some(
        (round) => round.cells.some((cell) => checks.has(cell.checkId)) && !round.judgement.unheard.includes(region),
      )
  );
}

function measure(region: string, window: RegionWindow): Pick<RegionFacts, 'latencyMs' | 'errorsRatio'> {
  // Checks that ask a region say more about it than names that happened to lead there.
  const by = window.asked.has(region) ? 'asking' : 'other';
  for (const groups of [[`${by}-own`], [`${by}-own`, `${by}-afar`]] as const) {
    const { good, bad, durations, samplesMs } = window.sum(region, groups);
    if (good + bad === 0) continue;
    const sorted = samplesMs === null ? null : Float64Array.from(samplesMs).sort();
    const latencyMs = quantileMs({ good, durations, samplesMs: sorted }, 0.95) ?? null;
    return { latencyMs, errorsRatio: bad / (good + bad) };
  }
  return { latencyMs: null, errorsRatio: null };
}

/** Answers of the newest rounds, by region, but for vantages that are in trouble themselves. */
function newestCells(deps: RegionDeps, nowMs: number): ReadonlyMap<string, readonly RoundCell[]> {
  const cells = deps
    .judged()
    .flatMap(({ cells, judgement }) => cells.filter(({ vantage }) => !judgement.excused.includes(vantage)))
    .filter((cell) => cell.outcome !== 'missing' && isFresh(cell, deps, nowMs));
  return Map.groupBy(cells, ({ region }) => region);
}

/**
 * Check by check: of its own vantage's answers, else of everybody's. A region is well when for any of its checks more are
 * good than bad: one broken path is not a dead region.
 */
function isHealthy(region: string, cells: readonly RoundCell[], deps: RegionDeps): boolean | null {
  const local = new Set(
    [...new Set(cells.map(({ vantage }) => vantage))].filter((one) => deps.vantageRegion(one) === region),
  );
  const own = cells.filter(({ vantage }) => local.has(vantage));
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
