/** What was recorded of a load, as tests need it. */
import type { LoadProgram, RunningLoad } from '../../chaos/load.ts';
import type { LoadFacts, LoadSummary } from '../../contract/load.ts';

const summary: LoadSummary = { iterations: 100, dropped: 0, requests: 100, failed: 3, p95Ms: 12, thresholds: [] };

export function loadFacts(more: Partial<LoadFacts> = {}): LoadFacts {
  return {
    ...{ program: 'k6 v2.2.0', script: 'steady.ts', wanted: {}, startedMs: 0, endedMs: 60_000 },
    ...{ exitCode: 105, ended: 'asked', thrown: 0, summary, widthMs: 250, buckets: [], said: [] },
    ...more,
  };
}

export function loadSummary(more: Partial<LoadSummary> = {}): LoadSummary {
  return { ...summary, ...more };
}

export type FakeLoad = LoadProgram & {
  readonly calls: readonly ('start' | 'end')[];
  /** As if it had ended by itself. */
  endItself(facts: LoadFacts): void;
};

/** `facts`: what is recorded of it when it was asked to end. */
export function fakeLoad(facts: LoadFacts = loadFacts(), options: { readonly silent?: boolean } = {}): FakeLoad {
  const calls: ('start' | 'end')[] = [];
  let over: LoadFacts | null = null;
  const running: RunningLoad = {
    began: () => options.silent !== true,
    over: () => over,
    async end() {
      calls.push('end');
      over ??= facts;
      return over;
    },
  };
  return {
    calls,
    start() {
      calls.push('start');
      return running;
    },
    endItself(itself) {
      over = itself;
    },
  };
}
