import { describe, expect, test } from 'vitest';
import { parseScenario } from '../../scenarios/define.ts';
import { broken, mistakesOf, sound } from './sound.ts';

const hours = { days: ['mon', 'fri'], from: '09:00', to: '16:30', timeZone: 'Europe/Berlin' };

describe('when drills may begin', () => {
  test('is at any time unless the scenario says so', () => {
    expect(parseScenario(broken(['allow'], undefined)).allow).toEqual({
      contexts: [],
      workloads: [],
      hours: null,
      freezes: [],
    });
  });

  test('is told in minutes of the day, and freezes are of the same time zone', () => {
    const { allow } = parseScenario(
      broken(['allow'], { hours, freezes: [{ from: '2026-12-20', to: '2027-01-02', because: 'holidays' }] }),
    );
    expect(allow.hours).toEqual({
      days: ['mon', 'fri'],
      fromMinute: 540,
      toMinute: 990,
      timeZone: 'Europe/Berlin',
    });
    expect(allow.freezes).toEqual([
      { from: '2026-12-20', to: '2027-01-02', because: 'holidays', timeZone: 'Europe/Berlin' },
    ]);
  });

  const freeze = { from: '2026-12-20', to: '2027-01-02', because: 'holidays' };
  for (const [claim, allow, mistake] of [
    [
      'a day that is none',
      { hours: { ...hours, days: ['someday'] } },
      'allow.hours.days[0]: got "someday", want one of mon, tue, wed, thu, fri, sat, sun',
    ],
    [
      'a time that no day has',
      { hours: { ...hours, to: '25:00' } },
      'allow.hours.to: got "25:00", want a time of day from 00:00 to 24:00, in quotes, such as "09:00"',
    ],
    [
      'a time zone that nobody knows',
      { hours: { ...hours, timeZone: 'Europe/Atlantis' } },
      'allow.hours.timeZone: got "Europe/Atlantis", want a time zone of the IANA database, such as Europe/Berlin or UTC',
    ],
    [
      'a freeze on a day that no year has',
      { freezes: [{ ...freeze, from: '2026-02-30' }] },
      'allow.freezes[0].from: got "2026-02-30", want a day, such as 2026-12-20',
    ],
    [
      'a freeze that ends before it begins',
      { freezes: [{ ...freeze, to: '2026-12-19' }] },
      'allow.freezes[0].to: got 2026-12-19, want a day that is not before 2026-12-20',
    ],
  ] as const) {
    test(`with ${claim} says so, and nothing else`, () => {
      expect(mistakesOf(broken(['allow'], allow))).toEqual([mistake]);
    });
  }
});

describe('an override', () => {
  test('of a rule that the guard does not have is a mistake', () => {
    expect(mistakesOf(broken(['overrides'], { 'guard.headrom': 'known' }))[0]).toMatch(
      /^overrides\["guard\.headrom"\]: got "guard\.headrom", want one of .*\(nearest: guard\.headroom\)$/,
    );
  });
  for (const rule of ['guard.allowed', 'guard.restore-right', 'guard.credentials']) {
    test(`of ${rule} is a mistake, whatever the reason`, () => {
      expect(mistakesOf(broken(['overrides'], { [rule]: 'please' }))).toEqual([
        `overrides["${rule}"]: got "${rule}", want a rule that may be overridden: no reason overrides this one`,
      ]);
    });
  }
});

describe('when a drill stops', () => {
  const drillWith = (more: object) => broken(['drills', 0, 'stop'], more);
  test('is by the objectives of other regions at a burn of 14.4 over a minute, unless it says so', () => {
    const [drill] = parseScenario(sound()).drills;
    expect(drill).toMatchObject({ deadlineMs: null, stop: { burn: 14.4, overMs: 60_000, objectives: null } });
  });
  test('is as it says', () => {
    const [drill] = parseScenario(drillWith({ burn: 6, over: '5m', objectives: ['up'] })).drills;
    expect(drill?.stop).toEqual({ burn: 6, overMs: 300_000, objectives: ['up'] });
  });
  test('cannot be by an objective that there is not', () => {
    expect(mistakesOf(drillWith({ objectives: ['down'] }))).toEqual([
      'drills[0].stop.objectives[0]: got "down", want up',
    ]);
  });
});
