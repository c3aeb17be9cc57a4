/** Slices and a book of ledgers over them, filled by hand. */
import type { Counted } from '../../../aggregator/slices/slice.ts';
import { type SliceTable, sliceTable } from '../../../aggregator/slices/table.ts';
import { countedDrills } from '../../../aggregator/slo/drilled.ts';
import { type VerdictDeps, type Verdicts, verdicts } from '../../../aggregator/slo/verdicts.ts';
import type { DrillReport } from '../../../contract/drill.ts';
import type { Objective } from '../../../contract/objective.ts';
import type { Verdict } from '../../../contract/verdict.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
/** A whole day, hour and minute. */
export const t0 = Date.parse('2026-11-02T00:00:00Z');

export const good: Counted = { region: 'us', outcome: 'good', missing: null, durationMs: 20 };
export const bad: Counted = { ...good, outcome: 'bad' };

export const availability: Objective = {
  id: 'up',
  check: 'home',
  region: null,
  from: 'all',
  indicator: { kind: 'availability', target: 0.99 },
  windowMs: hourMs,
};

export type World = {
  readonly slices: SliceTable;
  readonly changed: Verdict[];
  add(atMs: number, result: Counted, vantage?: string): void;
  expect(atMs: number, results: number, vantage?: string): void;
  verdicts(objectives: readonly Objective[], drills?: readonly DrillReport[], over?: Partial<VerdictDeps>): Verdicts;
};

/** `slices`: those that somebody else has filled. */
export function world(
  nowMs: () => number,
  slices: SliceTable = sliceTable({ retentionMs: 40 * dayMs, maxSamples: 100_000 }),
): World {
  const changed: Verdict[] = [];
  const keyOf = (vantage: string) => ({ checkId: 'home/us', vantage, burst: '' });
  return {
    slices,
    changed,
    add: (atMs, result, vantage = 'v1') => slices.add(keyOf(vantage), atMs, result),
    expect: (atMs, results, vantage = 'v1') => void slices.expect(keyOf(vantage), atMs, results, 'agent-gone'),
    verdicts: (objectives, drills = [], over = {}) =>
      verdicts(objectives, countedDrills(drills), {
        series: () => slices.series(),
        takeTouched: slices.takeTouched,
        protect: slices.protect,
        distinguish: slices.distinguish,
        retentionMs: 40 * dayMs,
        nameOf: (id) => id.split('/')[0] ?? '',
        regionOf: (id) => id.split('/')[1] ?? null,
        vantageRegion: () => 'us',
        witnesses: () => ({ known: 3, healthy: 3 }),
        nowMs,
        completeThroughMs: () => nowMs() - 60_000,
        owed: () => 0,
        onChanged: (verdict) => changed.push(verdict),
        ...over,
      }),
  };
}
