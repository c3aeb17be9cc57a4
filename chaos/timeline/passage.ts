/** What one kind of client at one vantage went through, in values of the report. */
import { type Bounds, elapsed, stretched } from '../../contract/bounds.ts';
import type { Hole, Outage, Passage } from '../../contract/drill.ts';
import type { ClientClass } from '../../contract/result.ts';
import type { Attempt } from './attempt.ts';
import { type Window, within } from './crossing.ts';
import type { Piece } from './pieces.ts';
import { latestEnd, latestStart } from './span.ts';

/** A moment as so long after another, never before it: what is timed here was caused by it. */
export function since(from: Bounds, moment: Bounds): Bounds {
  const length = stretched(elapsed(from, moment));
  return { lowerMs: Math.max(0, length.lowerMs), upperMs: Math.max(0, length.upperMs) };
}

/** A moment as so long after another, or before it: an outage that was open when the window began. */
function relative(from: Bounds, moment: Bounds): Bounds {
  return moment.lowerMs >= from.lowerMs ? since(from, moment) : stretched(elapsed(from, moment));
}

export function outageOf(piece: Piece, from: Bounds): Outage {
  const { began, ended, bad } = piece;
  const leastMs = Math.max(0, (ended === null ? latestStart(bad) : ended.lowerMs) - began.upperMs);
  const length = stretched({ lowerMs: leastMs, upperMs: ended === null ? leastMs : ended.upperMs - began.lowerMs });
  return {
    began: relative(from, began),
    ended: ended === null ? null : relative(from, ended),
    length: { lowerMs: Math.max(0, length.lowerMs), upperMs: ended === null ? null : length.upperMs },
    attempts: bad.length,
    unseen: bad.length === 0,
  };
}

export type PassageParts = {
  readonly vantage: string;
  readonly client: ClientClass;
  readonly observed: boolean;
  readonly main: Piece | undefined;
  readonly others: readonly Piece[];
  readonly burstEveryMs: number;
};

/** A sampling gap of more than so many bursts is told, and may leave a limit undecided. */
const burstsInHole = 5;

export function passageOf(parts: PassageParts, attempts: readonly Attempt[], window: Window): Passage {
  const { vantage, client, observed, main, others, burstEveryMs } = parts;
  const inside = within(attempts, window);
  const served = inside.filter((attempt) => attempt.good && !window.origin(attempt.servedBy));
  const gaps = gapsIn(attempts, window);
  const names = served.flatMap(({ servedBy }) => (servedBy === null ? [] : [servedBy]));
  return {
    vantage,
    client,
    observed,
    main: main === undefined || !observed ? null : outageOf(main, window.from),
    others: others.map((piece) => outageOf(piece, window.from)),
    servedBy: [...new Set(names)].sort(),
    gapMs: gaps.reduce((worst, { fromMs, toMs }) => Math.max(worst, toMs - fromMs), 0),
    holes: gaps
      .filter(({ fromMs, toMs }) => toMs - fromMs > burstsInHole * burstEveryMs)
      .map(({ fromMs, toMs }) => ({ fromMs: fromMs - window.from.upperMs, toMs: toMs - window.from.lowerMs })),
  };
}

/** From each attempt's beginning to the next one's, as far as that lies in the window. */
function gapsIn(attempts: readonly Attempt[], window: Window): readonly Hole[] {
  const inside = attempts.filter((attempt) => window.until === null || attempt.startMs <= window.until.upperMs);
  const gaps: Hole[] = [];
  for (let index = 1; index < inside.length; index += 1) {
    const attempt = inside[index];
    const previous = inside[index - 1];
    if (attempt === undefined || previous === undefined || attempt.startMs < window.from.lowerMs) continue;
    gaps.push({ fromMs: previous.startMs, toMs: attempt.startMs });
  }
  return gaps;
}

/**
 * The last bad attempt of a window: after the latest start of one that was surely in it, before the latest end of one
 * that may have been.
 */
export function lastBad(attempts: readonly Attempt[], window: Window): Bounds | undefined {
  const { from, until } = window;
  const bad = within(attempts, window).filter((attempt) => !attempt.good);
  const sure = bad.filter(
    (attempt) => attempt.startMs >= from.upperMs && (until === null || attempt.endMs <= until.lowerMs),
  );
  if (sure.length === 0) return undefined;
  const endMs = latestEnd(bad);
  return { lowerMs: latestStart(sure), upperMs: until === null ? endMs : Math.min(endMs, until.upperMs) };
}
