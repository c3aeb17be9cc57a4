/** Verdicts as of now and of any past moment, and their changes. */
import type { Spending } from '../../contract/api.ts';
import type { DrillReport } from '../../contract/drill.ts';
import type { Objective } from '../../contract/objective.ts';
import type { Span } from '../../contract/slo/spans.ts';
import type { Status, Verdict } from '../../contract/verdict.ts';
import { tierKeptMs } from '../slices/tiers.ts';
import type { Arrivals } from './arrivals.ts';
import { type BookDeps, book, type Entry } from './book.ts';
import { spendingOf } from './budget.ts';
import { type Burns, burnsOf } from './burns.ts';
import { blockMsOf } from './bursts.ts';
import { doubtOver } from './doubt.ts';
import type { CountedDrill } from './drilled.ts';
import { factsOf, type WindowFacts } from './facts.ts';
import { failoverAccount } from './failover.ts';
import { type Evidence, judge, type Witnesses } from './judge.ts';
import { withOwed } from './owed.ts';
import { drilledSpans, entryOver, overStretch, type Stretch } from './stretch.ts';
import { toldForgotten, windowAt } from './window.ts';

export type Explained = {
  readonly objective: Objective;
  readonly verdict: Verdict;
  readonly facts: WindowFacts;
  readonly budget: Spending | null;
};

export type Verdicts = {
  at(atMs: number): readonly Verdict[];
  /** All of them over the time since. */
  since(sinceMs: number, atMs: number): readonly Verdict[];
  /** One, with the facts it was made from and what its budget comes to. */
  one(id: string, atMs: number): Explained | undefined;
  /** The same of a stretch of time, and against a target, of the asker's choice. */
  over(id: string, asked: Stretch): Explained | undefined;
  /** How fast each budget burns; those that have none are left out. */
  burns(atMs: number): readonly Burns[];
  /** As of the last look. */
  latest(): readonly Verdict[];
  /** The same without those whose results are still being read: of what is not known yet there are no gauges. */
  read(): readonly Verdict[];
  /** Those of which not everything is read, now or at the last look. */
  unread(): readonly string[];
  /** Judges anew; calls `onChanged` for each verdict whose status is another than at the last look. */
  look(nowMs: number): void;
  /** Reads on in slices that ledgers do not have yet, for a turn of the event loop; whether there are more. */
  readOn(): boolean;
  /** A drill began, went on or ended: its time is accounted for apart. */
  drilled(drill: DrillReport): void;
  /** When drills were, merged: what objectives account for apart. */
  drillTimes(): readonly Span[];
  /** Drills of the past that a longer window needs; those that are known stay as they are. */
  recall(drills: readonly CountedDrill[]): void;
  replace(objectives: readonly Objective[]): void;
};

export type VerdictDeps = BookDeps & {
  /** Of the objective, as of that moment. */
  witnesses(objective: Objective, atMs: number): Witnesses;
  /** How often checks of this name are made now; `null`: nobody makes them. Absent: not known. */
  everyMs?(check: string): number | null;
  /** Up to where no slice of the objective waits for anybody. */
  completeThroughMs(objective: Objective): number;
  /** Results that are owed as of that moment, of the time since, too early to be in the slices. */
  owed(objective: Objective, atMs: number, sinceMs: number): number;
  onChanged(verdict: Verdict): void;
};

