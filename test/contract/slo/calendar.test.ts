import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isTimeZone, longestPeriodMs, periodAt } from '../../../contract/slo/calendar.ts';

const hourMs = 3_600_000;
const at = (text: string): number => Date.parse(text);
const period = (every: 'day' | 'week' | 'month' | 'quarter' | 'year', timeZone: string, moment: string) => {
  const { fromMs, toMs } = periodAt({ every, timeZone }, at(moment));
  return [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
};

describe('a period', () => {
  test.each([
    ['day', '2026-11-21T00:00:00.000Z', '2026-11-22T00:00:00.000Z'],
    ['week', '2026-11-16T00:00:00.000Z', '2026-11-23T00:00:00.000Z'],
    ['month', '2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z'],
    ['quarter', '2026-10-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['year', '2026-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
  ] as const)('of a %s is the one that the moment lies in', (every, from, to) => {
    expect(period(every, 'UTC', '2026-11-21T19:13:47Z')).toEqual([from, to]);
  });

  test('begins at midnight there, not here', () => {
    expect(period('month', 'America/New_York', '2026-12-01T03:00:00Z')[0]).toBe('2026-11-01T04:00:00.000Z');
    expect(period('day', 'Pacific/Kiritimati', '2026-11-21T11:00:00Z')[0]).toBe('2026-11-21T10:00:00.000Z');
  });
});

describe('across a clock change', () => {
  test.each([
    ['2026-03-29T12:00:00Z', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z', 23],
    ['2026-10-25T12:00:00Z', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z', 25],
  ])('the day of %s in Berlin is as long as it really is', (moment, from, to, hours) => {
    const [start = '', end = ''] = period('day', 'Europe/Berlin', moment);
    expect([start, end]).toEqual([from, to]);
    expect((at(end) - at(start)) / hourMs).toBe(hours);
  });

  test('where clocks skip midnight a day begins with the first moment that there is', () => {
    // Beirut went from 23:59:59 on 2022-03-26 to 01:00 on 2022-03-27.
    expect(period('day', 'Asia/Beirut', '2022-03-27T12:00:00Z')[0]).toBe('2022-03-26T22:00:00.000Z');
  });

  test('where midnight comes twice a day begins with the first', () => {
    // Havana went from 00:59:59 back to 00:00 on 2022-11-06.
    const [from = '', to = ''] = period('day', 'America/Havana', '2022-11-06T12:00:00Z');
    expect(from).toBe('2022-11-06T04:00:00.000Z');
    expect((at(to) - at(from)) / hourMs).toBe(25);
  });

  test('a date that a place left out belongs to no period of its own', () => {
    // Apia skipped 2011-12-30.
    expect(period('day', 'Pacific/Apia', '2011-12-30T09:59:59Z')[1]).toBe('2011-12-30T10:00:00.000Z');
    expect(period('day', 'Pacific/Apia', '2011-12-30T10:00:00Z')[0]).toBe('2011-12-30T10:00:00.000Z');
  });
});

test('periods follow each other without gap or overlap, none longer than said', () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/Havana', 'Asia/Beirut', 'Australia/Lord_Howe', 'Pacific/Apia'];
  const everies = ['day', 'week', 'month', 'quarter', 'year'] as const;
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.constantFrom(...everies),
      fc.integer({ min: at('2010-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') }),
      (timeZone, every, moment) => {
        const { fromMs, toMs } = periodAt({ every, timeZone }, moment);
        expect(fromMs <= moment && moment < toMs).toBe(true);
        expect(toMs - fromMs).toBeLessThanOrEqual(longestPeriodMs[every]);
        expect(periodAt({ every, timeZone }, toMs).fromMs).toBe(toMs);
        expect(periodAt({ every, timeZone }, fromMs - 1).toMs).toBe(fromMs);
      },
    ),
    { numRuns: 60 },
  );
});

test('a time zone that does not exist is none', () => {
  expect(isTimeZone('Europe/Berlin')).toBe(true);
  expect(isTimeZone('Europe/Atlantis')).toBe(false);
});
