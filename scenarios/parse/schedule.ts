/** When a drill is due: five fields of cron, by UTC or the wall clock of a time zone. */
import { validate } from 'node-cron';
import type { SchedulePlan } from '../schedule.ts';
import { object, optional, type Read, required, shown } from './reader.ts';
import { cron, durationMs, timeZone } from './values.ts';

const defaultGraceMs = 3_600_000;
const leastGraceMs = 60_000;
const mostGraceMs = 7 * 86_400_000;

/**
 * Where a day of the month and a weekday are both given some programs run on days that are both, and some on days that are
 * either: nobody shall have to know which this one is.
 */
const unambiguous: Read<string> = (value, at) => {
  const found = cron(value, at);
  const [, , day = '*', , weekday = '*'] = found?.trim().split(/\s+/) ?? [];
  if (!day.startsWith('*') && !weekday.startsWith('*')) {
    return at.note(shown(value), 'a day of the month or a weekday, not both (1#1 is the first Monday of the month)');
  }
  // What reads it when it is due has the last word, on days such as 31 February too.
  return found === undefined || validate(found) ? found : at.note(shown(value), 'a schedule that some day is due');
};

const written = object({
  cron: required(unambiguous),
  timeZone: optional(timeZone, 'UTC'),
  grace: optional(durationMs(leastGraceMs, mostGraceMs), defaultGraceMs),
});

export const schedule: Read<SchedulePlan> = (value, at) => {
  if (typeof value !== 'object' || value === null) {
    const found = unambiguous(value, at);
    return found === undefined ? undefined : { cron: found, timeZone: 'UTC', graceMs: defaultGraceMs };
  }
  const found = written(value, at);
  return found === undefined ? undefined : { cron: found.cron, timeZone: found.timeZone, graceMs: found.grace };
};
