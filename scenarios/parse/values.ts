/** Readers of the plain values that a scenario is made of. */
import { parseHostPort } from '../../contract/address.ts';
import { isTimeZone } from '../../contract/slo/calendar.ts';
import { parseDurationMs, parseRatio } from '../../contract/units.ts';
import { countryCodes, groups } from '../countries.ts';
import { choice, type Read, shown } from './reader.ts';

/** A text that is not empty; with `shape`, one that matches it whole. */
export function text(want: string, shape?: RegExp): Read<string> {
  return (value, at) =>
    typeof value === 'string' && value.trim() !== '' && (shape === undefined || shape.test(value))
      ? value
      : at.note(shown(value), want);
}

export const body: Read<string> = (value, at) =>
  typeof value === 'string' ? value : at.note(shown(value), 'a text, in quotes where it looks like anything else');

export function oneOf<const T extends string>(allowed: readonly T[], none = 'nothing: none is defined'): Read<T> {
  return (value, at) => {
    const found = allowed.find((candidate) => candidate === value);
    return found ?? at.note(shown(value), allowed.length === 0 ? none : choice(allowed, value));
  };
}

/** Ten years: what is longer is a slip, and times so far off are none. */
const longestMs = 3_650 * 86_400_000;

/** At least `leastMs`; no time at all is one only where that is 0. */
export function durationMs(leastMs = 0.001, mostMs = longestMs): Read<number> {
  return (value, at) => {
    const ms = typeof value === 'string' ? parseDurationMs(value) : undefined;
    if (ms === undefined) return at.note(shown(value), 'a duration with a unit, such as 250ms, 30s, 4m, 1h30m or 30d');
    if (ms <= 0 && leastMs > 0) return at.note(shown(value), 'a duration of more than 0');
    if (ms < leastMs) return at.note(shown(value), `a duration of at least ${leastMs}ms`);
    const most = mostMs === longestMs ? '3650d' : `${mostMs}ms`;
    return ms <= mostMs ? ms : at.note(shown(value), `a duration of at most ${most}`);
  };
}

export const ratio: Read<number> = (value, at) => {
  const found = typeof value === 'string' || typeof value === 'number' ? parseRatio(value) : undefined;
  if (found !== undefined) return Number(found.toFixed(9)); // 99.9 / 100 is not 0.999 in binary
  return at.note(shown(value), 'a percentage from 0% to 100%, such as 99.9%, or a ratio from 0 to 1');
};

export function number(least: number, most: number, what: string): Read<number> {
  return (value, at) =>
    typeof value === 'number' && value >= least && value <= most
      ? value
      : at.note(shown(value), `${what} from ${least} to ${most}`);
}

export const statusCode: Read<number> = (value, at) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= 599
    ? value
    : at.note(shown(value), 'a status code from 100 to 599');

export const url: Read<string> = (value, at) => {
  const parsed = typeof value === 'string' ? URL.parse(value) : null;
  return typeof value === 'string' && parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.hostname !== ''
    ? value
    : at.note(shown(value), 'a URL that begins with https:// or http://');
};

/** A moment with its offset from UTC, as epoch milliseconds: without one it would be another in every place. */
export const moment: Read<number> = (value, at) => {
  const whole = typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(value);
  const atMs = whole ? Date.parse(value) : Number.NaN;
  return Number.isNaN(atMs) ? at.note(shown(value), 'a time with its offset, such as 2026-12-01T10:00:00Z') : atMs;
};

export const timeZone: Read<string> = (value, at) =>
  typeof value === 'string' && isTimeZone(value)
    ? value
    : at.note(shown(value), 'a time zone, such as UTC or Europe/Berlin');

export const path = text('a path that begins with /', /^\/\S*$/);
export const hostname = text('a host name, such as api.agent.example', /^(?=.{1,253}$)([\w-]{1,63}\.)*[\w-]{1,63}\.?$/);
const wellFormed = text('a name of letters, digits, dots, dashes and underscores', /^[A-Za-z0-9][\w.-]*$/);
const longestName = 200;
/** It stands in labels, paths and file names. */
export const name: Read<string> = (value, at) =>
  typeof value === 'string' && value.length > longestName
    ? at.note(shown(value), `a name of at most ${longestName} characters`)
    : wellFormed(value, at);
