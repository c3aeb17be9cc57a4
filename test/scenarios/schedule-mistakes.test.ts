import { describe, expect, test } from 'vitest';
import { broken, mistakesOf } from './sound.ts';

const cron = 'a schedule of five fields (minute hour day month weekday), such as "0 10 1 * *"';

const single: readonly (readonly [string, readonly (string | number)[], unknown, string])[] = [
  [
    'a schedule in a time zone that nobody has',
    ['drills', 0, 'schedule'],
    { cron: '0 10 1 * *', timeZone: 'Europe/Atlantis' },
    'drills[0].schedule.timeZone: got "Europe/Atlantis", want a time zone, such as UTC or Europe/Berlin',
  ],
  [
    'a schedule on days of the month and weekdays',
    ['drills', 0, 'schedule'],
    '0 10 1-7 * 1',
    'drills[0].schedule: got "0 10 1-7 * 1", want a day of the month or a weekday, not both (1#1 is the first Monday of the month)',
  ],
  [
    'a schedule on 31 February',
    ['drills', 0, 'schedule'],
    '0 10 31 2 *',
    'drills[0].schedule: got "0 10 31 2 *", want a schedule that some day is due',
  ],
  [
    'a schedule with a step of 0',
    ['drills', 0, 'schedule'],
    '*/0 10 1 * *',
    `drills[0].schedule: got "*/0 10 1 * *", want ${cron}`,
  ],
  [
    'a schedule with a grace of a second',
    ['drills', 0, 'schedule'],
    { cron: '0 10 1 * *', grace: '1s' },
    'drills[0].schedule.grace: got "1s", want a duration of at least 60000ms',
  ],
  [
    'a receiver that is two',
    ['notify'],
    [{ webhook: 'https://hooks.example/', slack: 'https://hooks.example/' }],
    'notify[0]: got webhook and slack, want one of webhook, slack, alertmanager and pagerduty',
  ],
  [
    'a routing key in plain text',
    ['notify'],
    [{ pagerduty: { routingKey: 'R0' } }],
    'notify[0].pagerduty.routingKey: got a secret in the scenario, or nothing that says where it is, want { file: PATH } or { env: NAME }',
  ],
];

describe('a scenario', () => {
  for (const [claim, path, value, mistake] of single) {
    test(`with ${claim} says so, and nothing else`, () => {
      expect(mistakesOf(broken(path, value))).toEqual([mistake]);
    });
  }
});
