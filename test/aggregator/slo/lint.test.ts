import { expect, test } from 'vitest';
import { sentencesOn } from '../../../aggregator/slo/lint.ts';
import type { Objective } from '../../../contract/objective.ts';
import { availability, dayMs, hourMs } from './world.ts';

const minuteMs = 60_000;
const objective = (target: number, windowMs: number): Objective => ({
  ...availability,
  indicator: { kind: 'availability', target },
  windowMs,
});

test('it says what a target leaves', () => {
  const found = sentencesOn(objective(0.9999, 365.25 * dayMs), { everyMs: minuteMs, perRound: 1 });
  expect(found[0]).toBe('99.99 % of 365.3 d leaves 52.6 min for failure');
});

test('it says when one failure would page by the ratio alone, and how many it takes here', () => {
  const found = sentencesOn(objective(0.999, 30 * dayMs), { everyMs: minuteMs, perRound: 1 });
  expect(found).toContain(
    'page at 14.4 times over 60.0 min: at one probe a minute, 5 of 60 probes must fail; by the ratio alone one failure would fire',
  );
});

test('it says when a rule can never fire: by its target, or for want of samples', () => {
  const coarse = sentencesOn(objective(0.93, 30 * dayMs), { everyMs: minuteMs, perRound: 1 });
  expect(coarse).toContain(
    'page at 14.4 times over 60.0 min: this rule can never fire, it asks for more than everything to fail',
  );
  const seldom = sentencesOn(objective(0.999, 30 * dayMs), { everyMs: hourMs, perRound: 1 });
  expect(seldom).toContain(
    'page at 14.4 times over 60.0 min: this rule can never fire at one probe every 60.0 min, 1 samples prove nothing',
  );
});

test('it says what a window cannot tell', () => {
  const found = sentencesOn(objective(0.9999, 30 * dayMs), { everyMs: 30 * minuteMs, perRound: 1 });
  expect(found).toContain('at one probe every 30.0 min, 30.0 d cannot tell 99.99 % from 99.9 %');
  expect(found).toContain(
    'at one probe every 30.0 min, 30.0 d has 1440 samples: 99.99 % takes 36887 without a failure',
  );
  const often = sentencesOn(objective(0.999, 30 * dayMs), { everyMs: minuteMs, perRound: 3 });
  expect(often.filter((sentence) => sentence.includes('cannot tell'))).toEqual([]);
});

test('it reckons with how long outages may last', () => {
  const found = sentencesOn({ ...objective(0.999, 30 * dayMs), burstMs: hourMs }, { everyMs: minuteMs, perRound: 1 });
  expect(found.join('\n')).toContain('43200 samples, worth 720 as outages may last');
});

test('it says when a short window is empty, and when there is no time for burn rates', () => {
  const found = sentencesOn(objective(0.999, 30 * dayMs), { everyMs: 10 * minuteMs, perRound: 1 });
  expect(found.join('\n')).toContain('its short window of 5.0 min is mostly empty');
  const short = sentencesOn(objective(0.99, hourMs), { everyMs: 10_000, perRound: 1 });
  expect(short).toContain('60.0 min is too short for burn rates: no pair of windows fits');
});