export function verdicts(
  objectives: readonly Objective[],
  drills: readonly CountedDrill[],
  deps: VerdictDeps,
): Verdicts {
  const ledgers = book(objectives, drills, deps);
  let latest: readonly Verdict[] = [];
  let read: readonly Verdict[] = [];
  const statuses = new Map<string, Status>();

  function judgeOne(entry: Entry, atMs: number): Verdict {
    const { objective, ledger, isReady } = entry;
    if (!isReady) return unread(objective, atMs);
    const momentMs = ledger.moment(atMs);
    const final = momentMs <= deps.completeThroughMs(objective);
    const { arrivals = null, ...counted } = evidenceAt(entry, momentMs);
    const owed = final ? 0 : deps.owed(objective, momentMs, windowAt(objective, momentMs).fromMs);
    const evidence = withOwed(counted, owed, objective);
    return judge(objective, evidence, {
      atMs: momentMs,
      witnesses: deps.witnesses(objective, momentMs),
      final,
      forgotten: toldForgotten(objective, momentMs, deps.nowMs() - deps.retentionMs),
      doubt: arrivals && doubtAt(objective, { ...arrivals, missing: arrivals.missing + owed }, momentMs),
    });
  }

  function doubtAt(objective: Objective, arrivals: Arrivals, atMs: number): string | null {
    if (deps.everyMs === undefined) return null;
    return doubtOver(objective, arrivals, { atMs, everyMs: deps.everyMs(objective.check) });
  }

  function judgeAll(atMs: number, entries: readonly Entry[]): readonly Verdict[] {
    return entries.map((entry) => judgeOne(entry, atMs));
  }

  function evidenceAt({ objective, ledger }: Entry, atMs: number): Evidence & { readonly arrivals?: Arrivals } {
    const { indicator } = objective;
    const window = windowAt(objective, atMs);
    const seen = { fromMs: window.fromMs, toMs: Math.min(window.toMs, atMs) };
    if (indicator.kind === 'failover') {
      const failovers = ledgers.drills().flatMap((drill) => drill.failovers);
      const account = failoverAccount(failovers, seen, indicator.limitMs);
      return { kind: 'ratio', account, policy: 'exclude', designEffect: 1, noun: 'drills', missing: account.missing };
    }
    const evidence = ledger.evidence(seen);
    if (evidence.kind === 'ratio' || seen.toMs - seen.fromMs > tierKeptMs[0]) return evidence;
    if ((objective.exclusions ?? []).length > 0 || objective.drills === 'excluded') return evidence;
    // Single durations are kept as long as slices are narrow: where all are, they are better than their buckets.
    const { samplesMs } = factsOf(objective, seen, deps);
    return samplesMs?.length === evidence.good ? { ...evidence, samplesMs } : evidence;
  }

  /** As it is kept, or made for that stretch alone. */
  function entryFor(entry: Entry, asked: Stretch): Entry {
    const { atMs, sinceMs, target } = asked;
    if (sinceMs === null && target === null) return entry;
    const objective = overStretch(entry.objective, asked);
    // The same ledger does, unless bursts are to be seen in narrower blocks.
    const isAsFine = blockMsOf(objective.windowMs) === blockMsOf(entry.objective.windowMs);
    if (sinceMs === null || isAsFine) return { ...entry, objective };
    const drilled = drilledSpans(ledgers.drills(), deps.nowMs());
    return entryOver(objective, { fromMs: atMs - objective.windowMs, toMs: atMs }, drilled, deps);
  }

  function over(id: string, asked: Stretch): Explained | undefined {
    const kept = ledgers.entry(id, deps.nowMs());
    if (kept === undefined) return undefined;
    const entry = entryFor(kept, asked);
    const verdict = judgeOne(entry, asked.atMs);
    const { objective, ledger } = entry;
    const window = windowAt(objective, verdict.at);
    const facts = factsOf(objective, { fromMs: window.fromMs, toMs: verdict.at }, deps);
    return { objective, verdict, facts, budget: spendingOf(objective, ledger, window, verdict.at) };
  }

  return {
    at: (atMs) => judgeAll(atMs, ledgers.entries(deps.nowMs())),
    since: (sinceMs, atMs) =>
      ledgers.entries(deps.nowMs()).map((entry) => judgeOne(entryFor(entry, { atMs, sinceMs, target: null }), atMs)),
    one: (id, atMs) => over(id, { atMs, sinceMs: null, target: null }),
    over,
    burns: (atMs) =>
      ledgers.entries(deps.nowMs()).flatMap((entry) => (entry.isReady ? (burnsOf(entry, atMs) ?? []) : [])),
    latest: () => latest,
    read: () => read,
    unread() {
      const known = new Set(read.map(({ id }) => id));
      const entries = ledgers.entries(deps.nowMs());
      return entries.flatMap(({ isReady, objective: { id } }) => (isReady && known.has(id) ? [] : [id]));
    },
    look(nowMs) {
      const entries = ledgers.entries(nowMs);
      latest = judgeAll(nowMs, entries);
      read = latest.filter((_, index) => entries[index]?.isReady === true);
      for (const verdict of read) {
        if (statuses.get(verdict.id) === verdict.status) continue;
        statuses.set(verdict.id, verdict.status);
        deps.onChanged(verdict);
      }
    },
    readOn: ledgers.turn,
    drilled: ledgers.drilled,
    drillTimes: () => drilledSpans(ledgers.drills(), deps.nowMs()),
    recall: ledgers.recall,
    replace(next) {
      ledgers.replace(next);
      statuses.clear();
    },
  };
}

/** Nothing is known of it before its slices are read: silence is no pass. */
function unread({ id, indicator }: Objective, at: number): Verdict {
  const target = 'targetMs' in indicator ? indicator.targetMs : indicator.target;
  const because = 'its results are still being read from what is stored';
  return {
    id,
    status: 'inconclusive',
    because,
    measured: null,
    target,
    n: 0,
    interval: null,
    needed: null,
    missing: 0,
    at,
    final: false,
  };
}
