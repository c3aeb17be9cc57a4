import type {
  Annotation,
  BurstRequest,
  DrillsAnswer,
  FleetAnswer,
  ObjectiveAnswer,
  QuorumAnswer,
  SchedulesAnswer,
  StoredResult,
  VerdictsAnswer,
} from '../../contract/api.ts';
import type { Bounds } from '../../contract/bounds.ts';
import type { DrillReport } from '../../contract/drill.ts';
import type { Schedules } from '../../contract/schedule.ts';

/** The aggregator, as a runner uses it. Rejects with a `Trouble` when it cannot be reached or will not. */
export type Fleet = {
  /** Aggregator's clock minus this process's, from several exchanges. */
  offset(signal: AbortSignal): Promise<Bounds>;
  fleet(signal: AbortSignal): Promise<FleetAnswer>;
  verdicts(signal: AbortSignal): Promise<VerdictsAnswer>;
  /** One objective's verdict, of those that `verdicts` lists, with its slices. */
  objective(id: string, signal: AbortSignal): Promise<ObjectiveAnswer>;
  quorum(signal: AbortSignal): Promise<QuorumAnswer>;
  drills(signal: AbortSignal): Promise<DrillsAnswer>;
  /** The newest results, newest first; all checks where none is named. */
  newest(limit: number, check: string | null, signal: AbortSignal): Promise<readonly StoredResult[]>;
  /** Drills that are due at set times, as they were announced. */
  schedules(signal: AbortSignal): Promise<SchedulesAnswer>;
  /** Takes the place of what was announced of that scenario. */
  announceSchedules(schedules: Schedules, signal: AbortSignal): Promise<void>;
  /** `html`: the report as a page, once there is one. */
  announce(report: DrillReport, html: string | null, signal: AbortSignal): Promise<void>;
  burst(request: BurstRequest, signal: AbortSignal): Promise<void>;
  annotate(annotation: Annotation, signal: AbortSignal): Promise<void>;
  /** Every result committed from now on, each once, whatever happens to the connection. */
  results(onResult: (result: StoredResult) => void, signal: AbortSignal): Promise<ResultStream>;
};

export type ResultStream = {
  /** For how long the aggregator has not been heard, in milliseconds; 0 while connected. */
  silentForMs(): number;
  /** Fetches what is still missing, and ends. */
  close(signal: AbortSignal): Promise<void>;
};
