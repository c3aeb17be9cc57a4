/** Periods of a calendar in a time zone, clock changes included. */
import type { Calendar } from '../objective.ts';

const hourMs = 3_600_000;
/** No place's clock was ever further from UTC. */
const furthestMs = 16 * hourMs;

/** The longest that a period lasts; a day may have an hour more than others. */
export const longestPeriodMs: { readonly [E in Calendar['every']]: number } = {
  day: 25 * hourMs,
  week: 7 * 24 * hourMs + hourMs,
  month: 31 * 24 * hourMs + hourMs,
  quarter: 92 * 24 * hourMs + hourMs,
  year: 366 * 24 * hourMs + hourMs,
};

export function isTimeZone(name: string): boolean {
  try {
    return formatOf(name) !== undefined;
  } catch {
    return false;
  }
}

/**
 * The period that a moment lies in, `[fromMs, toMs)`. It begins with the first moment of its first day there: where
 * clocks skip midnight that is when they skip to, where midnight comes twice the first one. Its length is what really
 * passes: a day with a clock change has 23 or 25 hours.
 */
export function periodAt(
  { every, timeZone }: Calendar,
  atMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  const today = dayAt(timeZone, atMs);
  const first = firstDay(every, today);
  return { fromMs: startOf(timeZone, first), toMs: startOf(timeZone, after(every, first)) };
}

/** A date, by the days since 1970-01-01. */
type Day = number;
const dayMs = 24 * hourMs;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
      timeZone,
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
    });
    formats.set(timeZone, format);
  }
  return format;
}

function dayAt(timeZone: string, atMs: number): Day {
  const date = { year: 0, month: 0, day: 0 };
  for (const { type, value } of formatOf(timeZone).formatToParts(atMs)) {
    if (type === 'year' || type === 'month' || type === 'day') date[type] = Number(value);
  }
  return Date.UTC(date.year, date.month - 1, date.day) / dayMs;
}

function firstDay(every: Calendar['every'], day: Day): Day {
  const date = new Date(day * dayMs);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  switch (every) {
    case 'day':
      return day;
    case 'week':
      return day - ((date.getUTCDay() + 6) % 7);
    case 'month':
      return Date.UTC(year, month, 1) / dayMs;
    case 'quarter':
      return Date.UTC(year, month - (month % 3), 1) / dayMs;
    case 'year':
      return Date.UTC(year, 0, 1) / dayMs;
  }
}

function after(every: Calendar['every'], first: Day): Day {
  if (every === 'day') return first + 1;
  if (every === 'week') return first + 7;
  const date = new Date(first * dayMs);
  const months = every === 'month' ? 1 : every === 'quarter' ? 3 : 12;
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1) / dayMs;
}

/** The first moment whose date there is this or a later one: dates never go back. */
function startOf(timeZone: string, day: Day): number {
  let low = day * dayMs - furthestMs;
  let high = day * dayMs + furthestMs;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (dayAt(timeZone, middle) >= day) high = middle;
    else low = middle + 1;
  }
  return low;
}
