/**
 * When a schedule is due, by the wall clock of its time zone. Of a time that a clock change skips it is due once, when the
 * clock has changed; of one that comes twice, once, the first time.
 */
import { wallAt } from '../guard/calendar.ts';
import { cronFields } from './fields.ts';

export type Cron = { readonly cron: string; readonly timeZone: string };

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** A leap day may be eight years away. */
const farthestDays = 9 * 366;

/** The times after `afterMs`, in order, each once; ends where there is none for years. */
export function* dueTimes({ cron, timeZone }: Cron, afterMs: number): Generator<number> {
  const fields = cronFields(cron);
  const offsets = offsetsIn(timeZone);
  let lastMs = afterMs;
  let emptyDays = 0;
  // The day before: at its end a clock may have been ahead of where it is now.
  for (let day = dateOf(afterMs, offsets) - dayMs; emptyDays < farthestDays; day += dayMs) {
    emptyDays += 1;
    if (!fields.isOn(day)) continue;
    for (const minute of fields.minutes) {
      const atMs = instantOf(day + minute * minuteMs, offsets);
      if (atMs <= lastMs) continue;
      emptyDays = 0;
      lastMs = atMs;
      yield atMs;
    }
  }
}

/** By how much a place's wall clock is ahead of UTC at a moment, in milliseconds. */
type Offset = (atMs: number) => number;

function offsetsIn(timeZone: string): Offset {
  if (timeZone === 'UTC') return () => 0;
  return (atMs) => {
    const { day, minute } = wallAt(atMs, timeZone);
    return Date.parse(`${day}T00:00:00Z`) + minute * minuteMs - Math.floor(atMs / minuteMs) * minuteMs;
  };
}

function dateOf(atMs: number, offset: Offset): number {
  return Math.floor((atMs + offset(atMs)) / dayMs) * dayMs;
}

/** `wallMs`: what the wall shows, as if it were UTC. */
function instantOf(wallMs: number, offset: Offset): number {
  // No place changes its clock twice in so short a time.
  const [before, after] = [offset(wallMs - dayMs), offset(wallMs + dayMs)];
  if (before === after) return wallMs - before;
  const shown = [wallMs - before, wallMs - after].filter((atMs) => atMs + offset(atMs) === wallMs);
  return shown.length > 0 ? Math.min(...shown) : changeBetween(wallMs - after, wallMs - before, offset);
}

/** The first moment of the later of two offsets: at `fromMs` it is not so yet, at `toMs` it is. */
function changeBetween(fromMs: number, toMs: number, offset: Offset): number {
  const later = offset(toMs);
  let [low, high] = [fromMs, toMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offset(middle) === later) high = middle;
    else low = middle;
  }
  return high;
}
