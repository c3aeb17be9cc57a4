/** What a result that is on disk does to everything in memory: slices, series, rounds, the fleet. */
import type { Result } from '../contract/result.ts';
import { type CheckBook, overflowName, unknownKind } from './checks.ts';
import type { Health } from './fleet/health.ts';
import type { Leaks } from './fleet/leaks.ts';
import type { JudgedRound, Rounds } from './fleet/rounds.ts';
import type { Roster } from './ingest/roster.ts';
import type { Portion } from './ingest/sequences.ts';
import type { Origin } from './metrics/layout.ts';
import type { ProbeSeries } from './metrics/probe-series.ts';
import type { SeriesTable } from './metrics/series.ts';
import { type Place, placeOf } from './slices/place.ts';
import type { SeriesKey, SliceTable } from './slices/table.ts';
import { resultsOf } from './store/block.ts';
import type { BlockRow, CheckRow } from './store/rows.ts';

export type TallyDeps = {
  readonly checks: CheckBook;
  readonly slices: SliceTable;
  readonly series: SeriesTable;
  readonly probes: ProbeSeries;
  readonly rounds: Rounds;
  readonly health: Health;
  readonly leaks: Leaks;
  readonly roster: Roster;
  readonly retentionMs: number;
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
  const fullUntilMs = new Map<string, number>();

  /** Checks that nobody knows share the slices of one: whoever makes them up harms nobody's memory. */
  function sliceKey(result: Result, check: CheckRow, vantage: string, nowMs: number): SeriesKey {
    const key = { checkId: check.kind === unknownKind ? overflowName : check.id, vantage, burst: result.burst ?? '' };
    if (key.burst === '' || slices.of(key) !== undefined || hasRoom(vantage, nowMs)) return key;
    return { ...key, checkId: overflowName, burst: overflowName };
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

  function intoSlice(result: Result, check: CheckRow, vantage: string, place: Place, nowMs: number): boolean {
    const sane = place.atMs <= nowMs + maxAheadMs && place.atMs >= nowMs - deps.retentionMs;
    slices.add(sliceKey(result, check, vantage, nowMs), sane ? place.roundStartMs : nowMs, {
      region: result.region ?? '',
      outcome: sane ? result.outcome : 'missing',
      missing: sane ? (result.missing ?? null) : 'bad-sample',
      durationMs: result.durationMs,
    });
    return sane;
  }

  function countResult(portion: Portion, result: Result, boot: number, nowMs: number): void {
    const { sequence, clock } = portion;
    const check = checks.get(result.check);
    const place = placeOf(result, check, clock, sequence.alignByMs ?? 0);
    const agent = roster.agents.get(sequence.agent);
    if (agent !== undefined && place.atMs > agent.newestMs && place.atMs <= nowMs + maxAheadMs) {
      agent.newestMs = place.atMs;
      const [last] = agent.gaps.slice(-1);
      if (last?.toMs === null) agent.gaps = [...agent.gaps.slice(0, -1), { ...last, toMs: place.atMs }];
    }
    const sane = intoSlice(result, check, sequence.vantage, place, nowMs);
    if (!sane) series.add(series.slot('resultsMissing', [check.name, sequence.vantage, 'bad-sample']), 1);
    else if (result.burst !== null) {
      series.add(series.slot('burstResults', [check.name, sequence.vantage, result.client, result.outcome]), 1);
    } else {
      const origin = { boot, seq: result.seq, atMs: place.atMs };
      const { traceId } = result.details;
      if (traceId !== undefined) series.traced(origin, traceId);
      countRound(deps, result, check, { place, vantage: sequence.vantage, agent: sequence.agent, origin });
    }
  }

  return {
    count(portion, nowMs) {
      if (portion.kind === 'results') {
        const boot = series.bootOf(portion.sequence.agent, portion.sequence.boot);
        for (const result of portion.results) countResult(portion, result, boot, nowMs);
        return;
      }
      const { sequence, fromSeq, toSeq, reason } = portion;
      series.add(series.slot('resultsMissing', ['', sequence.vantage, reason]), toSeq - fromSeq + 1);
      const agent = roster.agents.get(sequence.agent);
      if (agent !== undefined)
        agent.gaps = [...agent.gaps, { fromMs: agent.newestMs, toMs: null, reason }].slice(-maxGaps);
    },
    recount(block, nowMs) {
      for (const result of resultsOf(block)) {
        const check = checks.get(result.check);
        intoSlice(result, check, block.vantage, placeOf(result, check, block.clock, block.alignByMs), nowMs);
      }
    },
    judged: (round) => countJudged(deps, round),
  };
}

const maxGaps = 64;

type From = { readonly place: Place; readonly vantage: string; readonly agent: string; readonly origin: Origin };

function countRound(deps: TallyDeps, result: Result, check: CheckRow, from: From): void {
  const { series } = deps;
  const { vantage, place, origin } = from;
  const probe = deps.probes.of(check, vantage, result);
  for (const [phase, phaseMs] of Object.entries(result.phases)) series.sum(probe.phase(phase), phaseMs / 1_000);
  if (result.outcome === 'good') {
    series.observe(probe.duration(), result.durationMs / 1_000, origin);
    series.add(probe.good(), 1, origin);
  } else if (result.outcome === 'missing') {
    series.add(series.slot('probeResults', [...probe.labels, 'missing', '']), 1, origin);
    series.add(series.slot('resultsMissing', [check.name, vantage, result.missing ?? 'bad-sample']), 1);
  }
  if (check.kind === 'residency') {
    const country = result.details.userCountry ?? '';
    series.add(series.slot('residencyResults', [...probe.labels, country, result.outcome]), 1, origin);
    deps.leaks.note(check, vantage, result, place.atMs);
  }
  deps.health.note(vantage, check.id, result, { atMs: place.atMs, everyMs: check.everyMs });
  deps.rounds.add(check, place.round, {
    vantage,
    agent: from.agent,
    region: check.region ?? check.id,
    ledTo: result.region ?? check.region ?? check.entry ?? check.name,
    outcome: result.outcome,
    failedAt: result.failedAt ?? null,
    checkId: check.id,
    loopDelayMs: result.quality.loopDelayMs,
    placeMs: place.roundStartMs,
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
    slices.excuse({ checkId: cell.checkId, vantage: cell.vantage, burst: '' }, region, cell.placeMs);
  }
}
