/** All that the results of one check from one agent touch, found once: at hundreds of thousands a second, looking it up dominates. */
import type { Columns } from '../contract/wire.ts';
import { type CheckBook, overflowName, unknownKind } from './checks.ts';
import type { Health, Last } from './fleet/health.ts';
import { cellKey, type Gathered, type Rounds } from './fleet/rounds.ts';
import type { ProbeSeries, ProbeSlots } from './metrics/probe-series.ts';
import type { OpenCounts, SeriesKey, SliceTable } from './slices/table.ts';
import type { CheckRow } from './store/rows.ts';

export type Lane = {
  readonly check: CheckRow;
  readonly key: SeriesKey;
  /** Of its cell in a round. */
  readonly cellKey: string;
  /** What was used last, and is looked up again when it does not fit. */
  counts: OpenCounts | undefined;
  probe: ProbeSlots | undefined;
  gathered: Gathered | undefined;
  last: Last | undefined;
};

export type LanesDeps = {
  readonly checks: CheckBook;
  readonly slices: SliceTable;
  readonly probes: ProbeSeries;
  readonly rounds: Rounds;
  readonly health: Health;
};

export type Lanes = {
  /** By the id of a check, of one agent at one vantage. */
  of(agent: string, vantage: string): (checkId: string) => Lane;
  counts(lane: Lane, atMs: number, region: string): OpenCounts;
  probe(lane: Lane, columns: Pick<Columns, 'region' | 'servedBy'>, index: number): ProbeSlots;
  gathered(lane: Lane, round: number): Gathered;
  last(lane: Lane): Last;
};

/** Checks that nobody knows share the slices of one: whoever makes them up harms nobody's memory. */
export function sliceKeyOf({ id, kind }: CheckRow, vantage: string): SeriesKey {
  return { checkId: kind === unknownKind ? overflowName : id, vantage, burst: '' };
}

/** Beyond it they are looked up anew: names that only agents know are bounded elsewhere. */
const maxLanes = 200_000;

export function lanes({ checks, slices, probes, rounds, health }: LanesDeps): Lanes {
  const agents = new Map<string, Map<string, Lane>>();
  let known = 0;
  let epoch = checks.epoch();

  function ofAgent(agent: string, vantage: string): Map<string, Lane> {
    if (epoch !== checks.epoch() || known >= maxLanes) {
      agents.clear();
      known = 0;
      epoch = checks.epoch();
    }
    const id = `${agent}\u0000${vantage}`;
    let own = agents.get(id);
    if (own === undefined) {
      own = new Map();
      agents.set(id, own);
    }
    return own;
  }

  function make(checkId: string, agent: string, vantage: string): Lane {
    known += 1;
    const check = checks.get(checkId);
    return {
      check,
      key: sliceKeyOf(check, vantage),
      cellKey: cellKey(check.id, agent),
      counts: undefined,
      probe: undefined,
      gathered: undefined,
      last: undefined,
    };
  }

  return {
    of(agent, vantage) {
      const own = ofAgent(agent, vantage);
      return (checkId) => {
        let lane = own.get(checkId);
        if (lane === undefined) {
          lane = make(checkId, agent, vantage);
          own.set(checkId, lane);
        }
        return lane;
      };
    },
    counts(lane, atMs, region) {
      const open = lane.counts;
      const fits =
        open !== undefined &&
        open.epoch === slices.epoch() &&
        atMs >= open.fromMs &&
        atMs < open.toMs &&
        region === open.region;
      if (fits) return open;
      lane.counts = slices.open(lane.key, atMs, region);
      return lane.counts;
    },
    probe(lane, { region, servedBy }, index) {
      const led = region[index] ?? null;
      const by = servedBy[index] ?? null;
      if (lane.probe === undefined || lane.probe.region !== led || lane.probe.servedBy !== by) {
        lane.probe = probes.of(lane.check, lane.key.vantage, { region: led, servedBy: by });
      }
      return lane.probe;
    },
    gathered(lane, round) {
      if (lane.gathered?.isOpen !== true || lane.gathered.round !== round) {
        lane.gathered = rounds.gathered(lane.check, round);
      }
      return lane.gathered;
    },
    last(lane) {
      if (lane.last?.forgotten !== false) {
        lane.last = health.last(lane.key.vantage, lane.check.id, lane.check.everyMs);
      }
      return lane.last;
    },
  };
}
