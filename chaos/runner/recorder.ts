import type { StoredResult } from '../../contract/api.ts';
import type { Bounds } from '../../contract/bounds.ts';
import type { Prediction, Verified } from '../../contract/drill.ts';
import type { LoadFacts } from '../../contract/load.ts';
import type { CanaryLine } from '../canaries/facts.ts';
import { beginning, type Drill, type DrillEvent, next } from '../drill.ts';
import type { Evidence, ObservationLine } from '../evidence.ts';
import type { CheckerReading, DrillFacts, EndpointReading } from '../facts.ts';
import type { Journal } from '../journal.ts';
import { sentenceOf } from '../trouble.ts';
import type { RunnerDeps } from './types.ts';

/** Keeps what is seen, in memory for judgement and on disk as evidence, and where the drill is. */
export type Recorder = {
  drill(): Drill;
  /** Moves the drill by its rules. Never rejects: a journal that fails is told, and stops the drill. */
  apply(event: DrillEvent): Promise<Drill>;
  facts(): DrillFacts;
  result(result: StoredResult): void;
  endpoints(reading: EndpointReading): void;
  checkers(reading: CheckerReading): void;
  offset(offset: Bounds): void;
  prediction(prediction: Prediction): void;
  canary(line: CanaryLine): void;
  /** What is not as it was; nothing: it is restored. */
  left(sentences: readonly string[]): void;
  /** What was read afresh after restoring; takes the place of what was known of the same parts. */
  verified(found: readonly Verified[]): void;
  /** What was recorded of a load that has ended. */
  load(load: LoadFacts): void;
  message(text: string): void;
  /** Why the journal, or the evidence beside it, can no longer be written; `null` while it can. */
  journalTrouble(): string | null;
  /** Writes what is new to the evidence. */
  flush(): Promise<void>;
  end(): void;
};

export type RecorderStart = Pick<
  DrillFacts,
  'id' | 'name' | 'scenario' | 'fault' | 'region' | 'expect' | 'burstEveryMs' | 'overrides' | 'offset' | 'prediction'
>;

/** A disk that does not take the evidence so often in a row is full: the journal would be next, at the end of a phase. */
const flushesBorne = 3;

export function recorder(
  start: RecorderStart,
  journal: Journal,
  evidence: Evidence,
  deps: Pick<RunnerDeps, 'clock' | 'progress'>,
): Recorder {
  const seen = lists(evidence);
  let drill: Drill = beginning;
  let facts = factsAt(start, seen, deps.clock.nowMs());
  let trouble: string | null = null;
  let unflushed = 0;

  function message(text: string): void {
    deps.progress({ kind: 'message', text });
    journal.append({ type: 'message', text }).catch(noteTrouble);
  }
  function noteTrouble(error: unknown): void {
    trouble ??= `the journal cannot be written: ${sentenceOf(error)}`;
  }

  return {
    drill: () => drill,
    async apply(event) {
      const after = next(drill, event);
      if (after === drill) return drill;
      drill = after;
      const phases = [...(facts.phases ?? []), { phase: drill.phase, atMs: deps.clock.nowMs() }];
      facts = { ...facts, phases, ...factsIn(drill) };
      await journal.append({ type: 'event', event, drill }).catch(noteTrouble);
      deps.progress({ kind: 'phase', drill: start.id, phase: drill.phase });
      return drill;
    },
    facts: () => facts,
    result: seen.result,
    endpoints(reading) {
      seen.endpoints.push(reading);
      seen.observe({ what: 'endpoints', ...reading });
    },
    checkers(reading) {
      seen.checkers.push(reading);
      seen.observe({ what: 'checkers', ...reading });
    },
    offset(offset) {
      // The measurement nearest to t0 is the one that counts; it ages from there.
      if (facts.t0 === null) facts = { ...facts, offset, offsetAtMs: deps.clock.nowMs() };
      seen.observe({ what: 'clock', atMs: deps.clock.nowMs(), ...offset });
    },
    prediction(prediction) {
      facts = { ...facts, prediction };
    },
    canary: seen.canary,
    left(sentences) {
      facts = { ...facts, left: [...sentences], restored: sentences.length === 0 };
    },
    verified(found) {
      const kept = (facts.verified ?? []).filter(({ part }) => !found.some((one) => one.part === part));
      facts = { ...facts, verified: [...kept, ...found] };
    },
    load(load) {
      facts = { ...facts, load };
    },
    message,
    journalTrouble: () => trouble,
    async flush() {
      try {
        await seen.flush();
        unflushed = 0;
      } catch (error) {
        unflushed += 1;
        if (unflushed >= flushesBorne) trouble ??= `the evidence cannot be written: ${sentenceOf(error)}`;
        throw error;
      }
    },
    end() {
      facts = { ...facts, endedMs: deps.clock.nowMs() };
    },
  };
}

