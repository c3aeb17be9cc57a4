/** The fleet and its rounds as the API shows them. */
import type { FleetAgent, QuorumAnswer } from '../../contract/api.ts';
import type { Objective } from '../../contract/objective.ts';
import { formatMs } from '../../contract/units.ts';
import { aged, errorMs, middleMs } from '../clock-offset.ts';
import { isElsewhere } from '../ingest/hold.ts';
import { type Agent, type Roster, retiredOf } from '../ingest/roster.ts';
import { checksAt, latenessMs, owed, type Settling } from '../slices/settle.ts';
import { cameIn } from '../slices/slice.ts';
import type { SliceTable } from '../slices/table.ts';
import { slicesIn, sliceWidthMs } from '../slices/tiers.ts';
import { isAsked, type Present } from '../slo/witnesses.ts';
import type { VantageRecord } from './record.ts';
import { isReference } from './references.ts';
import { type JudgedRound, matrixOf, type Rounds } from './rounds.ts';

export type Fleet = {
  agents(nowMs: number): readonly FleetAgent[];
  quorum(nowMs: number): QuorumAnswer;
  /** Vantages that the objective should hear from, and those of all that cannot vouch for anything now. */
  present(objective: Objective, nowMs: number): Present;
  /**
   * Results of checks under this objective that a disconnected agent owes since then, too early to be in the slices. Whole
   * slices count, as they do in windows.
   */
  owedTo(objective: Objective, nowMs: number, sinceMs: number): number;
  /** Up to where the results of the objective's own checks are declared, of every agent that makes them. */
  completeThroughMs(objective: Objective, nowMs: number): number;
  /** Those with an agent that is not gone; the series of all others end. */
  aliveVantages(nowMs: number): ReadonlySet<string>;
  vantageRegion(vantage: string): string | null;
};

export type FleetDeps = {
  readonly roster: Roster;
  readonly rounds: Rounds;
  readonly slices: SliceTable;
  readonly settling: Settling;
  readonly record?: Pick<VantageRecord, 'list'>;
};

type Assigned = ReturnType<Settling['assigned']>;

/**
 * An agent is gone after two of its intervals, but not for a hiccup, and not only after hours. One whose connection stands
 * is asked every second, and is not gone for a busy machine either.
 */
const goneAfterMs = { least: 3_000, leastLinked: 5_000, most: 60_000 };

