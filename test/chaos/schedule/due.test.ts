import { expect, test } from 'vitest';
import { allowedDueTimes } from '../../../chaos/schedule/allowed.ts';
import { dueTimes } from '../../../chaos/schedule/due.ts';
import type { Allowance } from '../../../scenarios/scenario.ts';

const berlin = 'Europe/Berlin';

/** The due times from one moment to another, in UTC. */
function due(cron: string, timeZone: string, from: string, to: string): readonly string[] {
  const found: string[] = [];
  for (const atMs of dueTimes({ cron, timeZone }, Date.parse(from))) {
    if (atMs >= Date.parse(to)) break;
    found.push(new Date(atMs).toISOString().slice(0, 16));
  }
  return found;
}

test('without a time zone it is UTC that counts', () => {
  expect(due('0 10 1 * *', 'UTC', '2026-11-22T00:00Z', '2027-02-02T00:00Z')).toEqual([
    '2026-12-01T10:00',
    '2027-01-01T10:00',
    '2027-02-01T10:00',
  ]);
});

test('a daily time keeps to the wall through both clock changes', () => {
  expect(due('0 10 * * *', berlin, '2026-03-27T12:00Z', '2026-03-31T00:00Z')).toEqual([
    '2026-03-28T09:00',
    '2026-03-29T08:00',
    '2026-03-30T08:00',
  ]);
  expect(due('0 10 * * *', berlin, '2026-10-23T12:00Z', '2026-10-27T00:00Z')).toEqual([
    '2026-10-24T08:00',
    '2026-10-25T09:00',
    '2026-10-26T09:00',
  ]);
});

test('a time that the clock skips is due once, when the clock has changed', () => {
  expect(due('30 2 * * *', berlin, '2026-03-28T00:00Z', '2026-03-31T00:00Z')).toEqual([
    '2026-03-28T01:30',
    '2026-03-29T01:00',
    '2026-03-30T00:30',
  ]);
});

test('several times in the hour that is skipped are one, together with the time that it ends at', () => {
  expect(due('*/20 2,3 * * *', berlin, '2026-03-29T00:00Z', '2026-03-29T12:00Z')).toEqual([
    '2026-03-29T01:00',
    '2026-03-29T01:20',
    '2026-03-29T01:40',
  ]);
});

test('a time that comes twice is due the first time alone', () => {
  expect(due('30 2 * * *', berlin, '2026-10-24T12:00Z', '2026-10-26T12:00Z')).toEqual([
    '2026-10-25T00:30',
    '2026-10-26T01:30',
  ]);
});

test('it makes no difference from which moment of a clock change it is asked', () => {
  const whole = due('*/30 * * * *', berlin, '2026-10-24T22:00Z', '2026-10-25T06:00Z');
  expect(new Set(whole).size).toBe(whole.length);
  for (const [index, from] of whole.entries()) {
    expect(due('*/30 * * * *', berlin, `${from}Z`, '2026-10-25T06:00Z')).toEqual(whole.slice(index + 1));
  }
});

test('a change of half an hour, and one at midnight, are no different', () => {
  expect(due('15 2 * * *', 'Australia/Lord_Howe', '2026-10-02T12:00Z', '2026-10-05T00:00Z')).toEqual([
    '2026-10-02T15:45',
    '2026-10-03T15:30',
    '2026-10-04T15:15',
  ]);
  expect(due('0 0 * * *', 'Africa/Cairo', '2026-04-22T12:00Z', '2026-04-25T00:00Z')).toEqual([
    '2026-04-22T22:00',
    '2026-04-23T22:00',
    '2026-04-24T21:00',
  ]);
});

test('ranges, steps, names and the second Tuesday are what they say', () => {
  expect(due('0 9 * jan mon-fri/2', 'UTC', '2027-01-01T10:00Z', '2027-01-09T00:00Z')).toEqual([
    '2027-01-04T09:00',
    '2027-01-06T09:00',
    '2027-01-08T09:00',
  ]);
  expect(due('0 9 * * 2#2', 'UTC', '2026-12-01T00:00Z', '2027-01-31T00:00Z')).toEqual([
    '2026-12-08T09:00',
    '2027-01-12T09:00',
  ]);
});

test('a leap day is found, the next one years away', () => {
  expect(due('0 0 29 2 *', 'UTC', '2026-01-01T00:00Z', '2029-01-01T00:00Z')).toEqual(['2028-02-29T00:00']);
});

test('times in a freeze and out of hours are left out, unless the rule is overridden', () => {
  const allow: Allowance = {
    contexts: [],
    workloads: [],
    hours: { days: ['mon', 'tue', 'wed', 'thu', 'fri'], fromMinute: 540, toMinute: 960, timeZone: berlin },
    freezes: [{ from: '2026-12-20', to: '2027-01-06', because: 'holidays', timeZone: berlin }],
  };
  const plan = { cron: '0 10 * * *', timeZone: berlin, graceMs: 3_600_000 };
  const next = (overrides: Readonly<Record<string, string>>) =>
    allowedDueTimes(plan, { allow, overrides }, Date.parse('2026-12-18T00:00Z'), 2).map((atMs) =>
      new Date(atMs).toISOString().slice(0, 10),
    );
  expect(next({})).toEqual(['2026-12-18', '2027-01-07']);
  expect(next({ 'guard.freeze': 'agreed' })).toEqual(['2026-12-18', '2026-12-21']);
  expect(next({ 'guard.freeze': 'agreed', 'guard.hours': 'agreed' })).toEqual(['2026-12-18', '2026-12-19']);
});

test('a schedule that only ever hits closed hours has no time at all', () => {
  const hours = { days: ['mon'], fromMinute: 540, toMinute: 960, timeZone: 'UTC' } as const;
  const allow: Allowance = { contexts: [], workloads: [], hours, freezes: [] };
  const plan = { cron: '0 3 * * *', timeZone: 'UTC', graceMs: 3_600_000 };
  expect(allowedDueTimes(plan, { allow, overrides: {} }, 0, 1)).toEqual([]);
});
