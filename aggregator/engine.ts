/** The aggregator's memory, put together: what counts, what judges, and what they know of each other. */
import type { Check } from '../contract/check.ts';
import type { Clock } from '../contract/clock.ts';
import type { Objective } from '../contract/objective.ts';
import type { Verdict } from '../contract/verdict.ts';
import { type CheckBook, checkBook } from './checks.ts';
import { type Fleet, fleet } from './fleet/answers.ts';
import { type Health, health, troubleOf } from './fleet/health.ts';
import { type Leaks, leaks } from './fleet/leaks.ts';
import { vantageRecord } from './fleet/record.ts';
import { regionWindows } from './fleet/region-window.ts';
import type { RegionDeps } from './fleet/regions.ts';
import { type RoundCell, type Rounds, type RoundsDeps, rounds } from './fleet/rounds.ts';
import { isElsewhere } from './ingest/hold.ts';
import { type Roster, retiredOf, roster } from './ingest/roster.ts';
import { type Sequences, sequences } from './ingest/sequences.ts';
import { type Keeping, keepingFor } from './keeping.ts';
import { probeSeries } from './metrics/probe-series.ts';
import { type SeriesTable, seriesTable } from './metrics/series.ts';
import type { Plan } from './options.ts';
import { type CurrentPlan, currentPlan } from './plan.ts';
import type { Asked, VantageFacts } from './quorum.ts';
import { type Folding, folding, restoreSlices } from './slices/folding.ts';
import { checksAt, type Settling } from './slices/settle.ts';
import { type SliceTable, sliceTable } from './slices/table.ts';
import { type VerdictDeps, type Verdicts, verdicts } from './slo/verdicts.ts';
import { witnessing } from './slo/witnesses.ts';
import type { Store } from './store/store.ts';
import { type Tally, tally } from './tally.ts';
import { keptTotals } from './totals/kept.ts';
import type { Total } from './totals/totals.ts';

export type Engine = {
  readonly checks: CheckBook;
  readonly slices: SliceTable;
  readonly series: SeriesTable;
  readonly roster: Roster;
  readonly sequences: Sequences;
  readonly rounds: Rounds;
  readonly health: Health;
  readonly leaks: Leaks;
  readonly plan: CurrentPlan;
  readonly verdicts: Verdicts;
  readonly fleet: Fleet;
  readonly tally: Tally;
  readonly folding: Folding;
  readonly settling: Settling;
  /** How far back slices are kept; longer after a reload that asks for more. */
  readonly retentionMs: number;
  /** Puts another plan in force. */
  replace(plan: Plan): Promise<void>;
  /** What is known of regions. */
  readonly region: RegionDeps;
  /** Of an aggregator that has a name. */
  readonly totals: (() => Iterable<Total>) | null;
};

/** How long the agent that is connected has to answer, when another boot of it comes. */
const answersWithinMs = 1_000;

/** Takes up where the last process stopped: what it had on disk but not in slices is counted into them now. */
export async function engineOf(
  store: Store,
  plan: Plan & { readonly keepsTotals?: boolean },
  clock: Clock,
  onVerdict: (verdict: Verdict) => void,
): Promise<Engine> {
  const { loaded } = store;
  const startedMs = clock.nowMs();
  const keeping = keepingFor(plan.objectives);
  const checks = checkBook(loaded.checks);
  const current = currentPlan(store, checks);
  await current.replace(plan, startedMs);

  const drills = await store.drillsBeyond(startedMs - keeping.retentionMs);
  const { slices, totals } = slicesOf(store, keeping, plan.keepsTotals === true);
  const series = seriesTable({ nowMs: () => clock.nowMs() });
  const known = roster(loaded.agents, answersWithinMs);
  const counted = sequences(loaded.sequences);
  const vantageHealth = health(() => checks.assigned().map(({ check }) => check));
  const broken = leaks();
  const record = vantageRecord();
  const gathered = rounds({
    expected: (name) => expectedOf(name, checks, known),
    asked: (name, startMs) => askedOf(checks.named(name), checks, startMs),
    vantages: (cells, nowMs, check) => vantageFacts({ cells, nowMs, made: checks.named(check) }, known, vantageHealth),
    onJudged: (round, isNewest) => {
      tallied.judged(round);
      if (isNewest) record.note(round.check, round.judgement, clock.nowMs());
    },
  });
  const tallied = tally({
    checks,
    slices,
    series,
    probes: probeSeries(series),
    rounds: gathered,
    health: vantageHealth,
    leaks: broken,
    roster: known,
    keeping,
  });
  const settling = settlingOf({ checks, slices, series, sequences: counted, startedMs });
  const answers = fleet({ roster: known, rounds: gathered, slices, settling, record });
  // They say what slices must not be merged over, and what merged ones have to tell apart.
  const judged = verdicts(plan.objectives, drills, {
    ...verdictDeps(checks, slices, answers, clock),
    get retentionMs() {
      return keeping.retentionMs;
    },
    onChanged: onVerdict,
  });
  // Before anything is counted: what comes late has to find the minute or the hour that it is missing in.
  slices.compact(startedMs);
  for (const block of loaded.unfolded) tallied.recount(block, startedMs);

  return {
    checks,
    slices,
    series,
    roster: known,
    sequences: counted,
    rounds: gathered,
    health: vantageHealth,
    leaks: broken,
    plan: current,
    verdicts: judged,
    fleet: answers,
    tally: tallied,
    folding: folding(slices, (fold) => store.fold(fold)),
    settling,
    get retentionMs() {
      return keeping.retentionMs;
    },
    async replace(next) {
      const keptMs = keeping.retentionMs;
      keeping.follow(next.objectives);
      const { retentionMs } = keeping;
      const past = retentionMs > keptMs ? await store.drillsBeyond(clock.nowMs() - retentionMs) : [];
      await current.replace(next, clock.nowMs());
      judged.recall(past);
      judged.replace(next.objectives);
    },
    region: regionDeps(checks, slices, answers, gathered),
    totals,
  };
}

