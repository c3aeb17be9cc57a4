/** What several drills of one name show together: a median of each stage, its slope, and whether the last one is unlike the others. */
import type { Bounds } from '../../contract/bounds.ts';
import type { DrillReport } from '../../contract/drill.ts';
import { quantile, quantileRanks, quantileSamplesNeeded } from '../../contract/statistics.ts';
import { formatMs } from '../../contract/units.ts';
import { type Slope, slopeOf } from './slope.ts';
import { middle, type StageKey, stagesIn } from './stages.ts';

export type StageTrend = {
  readonly stage: StageKey;
  /** Drills that showed it. */
  readonly n: number;
  readonly medianMs: number;
  /** Of the median, at 95 % or more, by order statistics; `null` with too few drills. */
  readonly intervalMs: readonly [number, number] | null;
  /** So many more drills until there is an interval. */
  readonly needed: number;
  /** Milliseconds a drill. */
  readonly slope: Slope | null;
  readonly lastMs: Bounds;
  /** `null`: the last is like the others, or they are too few to tell. */
  readonly finding: 'slower' | 'faster' | null;
};

export type Trend = {
  readonly name: string;
  /** Oldest first. */
  readonly drills: readonly { readonly id: string; readonly startedMs: number; readonly status: string }[];
  readonly stages: readonly StageTrend[];
  /** A sentence each. */
  readonly findings: readonly string[];
};

const alpha = 0.05;
const half = 0.5;
/** By chance alone the last of so many and one is the highest or the lowest in two of five cases; of fewer, in more. */
const fewestBefore = 4;

/** Of drills of that name that took something away, whatever came of them; those seen twice count once. */
export function trendOf(name: string, reports: readonly DrillReport[]): Trend {
  const counted = reports.filter(({ name: of, t0, fault }) => of === name && t0 !== null && fault !== 'observed');
  const drills = [...new Map(counted.map((report) => [report.id, report])).values()]
    .filter(({ status }) => status === 'over')
    .toSorted((a, b) => a.startedMs - b.startedMs);
  const found = drills.map(stagesIn);
  const keys = [...new Set(found.flatMap((stages) => [...stages.keys()]))];
  const stages = keys.map((stage) => trendIn(stage, found));
  return {
    name,
    drills: drills.map(({ id, startedMs, verdict }) => ({ id, startedMs, status: verdict.status })),
    stages,
    findings: stages.flatMap(findingOf),
  };
}

function trendIn(stage: StageKey, drills: readonly ReadonlyMap<StageKey, Bounds>[]): StageTrend {
  const series = drills.flatMap((stages) => stages.get(stage) ?? []);
  const last = series.at(-1);
  if (last === undefined) throw new Error(`${stage} is of no drill`);
  const values = series.map(middle);
  const sorted = values.toSorted((a, b) => a - b);
  const ranks = quantileRanks(sorted.length, half, alpha);
  const [lower, upper] = ranks?.map((rank) => sorted[rank - 1]) ?? [];
  // A drill that did not show the stage has no word on how long it took.
  const isNewest = drills.at(-1)?.has(stage) === true;
  return {
    stage,
    n: series.length,
    medianMs: quantile(sorted, half) ?? 0,
    intervalMs: lower === undefined || upper === undefined ? null : [lower, upper],
    needed: Math.max(0, quantileSamplesNeeded(half, alpha) - series.length),
    slope: slopeOf(values),
    lastMs: last,
    finding: isNewest ? unlike(last, series.slice(0, -1)) : null,
  };
}

/** Beyond all others by its bounds and theirs: what is only unsure is no finding. */
function unlike(last: Bounds, before: readonly Bounds[]): StageTrend['finding'] {
  if (before.length < fewestBefore) return null;
  if (before.every(({ upperMs }) => last.lowerMs > upperMs)) return 'slower';
  return before.every(({ lowerMs }) => last.upperMs < lowerMs) ? 'faster' : null;
}

function findingOf({ stage, finding, lastMs, n, medianMs }: StageTrend): readonly string[] {
  if (finding === null) return [];
  const took = `${formatMs(lastMs.lowerMs)} to ${formatMs(lastMs.upperMs)}`;
  return [
    `${stage} took ${took} in the last drill, ${finding} than in each of the ${n - 1} before (median of all ${formatMs(medianMs)}); by chance alone that is so once in ${n}`,
  ];
}
