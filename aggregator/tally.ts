/** What a result that is on disk does to everything in memory: slices, series, rounds, the fleet. */
import { type FailedAt, type MissingReason, type Outcome, type PhaseName, phaseNames } from '../contract/result.ts';
import { type Columns, rowOf } from '../contract/wire.ts';
import { type CheckBook, overflowName } from './checks.ts';
import type { Health } from './fleet/health.ts';
import { isLeak, type Leaks } from './fleet/leaks.ts';
import type { JudgedRound, Rounds } from './fleet/rounds.ts';
import type { Agent, Roster } from './ingest/roster.ts';
import type { Portion } from './ingest/sequences.ts';
import { type Lane, type Lanes, lanes, sliceKeyOf } from './lanes.ts';
import type { Origin } from './metrics/layout.ts';
import type { ProbeSeries } from './metrics/probe-series.ts';
import type { SeriesTable } from './metrics/series.ts';
import { placeOf, roundStartOf, shiftMs } from './slices/place.ts';
import { alignmentMs } from './slices/rounds.ts';
import type { Counted } from './slices/slice.ts';
import type { SeriesKey, SliceLimits, SliceTable } from './slices/table.ts';
import { resultsOf } from './store/block.ts';
import type { BlockRow } from './store/rows.ts';

export type TallyDeps = {
  readonly checks: CheckBook;
  readonly slices: SliceTable;
  readonly series: SeriesTable;
  readonly probes: ProbeSeries;
  readonly rounds: Rounds;
  readonly health: Health;
  readonly leaks: Leaks;
  readonly roster: Roster;
  readonly keeping: Pick<SliceLimits, 'retentionMs'>;
};

export type Tally = {
  count(portion: Portion, nowMs: number): void;
  /** Puts a block of the last run into the slices again: what follows the last fold. */
  recount(block: BlockRow, nowMs: number): void;
  judged(round: JudgedRound): void;
};

/** Times further ahead than this are wrong: such results count as bad samples, now. */
const maxAheadMs = 60_000;
/** Checks times bursts of one vantage that have slices of their own: those of two hundred drills. */
const maxBurstSeries = 2_000;

