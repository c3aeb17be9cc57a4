/** Things seen that fail no limit, and that a reader should know. */
import type { Flap, Passage } from '../../contract/drill.ts';
import { formatMs } from '../../contract/units.ts';
import type { DrillFacts } from '../facts.ts';
import { shownBounds, shownOutage } from '../report/numbers.ts';
import type { EntryHistory } from '../timeline.ts';

/** Of the region itself, whatever clients saw. */
export function regionFindings({ checkers, restoreCalled, phase, region }: DrillFacts): readonly string[] {
  const last = checkers.at(-1);
  if (phase !== 'over' || restoreCalled === null || last === undefined || last.healthy) return [];
  const { healthyCount, totalCount } = last;
  return [
    `the health check of ${region} was still unhealthy at the end of the record: ${healthyCount} of ${totalCount} checkers called it healthy`,
  ];
}

export function findingsIn(facts: DrillFacts, history: EntryHistory): readonly string[] {
  if (facts.t0 === null) return [];
  const { entry } = history.expect;
  const passages = history.failover.passages.filter((passage) => passage.observed);
  const returns = history.failback.passages.filter((passage) => passage.observed);
  return [
    ...passages.flatMap((passage) => stuck(facts, history, passage)),
    ...passages.flatMap((passage) => strays(entry, passage)),
    ...passages.flatMap((passage) => gaps(facts, entry, passage)),
    ...returns.flatMap((passage) => flaps(entry, passage)),
    ...(facts.phase === 'over' ? returns.flatMap((passage) => leftOver(history, passage)) : []),
    ...history.unsteady.map(
      (vantage) => `the clock at ${vantage} contradicted itself: it was stepped, or the machine slept`,
    ),
  ];
}

/** A kept connection never asks names again: it may stay while the region's door goes on answering on it. */
function stuck(facts: DrillFacts, history: EntryHistory, passage: Passage): readonly string[] {
  const { client, vantage, main } = passage;
  if (client !== 'pooled' || main === null || main.ended !== null || history.expect.servedBy.length === 0) return [];
  return [
    `${history.expect.entry}: the kept connection of vantage ${vantage} never left ${facts.region} (outage ${shownOutage(main)}): new answers for its name don't move a connection`,
  ];
}

function strays(entry: string, { vantage, client, others }: Passage): readonly string[] {
  if (others.length === 0) return [];
  const failed = others.reduce((sum, outage) => sum + outage.attempts, 0);
  return [`${entry}: beside the outage ${failed} ${client} attempts failed at ${vantage}, in ${others.length} pieces`];
}

/** What is shorter than a gap between attempts can't be seen. */
function gaps(facts: DrillFacts, entry: string, { vantage, client, gapMs }: Passage): readonly string[] {
  return gapMs > 5 * facts.burstEveryMs
    ? [`${entry}: no ${client} attempt began at ${vantage} for ${formatMs(gapMs)}: what was shorter was not seen`]
    : [];
}

/** Back and away again: names or caches that do not agree yet, or a check that cannot make up its mind. */
function flaps(entry: string, { vantage, client, flaps: found = [] }: Passage): readonly string[] {
  return found.map(
    (flap) =>
      `${entry}: after their return ${client} clients at ${vantage} were served by ${flap.servedBy.join(', ')} again: ${flap.answers} answers, from ${shownBounds(flap.began)} ${endOf(flap)} after the call of restore`,
  );
}

function endOf({ ended }: Flap): string {
  return ended === null ? 'to the end of the record' : `to ${shownBounds(ended)}`;
}

function leftOver({ expect, reach }: EntryHistory, { vantage, client, servedLast }: Passage): readonly string[] {
  if (servedLast == null) return [];
  const afterMs = Math.max(0, reach[vantage]?.failbackMs ?? 0);
  const kept = client === 'pooled' ? ': a kept connection asks no name again' : '';
  return [
    `${expect.entry}: ${client} clients at ${vantage} were still served by ${servedLast} at the end of the record, ${formatMs(afterMs)} after the call of restore${kept}`,
  ];
}