export const method = text('a method in capitals, such as GET or POST', /^[A-Z]{3,10}$/);
export const jurisdiction = text('a jurisdiction, such as EU or US', /^[A-Za-z][\w-]*$/);
export const headerName = text('a header name, such as x-region', /^[\w!#$%&'*+.^`|~-]+$/);
/** What a request may have there: Node sends no other, and a line end would be another header. */
export const headerValue = text(
  'the value of the header, of Latin letters and signs on one line',
  /^[\t\x20-\x7E\xA0-\xFF]+$/,
);
export const metricPrefix = text('a metric name prefix of letters, digits and underscores', /^[A-Za-z_]\w*$/);
export const metricName = text('a metric name, such as http_requests_total', /^[A-Za-z_:][\w:]*$/);
/** The subset of JSON path that inventories may use. */
export const jsonPath = text('a path made of $, .name and [*], such as $.records[*]', /^\$(\.[\w-]+|\[\*\])*$/);
export const workload = text(
  'a workload as kind/name, such as deployment/api, statefulset/store or rollouts.argoproj.io/api',
  // Deployments and StatefulSets have one name each, so that two spellings are not two workloads.
  /^(deployment|statefulset|(?!(deployments|statefulsets)\.apps\/)[a-z0-9-]+(\.[a-z0-9-]+)+)\/[a-z0-9][a-z0-9.-]*$/,
);
export const country = (value: unknown, at: Parameters<Read<string>>[1]): string | undefined =>
  typeof value === 'string' && countryCodes.has(value)
    ? value
    : at.note(shown(value), 'a country as two capital letters (ISO 3166-1), such as DE');

/** A country, or a group of them: its members. */
export const countryOrGroup: Read<readonly string[]> = (value, at) => {
  if (typeof value === 'string' && countryCodes.has(value)) return [value];
  const members = typeof value === 'string' && Object.hasOwn(groups, value) ? groups[value] : undefined;
  const known = Object.keys(groups).join(' or ');
  return members ?? at.note(shown(value), `a country as two capital letters (ISO 3166-1), such as DE, or ${known}`);
};

export const subnet: Read<string> = (value, at) => {
  const [address, length] = typeof value === 'string' ? value.split('/') : [];
  const most = address?.includes(':') === true ? 128 : 32;
  const whole = typeof value === 'string' && /^[0-9a-fA-F.:]+\/\d{1,3}$/.test(value) && Number(length) <= most;
  const host = most === 128 ? `[${address}]` : `${address}`;
  return whole && URL.parse(`http://${host}/`)?.hostname.replaceAll(/[[\]]/g, '') === address?.toLowerCase()
    ? value
    : at.note(shown(value), 'a subnet, such as 198.51.100.0/24');
};

export const address: Read<string> = (value, at) =>
  typeof value === 'string' && parseHostPort(value) !== undefined
    ? value
    : at.note(shown(value), 'an address and a port, such as 192.0.2.53:53');

const cronField = /^(\*|\w+(-\w+)?)(\/\d+)?(,(\*|\w+(-\w+)?)(\/\d+)?)*$/;
const cronBounds = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;
const weekdayMost = 7;
/** `1#1`: the first Monday of the month. */
const nthWeekday = /^[0-7]#[1-5]$/;
const cronNames = /^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat)$/i;

/** Five fields; the values of each within its bounds. */
export const cron: Read<string> = (value, at) => {
  const fields = typeof value === 'string' ? value.trim().split(/\s+/) : [];
  const holds =
    fields.length === cronBounds.length &&
    fields.every((field, index) => isCronField(field, cronBounds[index] ?? [0, 0]));
  return typeof value === 'string' && holds
    ? value
    : at.note(shown(value), 'a schedule of five fields (minute hour day month weekday), such as "0 10 1 * *"');
};

function isCronField(field: string, [least, most]: readonly [number, number]): boolean {
  if (most === weekdayMost && nthWeekday.test(field)) return true;
  if (!cronField.test(field)) return false;
  // Of a step of 0 nothing would ever be due, and other crons take a step only of a range.
  if (/\/0+(,|$)/.test(field) || /(^|,)\w+\/\d/.test(field)) return false;
  const values = field.replaceAll(/\/\d+/g, '').split(/[,-]/);
  return values.every(
    (value) =>
      value === '*' || (most <= 12 && cronNames.test(value)) || (Number(value) >= least && Number(value) <= most),
  );
}
