/** What of a lab drill goes into the table: each stage at each vantage, beside what was predicted and what was true. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredResult } from '../../contract/api.ts';
import { type Bounds, exactly, stretched, widthMs } from '../../contract/bounds.ts';
import type { Quantiles, StageId } from '../../contract/drill.ts';
import { compare, readTruth } from '../../test/fakes/truth.ts';
import { flipsIn, noFlips } from './flips.ts';
import type { LabDrill } from './lab.ts';

export type Row = {
  readonly seed: number;
  readonly way: 'failover' | 'failback';
  readonly vantage: string;
  readonly stage: StageId;
  readonly found: Bounds;
  /** `null`: the lab does not write it down. */
  readonly truth: Bounds | null;
  readonly contained: boolean;
  readonly predicted: Quantiles | null;
  /** The moments that it is told from: of `authority` each name server's flip, of the others the stage itself. */
  readonly moments: readonly Moment[];
};

export type Moment = {
  readonly found: Bounds;
  /**
   * The burst interval, the two attempts' durations and how late they began, and how far the clocks are uncertain; and
   * the interval again for each round there that is missing, which is on record with its reason.
   */
  readonly allowedMs: number;
  readonly missingRounds: number;
};

export type Told = { readonly seed: number; readonly exit: number; readonly because: string; readonly tookMs: number };

export async function rowsOf(drill: LabDrill): Promise<readonly Row[]> {
  const { settings, outcome, world } = drill;
  const { report, evidence } = outcome;
  const truths = new Map(compare(report, world, readTruth(world.truth)).map((one) => [one.what, one]));
  const results = resultsOf(evidence);
  const flips = results.length === 0 || evidence === null ? noFlips : await flipsIn(evidence);
  return (['failover', 'failback'] as const).flatMap((way) => {
    const start = way === 'failover' ? report.t0 : report.restoreCalled;
    const predicted = way === 'failover' ? report.predicted : (report.predictedBack ?? {});
    const table = way === 'failover' ? report.stages : report.failback;
    if (start === null) return [];
    return Object.entries(table).flatMap(([vantage, { fresh }]) =>
      Object.entries(fresh ?? {}).map(([name, found]): Row => {
        const stage = name as StageId;
        const truth = truths.get(`${way} api ${vantage} ${stage}`);
        const at = { vantage, stage, start, everyMs: settings.burstEveryMs };
        return {
          seed: settings.seed,
          way,
          vantage,
          stage,
          found,
          truth: truth?.truth ?? null,
          contained: truth?.holds ?? true,
          predicted: predicted[stage] ?? null,
          moments:
            stage === 'authority'
              ? flips(way, vantage).map((flip) => momentOf(flip.found, askedOf(results, flip.server), at))
              : [momentOf(found, results, at)],
        };
      }),
    );
  });
}

type At = {
  readonly vantage: string;
  readonly stage: StageId;
  readonly start: Bounds;
  readonly everyMs: number;
};

function momentOf(found: Bounds, results: readonly StoredResult[], at: At): Moment {
  const middle = exactly((found.lowerMs + found.upperMs) / 2);
  const clocksMs = clockMs(results, at.vantage) + widthMs(at.start) + widthMs(stretched(middle));
  const near = nearby(found, results, at);
  const missingRounds = Math.max(0, ...[...Map.groupBy(near, ({ check }) => check).values()].map(missingIn));
  return { found, allowedMs: at.everyMs * (1 + missingRounds) + widestMs(near) + clocksMs, missingRounds };
}

function askedOf(results: readonly StoredResult[], server: string): readonly StoredResult[] {
  // A missing one does not say whom it would have asked.
  const ids = new Set(results.flatMap(({ details, checkId }) => (details.server === server ? [checkId] : [])));
  return results.filter(({ checkId }) => ids.has(checkId));
}

function resultsOf(evidence: string | null): readonly StoredResult[] {
  const path = evidence === null ? null : join(evidence, 'results.jsonl');
  // A drill that was refused has none.
  const text = path === null || !existsSync(path) ? '' : readFileSync(path, 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as StoredResult);
}

const checks: { readonly [S in StageId]?: readonly string[] } = {
  authority: ['authority'],
  resolver: ['resolver'],
  'last-served': ['client', 'direct'],
  'first-good': ['client'],
  'last-bad': ['client'],
  residual: ['client'],
};

/** Attempts of the stage's checks that touch the bounds. */
function nearby(
  found: Bounds,
  results: readonly StoredResult[],
  { vantage, stage, start }: At,
): readonly StoredResult[] {
  const [fromMs, toMs] = [start.lowerMs + found.lowerMs - 1, start.upperMs + found.upperMs + 1];
  return results
    .filter((one) => one.vantage === vantage && (checks[stage] ?? []).includes(one.check))
    .filter((one) => one.atMs <= toMs && one.atMs + one.durationMs >= fromMs);
}

/** The durations of the two longest, each with how late it began. */
function widestMs(near: readonly StoredResult[]): number {
  const [longest = 0, next = 0] = near
    .filter(({ outcome }) => outcome !== 'missing')
    .map(({ durationMs, quality }) => durationMs + quality.lateMs)
    .sort((a, b) => b - a);
  return longest + next;
}

/** Of fresh clients. */
function missingIn(near: readonly StoredResult[]): number {
  return near.filter(({ client, outcome }) => client === 'fresh' && outcome === 'missing').length;
}

/** Of the vantage's clock against the aggregator's; the runner's is in t0. */
function clockMs(results: readonly StoredResult[], vantage: string): number {
  const widths = results
    .filter((one) => one.vantage === vantage)
    .map(({ offset }) => offset.upperMs - offset.lowerMs)
    .sort((a, b) => a - b);
  return widths[Math.floor(widths.length / 2)] ?? 0;
}