export function tally(deps: TallyDeps): Tally {
  const { checks, slices, series, roster } = deps;
  const found = lanes(deps);
  const fullUntilMs = new Map<string, number>();

  function burstKey({ vantage, checkId }: SeriesKey, burst: string, nowMs: number): SeriesKey {
    const key = { checkId, vantage, burst };
    if (burst === '' || slices.of(key) !== undefined || hasRoom(vantage, nowMs)) return key;
    return { vantage, checkId: overflowName, burst: overflowName };
  }

  /** Whether the vantage has few enough series of bursts; once it has not, that is believed for a minute. */
  function hasRoom(vantage: string, nowMs: number): boolean {
    if ((fullUntilMs.get(vantage) ?? 0) > nowMs) return false;
    let series = 0;
    for (const one of slices.series()) if (one.vantage === vantage && one.burst !== '') series += 1;
    if (series < maxBurstSeries) return true;
    fullUntilMs.set(vantage, nowMs + 60_000);
    return false;
  }

  function isSane(atMs: number, nowMs: number): boolean {
    return atMs <= nowMs + maxAheadMs && atMs >= nowMs - deps.keeping.retentionMs;
  }

  function countColumns(portion: Portion & { readonly kind: 'results' }, nowMs: number): void {
    const { columns, skip, sequence, fromSeq } = portion;
    const { agent, vantage } = sequence;
    const laneOf = found.of(agent, vantage);
    const run: Run = {
      columns,
      agent,
      phases: phaseNames.flatMap((name) => {
        const column = columns.phases[name];
        return column === undefined ? [] : [{ name, column }];
      }),
      boot: series.bootOf(agent, sequence.boot),
    };
    const shift = shiftMs(portion.clock);
    const alignByMs = sequence.alignByMs ?? 0;
    const known = roster.agents.get(agent);
    for (let index = skip; index < columns.check.length; index += 1) {
      const lane = laneOf(columns.check[index] as string);
      const { everyMs } = lane.check;
      const burst = columns.burst?.[index] ?? null;
      const atMs = (columns.startMs[index] as number) + shift;
      const round = burst === null ? (columns.round[index] as number) : null;
      const placeMs = roundStartOf(atMs, round, everyMs, alignmentMs(everyMs, alignByMs));
      if (known !== undefined && atMs > known.newestMs && atMs <= nowMs + maxAheadMs) advance(known, atMs);
      const outcome = columns.outcome[index] as Outcome;
      if (!isSane(atMs, nowMs)) {
        slices.add(burstKey(lane.key, burst ?? '', nowMs), nowMs, badSample(columns.region[index] ?? ''));
        series.add(series.slot('resultsMissing', [lane.check.name, vantage, 'bad-sample']), 1);
      } else if (burst !== null) {
        slices.add(burstKey(lane.key, burst, nowMs), placeMs, countedAt(columns, index));
        const client = columns.client?.[index] === 'pooled' ? 'pooled' : 'fresh';
        series.add(series.slot('burstResults', [lane.check.name, vantage, client, outcome]), 1);
      } else {
        const counts = found.counts(lane, placeMs, columns.region[index] ?? '');
        slices.count(counts, outcome, missingAt(columns, index), columns.durationMs[index] as number);
        const origin = { boot: run.boot, seq: fromSeq + index - skip, atMs };
        const traceId = columns.details?.[index]?.traceId;
        if (traceId !== undefined) series.traced(origin, traceId);
        countRound(deps, found, run, { lane, index, placeMs, origin });
      }
    }
  }

  return {
    count(portion, nowMs) {
      if (portion.kind === 'results') return countColumns(portion, nowMs);
      const { sequence, fromSeq, toSeq, reason } = portion;
      series.add(series.slot('resultsMissing', ['', sequence.vantage, reason]), toSeq - fromSeq + 1);
      const agent = roster.agents.get(sequence.agent);
      if (agent !== undefined)
        agent.gaps = [...agent.gaps, { fromMs: agent.newestMs, toMs: null, reason }].slice(-maxGaps);
    },
    recount(block, nowMs) {
      for (const result of resultsOf(block)) {
        const check = checks.get(result.check);
        const { atMs, roundStartMs } = placeOf(result, check, block.clock, block.alignByMs);
        const key = burstKey(sliceKeyOf(check, block.vantage), result.burst ?? '', nowMs);
        const { outcome, missing = null, durationMs } = result;
        const region = result.region ?? '';
        if (!isSane(atMs, nowMs)) {
          slices.add(key, nowMs, badSample(region));
          continue;
        }
        slices.add(key, roundStartMs, { region, outcome, missing, durationMs });
        if (check.kind === 'residency' && isLeak(result)) slices.leaked(key, region, roundStartMs, 1);
      }
    },
    judged: (round) => countJudged(deps, round),
  };
}

const maxGaps = 64;

function badSample(region: string): Counted {
  return { region, outcome: 'missing', missing: 'bad-sample', durationMs: 0 };
}

function countedAt(columns: Columns, index: number): Counted {
  return {
    region: columns.region[index] ?? '',
    outcome: columns.outcome[index] as Outcome,
    missing: missingAt(columns, index),
    durationMs: columns.durationMs[index] as number,
  };
}

function missingAt({ outcome, missing }: Columns, index: number): MissingReason | null {
  return outcome[index] === 'missing' ? ((missing?.[index] ?? 'bad-sample') as MissingReason) : null;
}

/** The agent's newest result: a gap that it declared before ends here. */
function advance(agent: Agent, atMs: number): void {
  agent.newestMs = atMs;
  const last = agent.gaps.at(-1);
  if (last?.toMs === null) agent.gaps = [...agent.gaps.slice(0, -1), { ...last, toMs: atMs }];
}

