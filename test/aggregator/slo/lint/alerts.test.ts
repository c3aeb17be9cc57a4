import { expect, test } from 'vitest';
import { statusOfFindings } from '../../../../aggregator/slo/lint.ts';
import { hourMs } from '../world.ts';
import { findings, minuteMs, objective, said, secondMs } from './objective.ts';

test('it says after how long a total outage pages, and when the ratio alone would page for one failure', () => {
  expect(said(objective(0.999), minuteMs)).toContain(
    'fact: page at 14.4x over an hour: at one probe a minute a total outage pages after 5 minutes, 5 of 60 probes have to fail; by the ratio alone, without a test, one failure would',
  );
  expect(said(objective(0.99), 10 * secondMs)).not.toContain('by the ratio alone');
});

test('probes of several vantages are counted in whole ones', () => {
  expect(said(objective(0.999), 5 * minuteMs, 9)).toContain('6 of 108 probes have to fail');
});

test('it says when one failure pages, how often it would for nothing, and at which interval it takes two', () => {
  const found = said(objective(0.99999), minuteMs);
  expect(found).toContain(
    'problem: page at 14.4x over an hour: at one probe a minute one failure pages, up to 5.3 times a year with a service exactly at 99.999 % -> every: 30s, or a target of at most 99.9988 %',
  );
  const pages = (target: number, everyMs: number) =>
    findings(objective(target), everyMs).filter(
      ({ says }) => says.includes('14.4x') && says.includes('one failure pages'),
    );
  expect(pages(0.99999, minuteMs)).toHaveLength(1);
  expect(pages(0.99999, 30 * secondMs)).toEqual([]);
  expect(pages(0.999988, minuteMs)).toEqual([]);
  expect(pages(0.999989, minuteMs)).toHaveLength(1);
});

test('it says when a rule can never fire: by its target, or for want of samples', () => {
  expect(said(objective(0.93), minuteMs)).toContain(
    'page at 14.4x over an hour: this rule can never fire, it asks for more than everything to fail -> a target over 93.1 %',
  );
  const seldom = said(objective(0.999), hourMs);
  expect(seldom).toContain(
    'page at 14.4x over an hour: this rule can never fire at one probe an hour, 1 probe in it proves nothing -> every: 30m',
  );
});

test('an objective none of whose pages can fire is a problem; one dead rule is not', () => {
  expect(said(objective(0.8), minuteMs)).toContain('problem: no page can ever fire at one probe a minute');
  expect(statusOfFindings(findings(objective(0.8), minuteMs))).toBe('fail');
  expect(statusOfFindings(findings(objective(0.93), minuteMs))).toBe('pass');
});

test('it says when the short window is empty most of the time: all results of a round lie together', () => {
  expect(said(objective(0.999), 10 * minuteMs, 9)).toContain(
    'its short window of 5 minutes is empty most of the time: it may fire late or never -> every: 5m or less',
  );
  expect(said(objective(0.999), 5 * minuteMs)).not.toContain('short window');
});

test('it says when there is no time for burn rates', () => {
  expect(said(objective(0.99, { windowMs: hourMs }), 10 * secondMs)).toContain(
    'note: an hour is too short for burn rates',
  );
});

test('it says how often a service as good as its target would page', () => {
  expect(said(objective(0.999), minuteMs)).toContain(
    'a service exactly at 99.9 % whose failures have nothing to do with each other makes a page at most once in 760 years, a ticket at most 5.3 times a year',
  );
  expect(said(objective(0.999, { burstMs: 5 * minuteMs }), minuteMs)).toContain(
    'one whose failures all come in outages of 5 minutes, as long as stated, makes a page at most 110 times a year',
  );
});

test('slices of time are counted as slices, and freshness begins to burn when the newest result is too old', () => {
  const slices = { timeSlices: { sliceMs: minuteMs, target: 0.95 } };
  expect(said(objective(0.995, slices), 10 * secondMs, 3)).toContain('11 of 60 slices of a minute have to be bad');
  const indicator = { kind: 'freshness', limitMs: 5 * minuteMs, target: 0.99 } as const;
  expect(said(objective(0.99, { indicator }), minuteMs)).toContain('a total outage pages after 16.5 minutes');
});

test('of residency, leaks are counted and not outages', () => {
  const indicator = { kind: 'residency', target: 0.999 } as const;
  expect(said(objective(0.999, { indicator }), minuteMs)).toContain(
    'at one probe a minute a leak in every answer pages after 5 minutes, 5 of 60 probes have to leak',
  );
});
