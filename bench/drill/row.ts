/** What of a lab drill goes into the table: each stage at each vantage, beside what was predicted and what was true. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredResult } from '../../contract/api.ts';
import { type Bounds, exactly, stretched, widthMs } from '../../contract/bounds.ts';
import type { Quantiles, StageId } from '../../contract/drill.ts';
import { compare, readTruth } from '../../test/fakes/truth.ts';
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
  /** The burst interval, the two attempts' durations and how late they began, and how far the clocks are uncertain. */
  readonly allowedMs: number;
};

export type Told = { readonly seed: number; readonly exit: number; readonly because: string; readonly tookMs: number };

export function rowsOf(drill: LabDrill): readonly Row[] {
  const { settings, outcome, world } = drill;
  const { report } = outcome;
  const truths = new Map(compare(report, world, readTruth(world.truth)).map((one) => [one.what, one]));
  const results = resultsOf(outcome.evidence);
  return (['failover', 'failback'] as const).flatMap((way) => {
    const start = way === 'failover' ? report.t0 : report.restoreCalled;
    const predicted = way === 'failover' ? report.predicted : (report.predictedBack ?? {});
    const table = way === 'failover' ? report.stages : report.failback;
    if (start === null) return [];
    return Object.entries(table).flatMap(([vantage, { fresh }]) =>
      Object.entries(fresh ?? {}).map(([name, found]): Row => {
        const stage = name as StageId;
        const truth = truths.get(`${way} api ${vantage} ${stage}`);
        const attemptsMs = widestMs(results, { vantage, stage, found, start });
        // The name servers flip one after the other.
        const spreadMs = truth === undefined || stage !== 'authority' ? 0 : widthMs(truth.truth);
        const startMs = widthMs(start) + spreadMs;
        // Several moments are told in one: where a question falls between them it is one interval more.
        const burstsMs = settings.burstEveryMs * (stage === 'authority' ? 2 : 1);
        const middle = exactly((found.lowerMs + found.upperMs) / 2);
        return {
          seed: settings.seed,
          way,
          vantage,
          stage,
          found,
          truth: truth?.truth ?? null,
          contained: truth?.holds ?? true,
          predicted: predicted[stage] ?? null,
          allowedMs: burstsMs + attemptsMs + startMs + clockMs(results, vantage) + widthMs(stretched(middle)),
        };
      }),
    );
  });
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

type At = { readonly vantage: string; readonly stage: StageId; readonly found: Bounds; readonly start: Bounds };

/** The durations of the two longest attempts that touch the bounds, each with how late it began. */
function widestMs(results: readonly StoredResult[], { vantage, stage, found, start }: At): number {
  const [fromMs, toMs] = [start.lowerMs + found.lowerMs - 1, start.upperMs + found.upperMs + 1];
  const near = results
    .filter((one) => one.vantage === vantage && (checks[stage] ?? []).includes(one.check))
    .filter((one) => one.atMs <= toMs && one.atMs + one.durationMs >= fromMs)
    .map(({ durationMs, quality }) => durationMs + quality.lateMs)
    .sort((a, b) => b - a);
  return (near[0] ?? 0) + (near[1] ?? 0);
}

/** Of the vantage's clock against the aggregator's; the runner's is in t0. */
function clockMs(results: readonly StoredResult[], vantage: string): number {
  const widths = results
    .filter((one) => one.vantage === vantage)
    .map(({ offset }) => offset.upperMs - offset.lowerMs)
    .sort((a, b) => a - b);
  return widths[Math.floor(widths.length / 2)] ?? 0;
}
