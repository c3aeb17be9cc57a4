/** What a runner learns of the regions and objectives that its drill is to leave alone. */
import type { ObjectiveSlice, StoredResult } from '../../contract/api.ts';
import { every } from '../../contract/clock.ts';
import type { Objective } from '../../contract/objective.ts';
import type { SubjectHealth } from '../guard/facts.ts';
import { healthOf, subjectsOf } from '../guard/health.ts';
import { type BurnReading, burnOf, watchedObjectives } from '../stop-conditions/burn.ts';
import { ledTo } from '../stop-conditions/regions.ts';
import type { Prepared } from './prepare.ts';
import type { Recorder } from './recorder.ts';
import type { DrillOptions, RunnerDeps } from './types.ts';

/** Enough for the last rounds of some hundreds of checks and vantages. */
const mostResults = 5_000;
const looksPerWindow = 12;
const fastestLookMs = 1_000;
const slowestLookMs = 10_000;

export type Watcher = {
  /** A result of a scheduled check. */
  result(result: StoredResult): void;
  /** Of all regions but the one taken away. */
  regions(): readonly SubjectHealth[];
  /** Of the region taken away, by scheduled checks; `undefined` where none asks it. */
  own(): SubjectHealth | undefined;
  burns(): readonly BurnReading[];
  stop(): void;
};

export function startWatcher(options: DrillOptions, prepared: Prepared, recorder: Recorder, deps: RunnerDeps): Watcher {
  const { scenario, drill } = options;
  const { clock, fleet } = deps;
  const others = Object.keys(scenario.regions).filter((region) => region !== prepared.region);
  const subjects = subjectsOf(scenario, []).filter(({ name }) => others.includes(name));
  const ownSubject = subjectsOf(scenario, []).filter(({ name }) => name === prepared.region);
  const objectives = watchedObjectives(scenario.objectives, drill.stop, prepared.region);
  const slices = new Map<Objective, readonly ObjectiveSlice[]>();
  const signal = new AbortController();
  let scheduled: StoredResult[] = [];

  async function look(): Promise<void> {
    const { verdicts } = await fleet.verdicts(signal.signal);
    const known = new Set(verdicts.map(({ id }) => id));
    for (const objective of objectives) {
      // The aggregator's slices leave out what a vantage in trouble has reported of others.
      if (known.has(objective.id)) slices.set(objective, (await fleet.objective(objective.id, signal.signal)).slices);
    }
  }
  const paceMs = Math.min(slowestLookMs, Math.max(fastestLookMs, drill.stop.overMs / looksPerWindow));
  const cancel = objectives.length === 0 ? () => undefined : every(clock, paceMs, look, () => undefined);

  /** On the aggregator's clock. */
  function atAggregator(ms: number): number {
    const { offset } = recorder.facts();
    return ms + (offset.lowerMs + offset.upperMs) / 2;
  }

  return {
    result(result) {
      scheduled.push(result);
      if (scheduled.length > 2 * mostResults) scheduled = scheduled.slice(-mostResults);
    },
    regions() {
      const { results, t0, burstEveryMs } = recorder.facts();
      const nowMs = atAggregator(clock.nowMs());
      const window = { fromMs: t0 === null ? nowMs : atAggregator(t0.lowerMs), everyMs: burstEveryMs };
      return [...healthOf(subjects, scheduled, nowMs), ...ledTo(others, results, window)];
    },
    own: () => healthOf(ownSubject, scheduled, atAggregator(clock.nowMs()))[0],
    burns() {
      const { t0 } = recorder.facts();
      if (t0 === null) return [];
      const times = { injectedMs: atAggregator(t0.lowerMs), nowMs: atAggregator(clock.nowMs()) };
      return [...slices].map(([objective, own]) => burnOf(objective, own, drill.stop, times));
    },
    stop() {
      cancel();
      signal.abort(new Error('the drill is over'));
    },
  };
}
