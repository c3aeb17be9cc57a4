/** The load that a drill runs under: what runs it is given, what came of it is judged by pure functions. */
import type { LoadFacts } from '../contract/load.ts';

export { lineReader, pointOf } from './load/points.ts';
export { loadReportOf } from './load/report.ts';
export { loadSeries } from './load/series.ts';
export { summaryOf } from './load/summary.ts';
export { loadVerdict } from './load/verdict.ts';

/** A program that was found, and a script that it can read. */
export type LoadProgram = { start(): RunningLoad };

export type RunningLoad = {
  /** Whether a request was answered, or failed. */
  began(): boolean;
  /** What is recorded of one that has ended by itself; `null` while it runs. */
  over(): LoadFacts | null;
  /** Asks it to end, and after a while insists. Never rejects; asked again, it gives the same. */
  end(): Promise<LoadFacts>;
};