/** As they were on disk. */
function slicesOf(store: Store, keeping: Keeping, keepsTotals: boolean): Pick<Engine, 'slices' | 'totals'> {
  const { loaded } = store;
  const table = sliceTable(keeping);
  const totals = keepsTotals
    ? keptTotals(table, { keeping, saved: loaded.totals, save: (text) => void saveTotals(store, text) })
    : null;
  const slices = totals?.slices ?? table;
  restoreSlices(slices, loaded.slices);
  return { slices, totals: totals?.rows ?? null };
}

function regionDeps(checks: CheckBook, slices: SliceTable, { vantageRegion }: Fleet, gathered: Rounds): RegionDeps {
  const { series, version } = slices;
  const check = checks.get;
  const window = regionWindows({ check, epoch: checks.epoch, vantageRegion, series, version });
  return { check, vantageRegion, judged: gathered.latest, window };
}

/** Failing is no harm: the sums are saved again with the next hour that goes, and a disk that refuses them is told of. */
async function saveTotals(store: Store, text: string): Promise<void> {
  await store.setMeta('totals', text).catch(() => undefined);
}

function verdictDeps(
  checks: CheckBook,
  slices: SliceTable,
  answers: Fleet,
  clock: Clock,
): Omit<VerdictDeps, 'onChanged' | 'retentionMs'> {
  const nowMs = (): number => clock.nowMs();
  const completeThroughMs = (objective: Objective): number => answers.completeThroughMs(objective, nowMs());
  const about = {
    series: () => slices.series(),
    nameOf: (id: string) => checks.get(id).name,
    regionOf: (id: string) => checks.get(id).region,
    vantageRegion: answers.vantageRegion,
    completeThroughMs,
  };
  return {
    ...about,
    nowMs,
    takeTouched: slices.takeTouched,
    protect: slices.protect,
    distinguish: slices.distinguish,
    witnesses: witnessing({
      ...about,
      everyMs: (id) => checks.get(id).everyMs,
      present: (objective) => answers.present(objective, nowMs()),
      epoch: slices.epoch,
    }),
    everyMs: checks.everyMs,
    owed: answers.owedTo,
  };
}

type SettlingParts = Pick<Engine, 'checks' | 'slices' | 'series' | 'sequences'> & { readonly startedMs: number };

function settlingOf(parts: SettlingParts): Settling {
  const { checks, slices, series, sequences: counted, startedMs } = parts;
  return {
    slices,
    startedMs,
    assigned: () => checks.assigned(),
    sequenceOf(agent) {
      const sequence = counted.get(agent.agent, agent.boot);
      return sequence && { committed: sequence.committed, alignByMs: sequence.alignByMs ?? 0 };
    },
    onMissing(check, vantage, reason, results) {
      series.add(series.slot('resultsMissing', [check, vantage, reason]), results);
    },
  };
}

function expectedOf(name: string, checks: CheckBook, known: Roster): ReturnType<RoundsDeps['expected']> {
  const named = checks.named(name).map((check) => ({ check }));
  let results = 0;
  for (const agent of known.agents.values())
    if (agent.link !== null && !isElsewhere(agent)) results += checksAt(named, agent.vantage).length;
  const timeoutMs = Math.max(0, ...named.map(({ check }) => check.timeoutMs));
  return { results, timeoutMs, quorum: named[0]?.check.quorum ?? null };
}

/** One that is assigned only since is not waited for in a round before. */
function askedOf(named: readonly Check[], checks: CheckBook, startMs: number): readonly Asked[] {
  const since = named.filter(({ id }) => checks.get(id).sinceMs <= startMs);
  return since.map(({ id, region, vantages }) => ({ region: region ?? id, vantages }));
}

type Made = { readonly cells: readonly RoundCell[]; readonly nowMs: number; readonly made: readonly Check[] };

/** Of vantages that make the check: the others have no say, and are not waited for. */
function vantageFacts({ cells, nowMs, made }: Made, known: Roster, vantageHealth: Health): readonly VantageFacts[] {
  const retired = retiredOf(known.agents.values(), nowMs);
  const assigned = made.map((check) => ({ check }));
  const facts = new Map<string, VantageFacts>();
  for (const agent of known.agents.values()) {
    const { vantage, region } = agent;
    if (retired.has(agent) || isElsewhere(agent)) continue;
    const own = cells.filter((cell) => cell.vantage === vantage);
    if (own.length === 0 && checksAt(assigned, vantage).length === 0) continue;
    const worstMs = Math.max(0, ...own.map((cell) => cell.loopDelayMs));
    const gone = agent.link === null && own.length === 0 ? 'its agent is not connected' : null;
    if (facts.get(vantage)?.trouble === null) continue;
    facts.set(vantage, { region, trouble: gone ?? troubleOf(agent, worstMs), ...vantageHealth.facts(vantage, nowMs) });
  }
  return [...facts.values()];
}
