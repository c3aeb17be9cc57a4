import { expect, test } from 'vitest';
import { emptyAccount } from '../../../../aggregator/slo/account.ts';
import { judgeRatio } from '../../../../aggregator/slo/ratio.ts';
import { dayMs, hourMs } from '../world.ts';
import { findings, minuteMs, objective, said, secondMs } from './objective.ts';

test('it says what a target leaves of a window, in time', () => {
  expect(said(objective(0.9999, { windowMs: 365.25 * dayMs }), minuteMs)).toContain(
    '99.99 % of 365 days is 52.6 minutes',
  );
  const year = { windowMs: 366 * dayMs + hourMs, calendar: { every: 'year', timeZone: 'UTC' } } as const;
  expect(said(objective(0.9999, year), minuteMs)).toContain('99.99 % of a year is 52.6 minutes of failure');
  const slices = { timeSlices: { sliceMs: minuteMs, target: 0.95 } };
  expect(said(objective(0.995, slices), minuteMs)).toContain(
    '99.5 % of 30 days is 3.6 hours in bad slices of a minute',
  );
});

test('it says with how many failures an objective passes and fails, and its verdicts agree', () => {
  expect(said(objective(0.999), minuteMs)).toContain(
    'fact: at one probe a minute, 30 days have 43,200 probes: it passes with at most 30 bad ones, fails from 58 on, and is inconclusive between them',
  );
  const status = (bad: number) => {
    const account = { ...emptyAccount(), good: 43_200 - bad, bad };
    return judgeRatio(0.999, { account, policy: 'exclude', designEffect: 1, noun: 'samples' }).status;
  };
  expect([30, 31, 57, 58].map(status)).toEqual(['pass', 'inconclusive', 'inconclusive', 'fail']);
});

test('it says what a window cannot tell, at which interval it could, and for which target it is enough', () => {
  expect(said(objective(0.9999), 30 * minuteMs)).toContain(
    'problem: at one probe every 30 minutes, 30 days cannot tell 99.99 % from 99.9 %: 1,440 probes without a failure show 99.74 %, and it takes 36,887 -> every: 1m, or a target of at most 99.74 %',
  );
});

test('what it advises is enough, both ways', () => {
  const problems = (target: number, everyMs: number) =>
    findings(objective(target), everyMs).filter(({ topic, level }) => topic === 'samples' && level === 'problem');
  expect(problems(0.9999, 30 * minuteMs)).toHaveLength(1);
  expect(problems(0.9999, minuteMs)).toEqual([]);
  expect(problems(0.9974, 30 * minuteMs)).toEqual([]);
  expect(problems(0.9975, 30 * minuteMs)).toHaveLength(1);
});

test('a target that is only a little out of reach is not compared with one ten times as coarse', () => {
  expect(said(objective(0.999), 20 * minuteMs)).toContain('30 days cannot show 99.9 %: 2,160 probes');
});

test('it reckons with how long outages may last, and says where probing more does not help', () => {
  const found = said(objective(0.999, { burstMs: hourMs }), minuteMs);
  expect(found).toContain('43,200 probes (worth 720: an outage may last 60 of them) without a failure show 99.48 %');
  expect(found).toContain('or a longer window: probing more does not help');
  expect(said(objective(0.999, { burstMs: 5 * minuteMs }), minuteMs)).toContain(
    '(worth 8,640: an outage may last 5 of them)',
  );
});

test('it says that a window has nothing in it', () => {
  expect(said(objective(0.99, { windowMs: hourMs }), 2 * hourMs)).toContain(
    'problem: at one probe every 2 hours, an hour has nothing in it to judge by -> every: 1h or less',
  );
});

const p99 = { kind: 'latency', quantile: 0.99, targetMs: 250 } as const;

test('of a quantile it says between which of its samples it lies, or how many it takes', () => {
  expect(said(objective(0.99, { indicator: p99, windowMs: dayMs }), minuteMs)).toContain(
    'a day has 1,440 probes: p99 lies between the 1,418th and the 1,433th of them, sorted',
  );
  expect(said(objective(0.99, { indicator: p99, windowMs: dayMs }), 30 * minuteMs)).toContain(
    'problem: at one probe every 30 minutes, a day has 48 probes: too few for p99, it takes 368 -> every: 2m',
  );
});

test('of failover it says how many drills it takes', () => {
  const indicator = { kind: 'failover', limitMs: 240 * secondMs, target: 0.9 } as const;
  expect(said(objective(0.9, { indicator }), minuteMs)).toContain('it takes 36 drills without a miss');
});
