/** When drills may begin: hours and freezes, by the wall clock of a time zone. */
import { type Freeze, type Hours, type Weekday, weekdays } from '../../scenarios/scenario.ts';
import type { GuardFacts, Objection } from './facts.ts';

/** A moment as the people of a time zone call it. */
type Wall = { readonly day: string; readonly weekday: Weekday; readonly minute: number };

/** One takes a thousand times longer to make than to use. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formats.set(timeZone, format);
  return format;
}

export function wallAt(atMs: number, timeZone: string): Wall {
  const parts = formatOf(timeZone).formatToParts(atMs);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  const named = part('weekday').toLowerCase();
  return {
    day: `${part('year')}-${part('month')}-${part('day')}`,
    weekday: weekdays.find((weekday) => weekday === named) ?? 'mon',
    minute: Number(part('hour')) * 60 + Number(part('minute')),
  };
}

/** What the calendar is asked. */
type Moment = Pick<GuardFacts, 'wallMs' | 'allow'>;

export function withinHours({ wallMs, allow: { hours } }: Moment): Objection | undefined {
  if (hours === null) return undefined;
  const now = wallAt(wallMs, hours.timeZone);
  if (isOpen(hours, now)) return undefined;
  const { days, fromMinute, toMinute, timeZone } = hours;
  return {
    because: `it is ${now.weekday} ${timeOf(now.minute)} in ${timeZone}, and drills may begin on ${days.join(', ')} from ${timeOf(fromMinute)} to ${timeOf(toMinute)}`,
    remedy: `wait until ${nextOpening(hours, now)}, or change allow.hours in the scenario`,
  };
}

/** Hours that end before they begin belong to the day on which they began. */
function isOpen({ days, fromMinute, toMinute }: Hours, { weekday, minute }: Wall): boolean {
  const today = days.includes(weekday);
  if (toMinute > fromMinute) return today && minute >= fromMinute && minute < toMinute;
  return (today && minute >= fromMinute) || (days.includes(after(weekday, -1)) && minute < toMinute);
}

function nextOpening({ days, fromMinute, timeZone }: Hours, now: Wall): string {
  const ahead = weekdays.findIndex((_, index) => {
    const isLater = index > 0 || now.minute < fromMinute;
    return isLater && days.includes(after(now.weekday, index));
  });
  // None before the same day next week.
  const weekday = after(now.weekday, ahead === -1 ? weekdays.length : ahead);
  return `${weekday} ${timeOf(fromMinute)} (${timeZone})`;
}

function after(weekday: Weekday, days: number): Weekday {
  const index = (weekdays.indexOf(weekday) + days + weekdays.length) % weekdays.length;
  return weekdays[index] ?? weekday;
}

function timeOf(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

export function notFrozen({ wallMs, allow }: Moment): Objection | undefined {
  const frozen = allow.freezes.filter((freeze) => lies(freeze, wallMs));
  const [first] = frozen;
  if (first === undefined) return undefined;
  const names = frozen.map(({ from, to, because }) => `${from} to ${to} (${because})`);
  const last = frozen.reduce((latest, { to }) => (to > latest ? to : latest), first.to);
  const today = wallAt(wallMs, first.timeZone).day;
  return {
    because: `${today} in ${first.timeZone} lies in ${frozen.length === 1 ? 'a freeze' : `${frozen.length} freezes`}: ${names.join(', ')}`,
    remedy: `wait until ${last} is over, or take the freeze out of allow.freezes`,
  };
}

function lies({ from, to, timeZone }: Freeze, wallMs: number): boolean {
  const { day } = wallAt(wallMs, timeZone);
  return from <= day && day <= to;
}
