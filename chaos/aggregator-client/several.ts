/**
 * Several aggregators as one: a drill is announced to all, bursts are asked of all, and everybody's results come in on
 * the clock of the first. One that cannot be reached is trouble, as a single one is: what its agents see would be lacking.
 */
import type { BurstRequest, FleetAgent, StoredResult } from '../../contract/api.ts';
import { type Bounds, elapsed, shifted, widthMs } from '../../contract/bounds.ts';
import type { Fleet } from './fleet.ts';
import { type Judged, mergedAgents, mergedQuorum, slicesOf, worstOf } from './merged.ts';

/** With one it is that one. */
export function severalClients(fleets: readonly [Fleet, ...Fleet[]]): Fleet {
  const [first, ...others] = fleets;
  if (others.length === 0) return first;
  /** First one's clock minus that one's; as of the last comparison. */
  const ahead = new Map<Fleet, Bounds>();

  async function compare(signal: AbortSignal): Promise<Bounds> {
    const [own, ...their] = await Promise.all(fleets.map((fleet) => fleet.offset(signal)));
    if (own === undefined) throw new Error('there is a first one');
    for (const [index, fleet] of others.entries()) {
      const bounds = their[index] ?? own;
      ahead.set(fleet, elapsed(bounds, own));
    }
    return own;
  }
  async function aheadOf(fleet: Fleet, signal: AbortSignal): Promise<Bounds> {
    if (fleet === first) return same;
    if (!ahead.has(fleet)) await compare(signal);
    return ahead.get(fleet) ?? same;
  }
  const all = <T>(ask: (fleet: Fleet) => Promise<T>): Promise<readonly T[]> => Promise.all(fleets.map(ask));
  const done = async (tell: (fleet: Fleet) => Promise<void>): Promise<void> => void (await all(tell));

  return {
    offset: compare,
    async fleet(signal) {
      const answers = await all(async (fleet) => {
        const by = await aheadOf(fleet, signal);
        return (await fleet.fleet(signal)).agents.map((agent) => onFirstClock(agent, by));
      });
      return { agents: mergedAgents(answers.flat()) };
    },
    async verdicts(signal) {
      const answers = await all(async (fleet) => (await fleet.verdicts(signal)).verdicts);
      const byId = Map.groupBy(answers.flat(), ({ id }) => id);
      return { verdicts: [...byId.values()].map(worstOf) };
    },
    async objective(id, signal) {
      const answers: readonly Judged[] = await all((fleet) => fleet.objective(id, signal));
      return { ...worstOf(answers), slices: slicesOf(answers) };
    },
    quorum: async (signal) => mergedQuorum(await all((fleet) => fleet.quorum(signal))),
    async drills(signal) {
      const drills = (await all((fleet) => fleet.drills(signal))).flatMap((answer) => answer.drills);
      return { drills: [...new Map(drills.toReversed().map((drill) => [drill.id, drill])).values()] };
    },
    async newest(limit, check, signal) {
      const found = await Promise.all(
        fleets.map(async (fleet, index) => {
          const by = await aheadOf(fleet, signal);
          return (await fleet.newest(limit, check, signal)).map((result) => rebased(result, by, { index, of: fleets }));
        }),
      );
      return found
        .flat()
        .sort((a, b) => b.atMs - a.atMs)
        .slice(0, limit);
    },
    // Each was told the same.
    schedules: (signal) => first.schedules(signal),
    announceSchedules: (schedules, signal) => done((fleet) => fleet.announceSchedules(schedules, signal)),
    announce: (report, html, signal) => done((fleet) => fleet.announce(report, html, signal)),
    burst: (request, signal) =>
      done(async (fleet) => fleet.burst(burstFor(request, await aheadOf(fleet, signal)), signal)),
    annotate: (annotation, signal) =>
      done(async (fleet) => {
        const atMs = annotation.atMs - middleMs(await aheadOf(fleet, signal));
        return fleet.annotate({ ...annotation, atMs }, signal);
      }),
    async results(onResult, signal) {
      const streams = await Promise.all(
        fleets.map(async (fleet, index) => {
          await aheadOf(fleet, signal);
          const take = (result: StoredResult): void =>
            onResult(rebased(result, ahead.get(fleet) ?? same, { index, of: fleets }));
          return fleet.results(take, signal);
        }),
      );
      return {
        silentForMs: () => Math.max(...streams.map((stream) => stream.silentForMs())),
        close: async (closing) => void (await Promise.all(streams.map((stream) => stream.close(closing)))),
      };
    },
  };
}

const same: Bounds = { lowerMs: 0, upperMs: 0 };

function middleMs({ lowerMs, upperMs }: Bounds): number {
  return (lowerMs + upperMs) / 2;
}

/** On the first one's clock, with an id that no other has. `by`: the first one's clock minus its own. */
function rebased(
  result: StoredResult,
  by: Bounds,
  place: { readonly index: number; readonly of: readonly Fleet[] },
): StoredResult {
  const { offset, atMs, id } = result;
  return {
    ...result,
    id: id * place.of.length + place.index,
    atMs: atMs + middleMs(by),
    offset: shifted(offset, by),
  };
}

function onFirstClock(agent: FleetAgent, by: Bounds): FleetAgent {
  const { clock, lastSeenMs } = agent;
  const moved = { ...agent, lastSeenMs: lastSeenMs + middleMs(by) };
  if (clock === null) return moved;
  const { offsetMs, errorMs } = clock;
  return { ...moved, clock: { offsetMs: offsetMs + middleMs(by), errorMs: errorMs + widthMs(by) / 2 } };
}

function burstFor(request: BurstRequest, by: Bounds): BurstRequest {
  return { ...request, untilMs: request.untilMs - middleMs(by) };
}