export function fleet(deps: FleetDeps): Fleet {
  const { roster, rounds, slices, settling } = deps;
  let byName: { readonly of: Assigned; readonly names: ReadonlyMap<string, Assigned> } = { of: [], names: new Map() };

  /** Whether results of an agent in that region count for the objective. */
  function isCounted({ region }: Agent, objective: Objective): boolean {
    return objective.from === 'all' || objective.region === null || objective.region === region;
  }

  /** What is made for the objective: other checks of the name may ask other regions. */
  const madeFor = (objective: Objective) =>
    (named().get(objective.check) ?? []).filter(({ check }) => isAsked(objective, check.region));

  /** There may be hundreds of checks, and as many objectives ask for theirs at every look. */
  function named(): ReadonlyMap<string, Assigned> {
    const all = settling.assigned();
    if (all !== byName.of) byName = { of: all, names: Map.groupBy(all, ({ check }) => check.name) };
    return byName.names;
  }

  function owedBy(agent: Agent, nowMs: number, sinceMs = Number.NEGATIVE_INFINITY) {
    return owed(agent, settling, nowMs, sinceMs).map(({ check, results }) => {
      const fromMs = Math.max(sinceMs, agent.settled.get(check.everyMs) ?? nowMs);
      const series = slices.of({ checkId: check.id, vantage: agent.vantage, burst: '' });
      let came = 0;
      if (series !== undefined)
        for (const slice of slicesIn(series, fromMs, nowMs + 1)) if (slice.atMs >= fromMs) came += cameIn(slice);
      return { check, results: Math.max(0, results - came) };
    });
  }

  function isGone(agent: Agent, nowMs: number): boolean {
    const unseenMs = nowMs - agent.lastSeenMs;
    const leastMs = agent.link === null ? goneAfterMs.least : goneAfterMs.leastLinked;
    if (unseenMs <= leastMs) return false;
    const slowestMs = Math.max(0, ...checksAt(settling.assigned(), agent.vantage).map(({ check }) => check.everyMs));
    return unseenMs > Math.min(goneAfterMs.most, Math.max(leastMs, 2 * slowestMs));
  }

  function current(nowMs: number): readonly Agent[] {
    const retired = retiredOf(roster.agents.values(), nowMs);
    return [...roster.agents.values()].filter((agent) => !retired.has(agent) && !isElsewhere(agent));
  }

  return {
    agents(nowMs) {
      const sumsAt = slices.sums();
      const shown = [...roster.agents.values()].filter(({ isRemoved }) => isRemoved !== true);
      return shown.map((agent) => {
        const sums = sumsAt(agent.vantage);
        const owes = owedBy(agent, nowMs).reduce((sum, { results }) => sum + results, 0);
        const connected = agent.link !== null && !isElsewhere(agent) && !isGone(agent, nowMs);
        const counts = { expected: sums.expected + owes, missing: sums.missing + owes };
        return { ...answerOf(agent, counts, nowMs), connected };
      });
    },
    quorum: (nowMs) => ({ ...quorumOf(rounds.latest(), nowMs), leftOut: deps.record?.list() ?? [] }),
    present(objective, nowMs) {
      const named = madeFor(objective);
      const agents = current(nowMs);
      const counted = agents.filter(
        (agent) => isCounted(agent, objective) && checksAt(named, agent.vantage).length > 0,
      );
      const connected = new Set(agents.flatMap(({ link, vantage }) => (link === null ? [] : [vantage])));
      const excused = rounds.latest().flatMap(({ judgement }) => judgement.excused);
      const silent = [...roster.agents.values()].flatMap(({ vantage }) => (connected.has(vantage) ? [] : [vantage]));
      return { expected: new Set(counted.map(({ vantage }) => vantage)), absent: new Set([...excused, ...silent]) };
    },
    owedTo(objective, nowMs, sinceMs) {
      const fromMs = Math.floor(sinceMs / sliceWidthMs) * sliceWidthMs;
      return current(nowMs)
        .filter((agent) => isCounted(agent, objective))
        .flatMap((agent) => owedBy(agent, nowMs, fromMs))
        .filter(({ check }) => check.name === objective.check)
        .filter(({ check }) => objective.region === null || check.region === objective.region)
        .reduce((sum, { results }) => sum + results, 0);
    },
    completeThroughMs(objective, nowMs) {
      const made = madeFor(objective);
      const settled = current(nowMs)
        .filter((agent) => isCounted(agent, objective))
        .flatMap((agent) =>
          checksAt(made, agent.vantage).flatMap(({ check }) => agent.settled.get(check.everyMs) ?? []),
        );
      return settled.length === 0 ? nowMs - latenessMs - sliceWidthMs : Math.min(...settled);
    },
    aliveVantages: (nowMs) => new Set(current(nowMs).flatMap((agent) => (isGone(agent, nowMs) ? [] : [agent.vantage]))),
    vantageRegion(vantage) {
      for (const agent of roster.agents.values()) if (agent.vantage === vantage) return agent.region;
      return null;
    },
  };
}

const outdated = 'no later round was judged, and one should have been for';

function quorumOf(all: readonly JudgedRound[], nowMs: number): Omit<QuorumAnswer, 'leftOut'> {
  const judged = all.filter(({ check }) => !isReference(check));
  return {
    round: judged.reduce((newest, { round }) => Math.max(newest, round), 0),
    checks: judged.map(({ check, round, cells, judgement, currentToMs = nowMs }) => {
      const { evidence, k, n } = judgement;
      const isOld = nowMs > currentToMs;
      const blame = isOld ? 'inconclusive' : judgement.blame;
      const told = isOld ? [`${outdated} ${formatMs(nowMs - currentToMs)}`, ...evidence] : evidence;
      return { check, round, matrix: matrixOf(cells), blame, evidence: told, k, n };
    }),
  };
}

function answerOf(
  agent: Agent,
  sums: Pick<FleetAgent, 'expected' | 'missing'>,
  nowMs: number,
): Omit<FleetAgent, 'connected'> {
  const { agent: name, vantage, region, boot, version, lastSeenMs, clock } = agent;
  const bounds = clock === null ? null : aged(clock, nowMs);
  const offset = bounds === null ? null : { offsetMs: middleMs(bounds), errorMs: errorMs(bounds) };
  const elsewhere = isElsewhere(agent) ? { elsewhere: true as const } : {};
  return { agent: name, vantage, region, boot, version, lastSeenMs, clock: offset, ...sums, ...elsewhere };
}
