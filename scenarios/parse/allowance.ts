/** What drills may touch and when, and the guard's rules that a scenario overrides. */
import { mayBeOverridden, type RuleName, ruleNames } from '../../contract/guard.ts';
import { type Allowance, type Freeze, type Hours, weekdays } from '../scenario.ts';
import type { Names } from './names.ts';
import { dictionary, list, object, optional, type Read, required, shown } from './reader.ts';
import { oneOf, text } from './values.ts';

export const anywhen: Allowance = { contexts: [], workloads: [], hours: null, freezes: [] };

export function allowance(names: Names): Read<Allowance> {
  const read = object({
    contexts: optional(list(oneOf(names.contexts, 'a context that a region names: none does')), []),
    workloads: optional(list(oneOf(names.workloads, 'a workload that a region names: none does')), []),
    hours: optional(hours, null),
    freezes: optional(list(freeze), []),
  });
  return (value, at) => {
    const found = read(value, at);
    if (found === undefined) return undefined;
    const byDefault = found.hours?.timeZone ?? 'UTC';
    const freezes = found.freezes.map((one): Freeze => ({ ...one, timeZone: one.timeZone ?? byDefault }));
    return { ...found, freezes };
  };
}

/** Minutes since midnight; `24:00` is its end. */
const minute: Read<number> = (value, at) => {
  const [, hour, rest] = (typeof value === 'string' && /^(\d{2}):(\d{2})$/.exec(value)) || [];
  const minutes = Number(hour) * 60 + Number(rest);
  return hour !== undefined && Number(rest) < 60 && minutes <= 24 * 60
    ? minutes
    : at.note(shown(value), 'a time of day from 00:00 to 24:00, in quotes, such as "09:00"');
};

const timeZone: Read<string> = (value, at) =>
  typeof value === 'string' && isTimeZone(value)
    ? value
    : at.note(shown(value), 'a time zone of the IANA database, such as Europe/Berlin or UTC');

function isTimeZone(value: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

const writtenHours = object({
  days: required(list(oneOf(weekdays), 1)),
  from: required(minute),
  to: required(minute),
  timeZone: required(timeZone),
});

const hours: Read<Hours> = (value, at) => {
  const found = writtenHours(value, at);
  return found === undefined
    ? undefined
    : { days: found.days, fromMinute: found.from, toMinute: found.to, timeZone: found.timeZone };
};

const day: Read<string> = (value, at) =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && isDay(value)
    ? value
    : at.note(shown(value), 'a day, such as 2026-12-20');

function isDay(value: string): boolean {
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
}

const writtenFreeze = object({
  from: required(day),
  to: required(day),
  because: required(text('the reason, in words')),
  timeZone: optional(timeZone, null),
});

const freeze: typeof writtenFreeze = (value, at) => {
  const found = writtenFreeze(value, at);
  if (found === undefined) return undefined;
  return found.to >= found.from ? found : at.in('to').note(found.to, `a day that is not before ${found.from}`);
};

const ruleName: Read<RuleName> = (value, at) => {
  const rule = oneOf(ruleNames)(value, at);
  return rule === undefined || mayBeOverridden(rule)
    ? rule
    : at.note(shown(value), 'a rule that may be overridden: no reason overrides this one');
};

/** By the rule's name, each with a reason. */
export const overrides: Read<Readonly<Record<string, string>>> = dictionary(text('the reason, in words'), ruleName);
