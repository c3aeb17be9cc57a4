/** What a running drill has shown by now: what its runner waits for. */
import type { EntryTimeline } from '../contract/drill.ts';
import type { EntryExpectation } from '../scenarios/scenario.ts';
import type { BurstCheck, DrillFacts } from './facts.ts';
import { answersThatEnd } from './timeline/crossing.ts';
import { type EntryHistory, historiesOf } from './timeline.ts';

export type Progress = {
  /** Each entry name is served, and some vantage is served by the region or led there by weight. */
  readonly baselineServed: boolean;
  /** Every entry name that somebody may take over has moved, at every vantage that was on the region. */
  readonly failedOver: boolean;
  /** Every entry name that nobody may take over is in the dark, at every vantage that was on the region, and known to be. */
  readonly outageShown: boolean;
  /** Every entry name is served by the region again where it was. */
  readonly failedBack: boolean;
};

/** By the rules of the judge, so that what is waited for is what will be found. */
export function progressOf(facts: DrillFacts): Progress {
  const nothing = { failedOver: false, outageShown: false, failedBack: false };
  if (facts.t0 === null) return { ...nothing, baselineServed: facts.expect.every(({ entry }) => served(facts, entry)) };
  const histories = historiesOf(facts);
  const taken = histories.filter(({ expect }) => mayBeTaken(expect));
  const dark = histories.filter(({ expect }) => !mayBeTaken(expect));
  return {
    baselineServed: true,
    failedOver: taken.every((history) => moved(history, 'failover')),
    outageShown: dark.every(inTheDark) && noticed(facts),
    failedBack: facts.restoreCalled !== null && histories.every((history) => moved(history, 'failback')),
  };
}

function mayBeTaken({ servedBy }: EntryExpectation): boolean {
  return servedBy.length > 0;
}

/** Checks that show where a name leads. */
const telling: ReadonlySet<string> = new Set(['client', 'authority', 'resolver'] satisfies readonly BurstCheck[]);

/** Enough good answers in a row, last of all, at a vantage that the name leads to the region, now or by its weight. */
function served(facts: DrillFacts, entry: string): boolean {
  const own = facts.results.filter((result) => result.entry === entry && result.outcome !== 'missing');
  return [...Map.groupBy(own, (result) => result.vantage).values()].some((results) => {
    const last = results
      .filter((result) => result.check === 'client' && result.client === 'fresh')
      .sort((a, b) => a.startMs - b.startMs)
      .slice(-answersThatEnd);
    const leads = results.some((result) => result.region === facts.region && telling.has(result.check));
    return leads && last.length === answersThatEnd && last.every((result) => result.outcome === 'good');
  });
}

function moved(history: EntryHistory, way: 'failover' | 'failback'): boolean {
  const timeline: EntryTimeline = history[way];
  const weighted = new Set(history.weighted);
  const passages = timeline.passages.filter(({ client, observed }) => client === 'fresh' && observed);
  const waits = passages.filter(({ vantage }) => way === 'failover' || !weighted.has(vantage));
  const byNames = history.weighted.every((vantage) => timeline.stages[vantage]?.fresh?.authority !== undefined);
  const all = waits.every(({ vantage }) => timeline.stages[vantage]?.fresh?.['first-good'] !== undefined);
  // Where no client was on the region there is nothing to wait for.
  return byNames && all;
}

/** The checkers have seen it too: that a name is answered though unhealthy shows only then. True where none is asked. */
function noticed({ checkers }: DrillFacts): boolean {
  return checkers.at(-1)?.healthy !== true;
}

function inTheDark(history: EntryHistory): boolean {
  const passages = history.failover.passages.filter(({ client, observed }) => client === 'fresh' && observed);
  return passages.length > 0 && passages.every(({ main }) => main !== null && main.attempts >= answersThatEnd);
}
