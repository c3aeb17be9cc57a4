/** What the HTTP side needs of the rest of the aggregator. */
import type { Annotation, BurstRequest, FleetAgent, QuorumAnswer } from '../../contract/api.ts';
import type { Clock } from '../../contract/clock.ts';
import type { DrillReport } from '../../contract/drill.ts';
import type { Log } from '../../contract/log.ts';
import type { Objective } from '../../contract/objective.ts';
import type { HttpRefusal } from '../connections.ts';
import type { Cut } from '../metrics/cut.ts';
import type { Spanning } from '../promql/spanning.ts';
import type { ScheduleBook } from '../schedules.ts';
import type { Verdicts } from '../slo/verdicts.ts';
import type { AnnotationRow, ResultsQuery } from '../store/rows.ts';

export type Core = {
  readonly clock: Clock;
  readonly log: Log;
  readonly scenario: string;
  readonly verdicts: Verdicts;
  fleet(): readonly FleetAgent[];
  /** Nothing is expected any more of an agent that will not come back. On disk when it resolves. */
  removeAgent(name: string): Promise<'removed' | 'connected' | 'unknown'>;
  /** What spans several aggregators; `null` where there is no engine to ask. */
  readonly spanning: Spanning | null;
  quorum(): QuorumAnswer;
  /** How often the checks of this name are made, the slowest of them; `null` of none. */
  everyMs(check: string): number | null;
  objectives(): readonly Objective[];
  /** How far back slices are kept. */
  readonly retentionMs: number;
  cut(): Promise<Cut>;
  readonly results: (query: ResultsQuery) => Promise<string>;
  readonly drills: {
    /** Newest first. */
    list(): readonly DrillReport[];
    get(id: string): Promise<DrillReport | undefined>;
    reportHtml(id: string): Promise<string | null>;
    /** Whether it is new. */
    put(drill: DrillReport, html: string | null): Promise<boolean>;
  };
  readonly schedules: ScheduleBook;
  readonly bursts: { list(): readonly BurstRequest[]; ask(burst: BurstRequest): Promise<number> };
  readonly annotations: { list(): Promise<readonly AnnotationRow[]>; add(annotation: Annotation): Promise<number> };
  /** `undefined`: there is nothing to read again. */
  readonly reload: (() => Promise<{ readonly version: number }>) | undefined;
  /** A request was refused or cut off: counted, and said in the log once. */
  refused(reason: HttpRefusal): void;
  /** Why it is not ready; `null` when it is. */
  notReady(): string | null;
};
