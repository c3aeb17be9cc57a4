import { expect, test } from 'vitest';
import { statusOfFindings } from '../../../../aggregator/slo/lint.ts';
import type { Exclusion, Objective } from '../../../../contract/objective.ts';
import { dayMs, hourMs } from '../world.ts';
import { findings, minuteMs, objective, said, secondMs } from './objective.ts';

const under = (limitMs: number, windowMs = 30 * dayMs): Objective =>
  objective(0.99, { indicator: { kind: 'latency-under', limitMs, target: 0.99 }, windowMs });

test('a latency limit between two buckets is said, with the bound that is near', () => {
  expect(said(under(300), minuteMs)).toContain('note: 300ms lies between the bounds of a bucket, 297.3ms and 324.2ms');
  expect(said(under(300), minuteMs)).toContain('-> latency-under: 250ms, the bound of a bucket');
});

test('a limit on a bound, or over a window of which single results are kept, is not', () => {
  expect(said(under(250), minuteMs)).not.toContain('bucket');
  expect(said(under(300, 2 * hourMs), minuteMs)).not.toContain('bucket');
});

test('what is advised as a bound is one', () => {
  for (const limitMs of [40, 100, 300, 700, 1_100, 3_000, 9_000]) {
    const [, bound = ''] = /latency-under: (\S+), the bound/.exec(said(under(limitMs), minuteMs)) ?? [];
    const boundMs = bound.endsWith('ms') ? Number.parseFloat(bound) : Number.parseFloat(bound) * secondMs;
    expect(said(under(boundMs), minuteMs)).not.toContain('lies between');
  }
});

test('a calendar across a clock change is defined: how long the day and the period are', () => {
  const of = (every: 'day' | 'month', timeZone: string) =>
    said(objective(0.99, { calendar: { every, timeZone }, windowMs: 32 * dayMs }), minuteMs);
  expect(of('month', 'Europe/Berlin')).toContain(
    'clocks change in Europe/Berlin on 2027-03-28, a day of 23 hours; the month that it lies in has 743: windows and budgets are as long as time really is',
  );
  expect(of('day', 'America/New_York')).toContain('on 2027-03-14, a day of 23 hours: windows');
  expect(of('day', 'Australia/Lord_Howe')).toContain('a day of 24.5 hours');
  expect(of('month', 'UTC')).not.toContain('clocks change');
});

function excluding(...spans: readonly (readonly [string, string, string])[]): string {
  const exclusions = spans.map(
    ([from, to, because]): Exclusion => ({ fromMs: Date.parse(from), toMs: Date.parse(to), because }),
  );
  return said(objective(0.99, { exclusions }), minuteMs);
}

test('overlapping exclusions are defined: what they share is left out once', () => {
  const found = excluding(
    ['2026-11-20T10:00:00Z', '2026-11-20T12:00:00Z', 'works'],
    ['2026-11-20T11:00:00Z', '2026-11-20T13:00:00Z', 'more works'],
    ['2026-11-20T13:00:00Z', '2026-11-20T14:00:00Z', 'the rest'],
  );
  expect(found).toContain('exclusion 2 (more works) overlaps exclusion 1 (works): what both cover is left out once');
  expect(found).not.toContain('exclusion 3');
});

test('exclusions that are over, too long, or cut a slice are said', () => {
  const found = excluding(
    ['2026-01-20T10:00:00Z', '2026-01-20T12:00:00Z', 'winter'],
    ['2026-11-01T00:00:00Z', '2026-12-02T00:00:00Z', 'moving'],
    ['2026-11-20T10:00:05Z', '2026-11-20T11:00:00Z', 'works'],
  );
  expect(found).toContain('exclusion 1 (winter) ended before the window');
  expect(found).toContain('exclusion 2 (moving) is as long as the window');
  expect(found).toContain('exclusion 3 (works) does not begin and end with whole slices of ten seconds');
});

test('a slice of time that has no result most of the time is said, and what makes one bad', () => {
  const slices = { timeSlices: { sliceMs: minuteMs, target: 0.95 } };
  expect(said(objective(0.99, slices), 5 * minuteMs)).toContain(
    'note: only every 5 minutes a slice of a minute has a result: the others do not count -> slices: 5m, or every: 1m',
  );
  expect(said(objective(0.99, slices), minuteMs)).toContain('has 1 result: at 95 % one bad result makes it bad');
  expect(said(objective(0.99, slices), 10 * secondMs, 9)).toContain(
    'has 54 results: at 95 % it is bad with 3 bad ones',
  );
});

test('freshness that the interval alone spoils is a problem', () => {
  const indicator = { kind: 'freshness', limitMs: 5 * minuteMs, target: 0.99 } as const;
  const found = findings(objective(0.99, { indicator }), 10 * minuteMs);
  expect(found.map(({ says }) => says).join()).toContain('it is not fresh for 5 minutes even when all is well');
  expect(statusOfFindings(found)).toBe('fail');
});

test('an objective that does not state how long outages last is told to', () => {
  expect(said(objective(0.999), minuteMs)).toContain('note: how long one outage may last is not stated');
  expect(said(objective(0.999, { burstMs: 5 * minuteMs }), minuteMs)).not.toContain('not stated');
});

test('where silence counts as failure, it says how much of it spends the budget', () => {
  expect(said(objective(0.999, { missing: 'bad' }), minuteMs)).toContain(
    'silence counts as failure: an agent that is away for 43.2 minutes spends the budget',
  );
  expect(said(objective(0.999, { missing: 'bad' }), minuteMs, 3)).toContain(
    'one of 3 in each round that is away for 2.16 hours',
  );
  expect(said(objective(0.999), minuteMs)).not.toContain('silence');
});
