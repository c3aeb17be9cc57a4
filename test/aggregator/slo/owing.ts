/** A fleet whose agents send, fall silent and are settled with, and the verdicts on it. */
import { type Fleet, fleet } from '../../../aggregator/fleet/answers.ts';
import type { Agent } from '../../../aggregator/ingest/roster.ts';
import { type Settling, settle } from '../../../aggregator/slices/settle.ts';
import type { Counted } from '../../../aggregator/slices/slice.ts';
import { sliceTable } from '../../../aggregator/slices/table.ts';
import { countedDrills } from '../../../aggregator/slo/drilled.ts';
import { type Verdicts, verdicts } from '../../../aggregator/slo/verdicts.ts';
import { witnessing } from '../../../aggregator/slo/witnesses.ts';
import type { Check } from '../../../contract/check.ts';
import type { DrillReport } from '../../../contract/drill.ts';
import type { Objective } from '../../../contract/objective.ts';
import { dayMs, t0 } from './world.ts';

export const stepMs = 10_000;
const link = {} as NonNullable<Agent['link']>;

export type Owing = {
  readonly agents: ReadonlyMap<string, Agent>;
  readonly answers: Fleet;
  readonly book: Verdicts;
  nowMs(): number;
  /** Every step those that are alive make each check that is due. */
  until(toMs: number, alive: readonly string[], resultAt: (atMs: number) => Counted): void;
};

export function owing(
  vantages: readonly string[],
  checks: readonly Check[],
  objectives: readonly Objective[],
  drills: readonly DrillReport[] = [],
): Owing {
  let nowMs = t0;
  const slices = sliceTable({ retentionMs: 40 * dayMs, maxSamples: 1_000 });
  const agents = new Map(vantages.map((vantage) => [vantage, agentAt(vantage)]));
  const settling: Settling = {
    slices,
    assigned: () => checks.map((check) => ({ check, sinceMs: t0 })),
    sequenceOf: () => ({ committed: Number.MAX_SAFE_INTEGER, alignByMs: 0 }),
    onMissing: () => undefined,
    startedMs: t0,
  };
  const answers = fleet({ roster: { agents } as never, rounds: { latest: () => [] } as never, slices, settling });
  const everyMs = (name: string) => checks.find((check) => check.name === name)?.everyMs ?? stepMs;
  const about = {
    series: () => slices.series(),
    nameOf: (id: string) => id.split('/')[0] ?? '',
    regionOf: () => 'us',
    vantageRegion: (vantage: string) => vantage,
    completeThroughMs: (objective: Objective) => answers.completeThroughMs(objective, nowMs),
  };
  const book = verdicts(objectives, countedDrills(drills), {
    ...about,
    takeTouched: slices.takeTouched,
    protect: slices.protect,
    retentionMs: 40 * dayMs,
    witnesses: witnessing({
      ...about,
      everyMs: (id) => everyMs(about.nameOf(id)),
      present: (objective) => answers.present(objective, nowMs),
      epoch: slices.epoch,
    }),
    everyMs,
    nowMs: () => nowMs,
    owed: answers.owedTo,
    onChanged: () => undefined,
  });
  return {
    agents,
    answers,
    book,
    nowMs: () => nowMs,
    until(toMs, alive, resultAt) {
      for (const one of agents.values()) if (!alive.includes(one.vantage)) one.link = null;
      while (nowMs < toMs) {
        for (const vantage of alive) {
          for (const { id, everyMs: every } of checks) {
            if (nowMs % every === 0) slices.add({ checkId: id, vantage, burst: '' }, nowMs, resultAt(nowMs));
          }
          Object.assign(agents.get(vantage) ?? {}, { lastSeenMs: nowMs, markMs: nowMs + stepMs });
        }
        nowMs += stepMs;
        settle(agents.values(), settling, nowMs);
      }
    },
  };
}

function agentAt(vantage: string): Agent {
  const times = { firstSeenMs: t0, lastSeenMs: t0, settled: new Map(), newestMs: 0 };
  const clock = { clock: null, marks: [], markMs: null, gaps: [] };
  return { agent: vantage, vantage, region: vantage, boot: 'b', version: '1', link, ...times, ...clock };
}
