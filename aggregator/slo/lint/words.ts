/** Numbers as lint says them: in words that can be read out. */
import type { Objective } from '../../../contract/objective.ts';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Of a calendar's periods the mean: months and years differ. */
const periodMs = {
  day: dayMs,
  week: 7 * dayMs,
  month: 30.436875 * dayMs,
  quarter: 91.310625 * dayMs,
  year: 365.2425 * dayMs,
} as const;

const named: ReadonlyMap<number, string> = new Map([
  [secondMs, 'a second'],
  [minuteMs, 'a minute'],
  [hourMs, 'an hour'],
  [dayMs, 'a day'],
  [365 * dayMs, 'a year'],
]);

/** What a window usually comes to, and what it is called. */
export function windowOf({ windowMs, calendar }: Pick<Objective, 'windowMs' | 'calendar'>) {
  if (calendar === undefined) return { usualMs: windowMs, called: inWords(windowMs) };
  return { usualMs: periodMs[calendar.every], called: `a ${calendar.every}` };
}

/** `30 days`, `an hour`, `52.6 minutes`: three digits at most. */
export function inWords(ms: number): string {
  return named.get(ms) ?? amount(ms);
}

/** The same, as an amount: `60 minutes`, never `an hour`. */
function amount(ms: number): string {
  if (ms < secondMs) return unit(ms, 'millisecond');
  if (ms < 2 * minuteMs) return unit(ms / secondMs, 'second');
  if (ms < 2 * hourMs) return unit(ms / minuteMs, 'minute');
  return ms < 2 * dayMs ? unit(ms / hourMs, 'hour') : unit(ms / dayMs, 'day');
}

function unit(value: number, name: string): string {
  const number = Number(value.toPrecision(value < 1_000 ? 3 : 12));
  return `${number} ${name}${number === 1 ? '' : 's'}`;
}

/** As a scenario has it: `1m`, `90s`, `2h`. */
export function asWritten(ms: number): string {
  for (const [widthMs, letter] of [
    [dayMs, 'd'],
    [hourMs, 'h'],
    [minuteMs, 'm'],
    [secondMs, 's'],
  ] as const) {
    if (ms >= widthMs && ms % widthMs === 0) return `${ms / widthMs}${letter}`;
  }
  return `${ms}ms`;
}

/** `one probe a minute`, `3 probes every 30 seconds`. */
export function rateInWords(everyMs: number, perRound: number): string {
  const probes = counted(perRound, 'probe');
  const name = named.get(everyMs);
  return `${perRound === 1 ? 'one probe' : probes} ${name ?? `every ${amount(everyMs)}`}`;
}

/** `99.9 %`, with as many digits as it has. */
export function percent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(6))} %`;
}

/** The same, rounded to two digits of what is missing to 100 %: 0.99744 is 99.74 % (down) or 99.75 % (up). */
export function nearlyWhole(ratio: number, way: 'down' | 'up'): string {
  const rest = 1 - ratio;
  const digits = Math.max(0, 1 - Math.floor(Math.log10(rest)));
  const scale = 10 ** digits;
  const rounded = (way === 'down' ? Math.ceil(rest * scale - 1e-9) : Math.floor(rest * scale + 1e-9)) / scale;
  return percent(1 - rounded);
}

/** `1,440 probes`, `1 probe`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
