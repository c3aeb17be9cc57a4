/** What follows a commit: memory is brought up to date, agents and readers of the stream are told. */
import type { Clock } from '../contract/clock.ts';
import { rowOf } from '../contract/wire.ts';
import type { Stream } from './api/stream.ts';
import type { Engine } from './engine.ts';
import type { Committed } from './ingest/committer.ts';
import type { Sequence } from './ingest/sequences.ts';
import { storedResult } from './store/block.ts';

export type CountedDeps = {
  readonly clock: Clock;
  readonly stream: Stream;
  acknowledge(agent: string, boot: string, seq: number): void;
};

export type Counted = {
  onCommitted(done: readonly Committed[], tookMs: number): void;
  onFailed(): void;
  /** The last id that is in memory. */
  appliedId(): number;
};

export function countedInto(engine: Engine, lastId: number, deps: CountedDeps): Counted {
  const { series, tally, checks } = engine;
  const committed = series.slot('committed', []);
  const took = series.slot('commitSeconds', []);
  const failing = series.slot('storeFailing', []);
  let appliedId = lastId;
  let isFailing = false;

  function tell(fails: boolean): void {
    if (fails !== isFailing) series.add(failing, fails ? 1 : -1);
    isFailing = fails;
  }

  function publish({ portion, firstId }: Committed): void {
    if (portion.kind !== 'results') return;
    const { agent, boot, vantage } = portion.sequence;
    const from = { agent, boot, vantage, clock: portion.clock };
    const { columns, skip, fromSeq } = portion;
    for (let index = skip; index < columns.check.length; index += 1) {
      const result = rowOf(columns, index, fromSeq + index - skip);
      const stored = storedResult(result, firstId + index - skip, from, checks.get(result.check));
      deps.stream.publish({ type: 'result', result: stored });
    }
  }

  return {
    onCommitted(done, tookMs) {
      const nowMs = deps.clock.nowMs();
      tell(false);
      const touched = new Set<Sequence>();
      for (const { portion, firstId } of done) {
        tally.count(portion, nowMs);
        touched.add(portion.sequence);
        if (portion.kind !== 'results') continue;
        const results = portion.toSeq - portion.fromSeq + 1;
        appliedId = firstId + results - 1;
        series.add(committed, results);
      }
      for (const { agent, boot, committed: seq } of touched) deps.acknowledge(agent, boot, seq);
      if (deps.stream.wanted('result')) for (const one of done) publish(one);
      series.add(series.slot('commits', ['done']), 1);
      series.sum(took, tookMs / 1_000);
    },
    onFailed() {
      series.add(series.slot('commits', ['failed']), 1);
      tell(true);
    },
    appliedId: () => appliedId,
  };
}
