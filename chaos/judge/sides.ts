/** Failover and failback of one entry name against their limits. */
import { type Bounds, widthMs } from '../../contract/bounds.ts';
import type { EntryTimeline, Hole, Passage } from '../../contract/drill.ts';
import { formatMs } from '../../contract/units.ts';
import type { Status } from '../../contract/verdict.ts';
import { shownBounds } from '../report/numbers.ts';
import { answersThatEnd } from '../timeline/crossing.ts';

export type Finding = { readonly status: Status; readonly because: string };

/** What a side of a drill is judged by. */
export type SideFacts = {
  readonly what: 'failover' | 'failback';
  readonly timeline: EntryTimeline;
  readonly limitMs: number;
  readonly burstEveryMs: number;
  /** Milliseconds that a vantage's record reaches. */
  readonly reachMs: (vantage: string) => number;
  /** By the name servers, for vantages whose clients drew no answer that tells. */
  readonly byNames: (vantage: string) => Bounds | undefined;
  /** Vantages where answers for the name are weighted. */
  readonly weighted: readonly string[];
};

const shortestBurstMs = 100;

/** One finding a vantage whose fresh clients were observed. */
export function judgeSide(side: SideFacts, passages: readonly Passage[]): readonly Finding[] {
  return passages.map((passage) => {
    const first = side.timeline.stages[passage.vantage]?.fresh?.['first-good'];
    const found = first === undefined ? unmet(side, passage) : within(side, passage.vantage, first);
    return unlessInHole(side, passage, first, found);
  });
}

/** Two clocks and their drift, in rounding. */
const roundingMs = 1;

/**
 * A verdict that hangs on a stretch in which nobody looked is none. A pass hangs on when the first good answer came: a
 * hole just ahead of it hides what clients saw by then. A fail hangs on all that came before the limit: a hole there may
 * hide that they were served in time.
 */
function unlessInHole(side: SideFacts, { vantage, holes = [] }: Passage, first: Bounds | undefined, found: Finding) {
  const deciding = (hole: Hole): boolean => {
    if (found.status === 'fail') {
      return hole.toMs > 0 && hole.fromMs < Math.min(side.limitMs, first?.lowerMs ?? side.limitMs);
    }
    return first !== undefined && hole.fromMs <= first.lowerMs + roundingMs && hole.toMs > first.lowerMs + roundingMs;
  };
  const hole = holes.find(deciding);
  if (hole === undefined || found.status === 'inconclusive') return found;
  const when = `from ${formatMs(Math.max(0, hole.fromMs))} to ${formatMs(hole.toMs)} after ${afterWhat(side)}`;
  const because = `${found.because}; but no attempt began at ${vantage} ${when}, and that decides: the record has a hole where the limit hangs on it`;
  return { status: 'inconclusive', because } as const;
}

function afterWhat({ what }: SideFacts): string {
  return what === 'failover' ? 't0' : 'the call of restore';
}

/** For weighted names, where chance decides when a client is led where: the last name server's flip, and the longest that caches keep. */
export function judgeNames(side: SideFacts, vantages: readonly string[]): readonly Finding[] {
  return vantages.flatMap((vantage) => {
    const bounds = side.byNames(vantage);
    if (bounds === undefined) return [];
    const { status, because } = within(side, vantage, bounds);
    return [{ status, because: `${because} (by the name servers and the TTL: answers are weighted)` }];
  });
}

function within(side: SideFacts, vantage: string, first: Bounds): Finding {
  const { what, limitMs } = side;
  const word = what === 'failover' ? 'served again' : 'back';
  const seen = `vantage ${vantage} ${word} ${shownBounds(first)} after ${afterWhat(side)}`;
  const limit = formatMs(limitMs);
  if (first.upperMs <= limitMs) return { status: 'pass', because: `${seen}, limit ${limit}` };
  if (first.lowerMs > limitMs) return { status: 'fail', because: `${seen}, over the limit of ${limit}` };
  return {
    status: 'inconclusive',
    because: `${seen}, which may be over the limit of ${limit}: ${decider(side, first)}`,
  };
}

/** Widths come from the burst interval, the attempts' own time and the clocks: only the first can be chosen. */
function decider(side: SideFacts, first: Bounds): string {
  const middleMs = (first.lowerMs + first.upperMs) / 2;
  const restMs = Math.max(0, widthMs(first) - side.burstEveryMs);
  const neededMs = Math.floor(2 * Math.abs(side.limitMs - middleMs) - restMs);
  return neededMs >= shortestBurstMs
    ? `bursts every ${formatMs(neededMs)} would decide`
    : `no burst interval would decide, attempts and clocks alone leave ${formatMs(restMs)}`;
}

function unmet(side: SideFacts, passage: Passage): Finding {
  const { what, limitMs } = side;
  const { vantage, main } = passage;
  const reachMs = side.reachMs(vantage);
  const limit = formatMs(limitMs);
  const none = what === 'failover' ? 'nobody took over' : 'no run of good answers came from the region';
  if (what === 'failover' && main === null) {
    return {
      status: 'inconclusive',
      because: `no outage and no move was seen at ${vantage} in ${formatMs(Math.max(0, reachMs))}`,
    };
  }
  if (what === 'failover' && side.weighted.includes(vantage) && !stillDark(passage, limitMs)) {
    return {
      status: 'inconclusive',
      because: `answers are weighted, and too few were seen at ${vantage} to know that all name servers left the region`,
    };
  }
  return reachMs > limitMs
    ? { status: 'fail', because: `${none} at ${vantage} within ${formatMs(reachMs)}, limit ${limit}` }
    : {
        status: 'inconclusive',
        because: `${none} at ${vantage} in the ${formatMs(Math.max(0, reachMs))} on record, less than the limit of ${limit}`,
      };
}

/** More than stray failures behind the limit. */
function stillDark({ main, others }: Passage, limitMs: number): boolean {
  return [...(main === null ? [] : [main]), ...others].some(
    ({ attempts, ended }) => attempts >= answersThatEnd && (ended === null || ended.lowerMs > limitMs),
  );
}