/** What is the same for all results of a portion. */
type Run = {
  readonly columns: Columns;
  readonly agent: string;
  readonly phases: readonly { readonly name: PhaseName; readonly column: readonly (number | null)[] }[];
  readonly boot: number;
};
type At = { readonly lane: Lane; readonly index: number; readonly placeMs: number; readonly origin: Origin };

function countRound(deps: TallyDeps, found: Lanes, run: Run, { lane, index, placeMs, origin }: At): void {
  const { series } = deps;
  const { columns } = run;
  const { check, key } = lane;
  const probe = found.probe(lane, columns, index);
  for (const { name, column } of run.phases) {
    const phaseMs = column[index];
    if (phaseMs !== null && phaseMs !== undefined) series.sum(probe.phase(name), phaseMs / 1_000);
  }
  const outcome = columns.outcome[index] as Outcome;
  const failedAt = outcome === 'good' ? null : ((columns.failedAt?.[index] ?? 'answer') as FailedAt);
  if (outcome === 'good') {
    series.observe(probe.duration(), (columns.durationMs[index] as number) / 1_000, origin);
    series.add(probe.good(), 1, origin);
  } else if (outcome === 'missing') {
    const reason = missingAt(columns, index) ?? 'bad-sample';
    series.add(series.slot('probeResults', [...probe.labels, 'missing', '']), 1, origin);
    series.add(series.slot('resultsMissing', [check.name, key.vantage, reason]), 1);
  }
  const leaks = check.kind === 'residency' && isLeak({ outcome, details: columns.details?.[index] ?? {} });
  if (leaks) deps.slices.leaked(key, columns.region[index] ?? '', placeMs, 1);
  if (check.kind === 'residency') {
    const country = columns.details?.[index]?.userCountry ?? '';
    // What broke no rule and kept none did not come about.
    const shown = outcome === 'bad' && !leaks ? 'missing' : outcome;
    series.add(series.slot('residencyResults', [...probe.labels, country, shown]), 1, origin);
    if (outcome === 'bad') deps.leaks.note(check, key.vantage, rowOf(columns, index, origin.seq), origin.atMs);
  }
  if (outcome !== 'missing') {
    const last = found.last(lane);
    last.good = outcome === 'good';
    last.failedAt = failedAt;
    last.atMs = origin.atMs;
  }
  found.gathered(lane, Math.round(placeMs / check.everyMs)).cells.set(lane.cellKey, {
    vantage: key.vantage,
    agent: run.agent,
    region: check.region ?? check.id,
    ledTo: probe.region ?? check.region ?? check.entry ?? check.name,
    outcome,
    failedAt,
    checkId: check.id,
    loopDelayMs: columns.quality.loopDelayMs?.[index] ?? 0,
    isLeak: leaks,
    placeMs,
    slice: key,
    origin,
    labels: probe.labels,
  });
}

/** Bad results are counted now that it is known whose fault they were; those of a vantage in trouble become missing. */
function countJudged(deps: TallyDeps, round: JudgedRound): void {
  const { series, slices } = deps;
  const { blame, excused } = round.judgement;
  for (const cell of round.cells) {
    if (cell.outcome !== 'bad') continue;
    if (!excused.includes(cell.vantage)) {
      series.add(series.slot('probeResults', [...cell.labels, 'bad', blame ?? 'inconclusive']), 1, cell.origin);
      continue;
    }
    series.add(series.slot('probeResults', [...cell.labels, 'missing', 'vantage']), 1, cell.origin);
    series.add(series.slot('resultsMissing', [round.check, cell.vantage, 'bad-sample']), 1);
    const region = cell.labels[2] ?? '';
    const into = slices.excuse(cell.slice, region, cell.placeMs);
    // A broken vantage is no witness of a leak: what answers it may not be the service.
    if (into !== null && cell.isLeak) slices.leaked(cell.slice, region, cell.placeMs, -1);
  }
}