/** Before anything has happened. */
function factsAt(
  start: RecorderStart,
  {
    results,
    endpoints,
    checkers,
    canaries,
  }: Required<Pick<DrillFacts, 'results' | 'endpoints' | 'checkers' | 'canaries'>>,
  nowMs: number,
): DrillFacts {
  const times = { t0: null, restoreCalled: null, startedMs: nowMs, offsetAtMs: nowMs, endedMs: null };
  const state = { phase: beginning.phase, restored: true, left: [], stopped: null };
  return { ...start, ...state, ...times, results, endpoints, checkers, canaries };
}

/** What was seen, in memory, and how much of it is not on disk yet. */
function lists(evidence: Evidence) {
  const results: StoredResult[] = [];
  const endpoints: EndpointReading[] = [];
  const checkers: CheckerReading[] = [];
  const canaries: CanaryLine[] = [];
  let newResults: StoredResult[] = [];
  let newObservations: ObservationLine[] = [];
  let newCanaries: CanaryLine[] = [];
  let last: Promise<void> = Promise.resolve();

  async function flushOnce(): Promise<void> {
    const [written, observed, canaryCount] = [newResults.length, newObservations.length, newCanaries.length];
    await evidence.results(newResults.slice(0, written));
    newResults = newResults.slice(written);
    await evidence.observations(newObservations.slice(0, observed));
    newObservations = newObservations.slice(observed);
    if (canaryCount === 0) return;
    await evidence.canaries(newCanaries.slice(0, canaryCount));
    newCanaries = newCanaries.slice(canaryCount);
  }

  return {
    results,
    endpoints,
    checkers,
    canaries,
    canary(line: CanaryLine): void {
      canaries.push(line);
      newCanaries.push(line);
    },
    result(result: StoredResult): void {
      results.push(result);
      newResults.push(result);
    },
    observe(line: ObservationLine): void {
      newObservations.push(line);
    },
    /** One at a time, in order; what the disk did not take is tried again the next time. */
    flush(): Promise<void> {
      const flushed = last.then(flushOnce);
      last = flushed.catch(() => undefined);
      return flushed;
    },
  };
}

/** What the drill's state says, as facts. */
function factsIn(drill: Drill): Partial<DrillFacts> {
  switch (drill.phase) {
    case 'baseline':
    case 'injecting':
      return { phase: drill.phase };
    case 'failing-over':
    case 'holding':
      return { phase: drill.phase, t0: drill.t0 };
    case 'restoring':
      return { phase: drill.phase, t0: drill.t0, stopped: drill.stopped, restored: false };
    case 'failing-back':
      return { phase: drill.phase, restoreCalled: drill.restoreCalled };
    case 'over': {
      const { ending } = drill;
      if (ending.kind === 'untouched') return { phase: 'over', stopped: ending.because };
      if (ending.kind === 'not-restored') return { phase: 'over', restored: false, left: [ending.because] };
      return { phase: 'over', stopped: ending.stopped };
    }
  }
}
