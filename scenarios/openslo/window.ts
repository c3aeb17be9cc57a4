/** The window of an SLO, as a scenario has it. */

import { durationText } from '../imports/text.ts';
import { type At, object, optional, type Read, required, shown } from '../parse/reader.ts';
import { timeZone } from '../parse/values.ts';
import { flag, type Shorthand, shorthand, shorthandMs } from './values.ts';

type Every = 'day' | 'week' | 'month' | 'quarter' | 'year';
export type OpenWindow = { readonly rolling: Shorthand } | { readonly every: Every; readonly timeZone: string };

/** The same period may be written in several ways. */
const periods: { readonly [written: string]: Every } = {
  '1d': 'day',
  '24h': 'day',
  '1w': 'week',
  '7d': 'week',
  '1M': 'month',
  '1Q': 'quarter',
  '3M': 'quarter',
  '1Y': 'year',
  '12M': 'year',
  '4Q': 'year',
};
const starts: { readonly [E in Every]: string } = {
  day: 'midnight',
  week: 'midnight of a Monday',
  month: 'midnight of the first of a month',
  quarter: 'midnight of the first of January, April, July or October',
  year: 'midnight of the first of January',
};

const calendar = object({ startTime: required(startTime), timeZone: required(timeZone) });
const shape = object({
  duration: required(shorthand),
  isRolling: optional(flag, null),
  calendar: optional(calendar, null),
});

export const timeWindow: Read<OpenWindow> = (value, at) => {
  const found = shape(value, at);
  if (found === undefined) return undefined;
  const { duration, isRolling, calendar: by } = found;
  if (by === null) {
    if (isRolling === true) return { rolling: duration };
    return at.in('isRolling').note(shown(isRolling ?? undefined), 'true, or a calendar with startTime and timeZone');
  }
  if (isRolling === true) return at.in('calendar').note('a calendar of a rolling window', 'one of the two');
  const every = periods[`${duration.count}${duration.unit}`];
  if (every === undefined) {
    return at
      .in('duration')
      .note(shown(`${duration.count}${duration.unit}`), 'a calendar of 1d, 1w, 1M, 1Q or 1Y, or isRolling: true');
  }
  return startsOn(every, by.startTime)
    ? { every, timeZone: by.timeZone }
    : at
        .in('calendar')
        .in('startTime')
        .note(shown(written(by.startTime)), `${starts[every]}: a ${every} of ours begins then`);
};

/** As the keys of an objective. */
export function windowKeys(window: OpenWindow): { readonly [key: string]: unknown } {
  return 'rolling' in window
    ? { window: durationText(shorthandMs(window.rolling)) }
    : { calendar: { every: window.every, timeZone: window.timeZone } };
}

/** By the wall of its time zone, as if that were UTC. */
function startTime(value: unknown, at: At): Date | undefined {
  const [text] = (typeof value === 'string' && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.exec(value)) || [];
  const date = new Date(`${(text ?? '').replace(' ', 'T')}Z`);
  const real = text !== undefined && !Number.isNaN(date.getTime()) && written(date) === text;
  return real ? date : at.note(shown(value), 'a date and a time without zone, such as 2026-01-01 00:00:00');
}

function written(date: Date): string {
  return date.toISOString().slice(0, 19).replace('T', ' ');
}

function startsOn(every: Every, start: Date): boolean {
  if (!written(start).endsWith(' 00:00:00')) return false;
  const [month, day] = [start.getUTCMonth(), start.getUTCDate()];
  switch (every) {
    case 'day':
      return true;
    case 'week':
      return start.getUTCDay() === 1;
    case 'month':
      return day === 1;
    case 'quarter':
      return day === 1 && month % 3 === 0;
    case 'year':
      return day === 1 && month === 0;
  }
}
