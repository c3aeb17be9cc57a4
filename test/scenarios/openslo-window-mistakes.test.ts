import { expect, test } from 'vitest';
import { mistakesOf, openSlo } from './imported.ts';

/** As in openslo-mistakes.test.ts: of windows, budgets, objectives and alerts. */
const rows: readonly (readonly [string, string, string, string])[] = [
  [
    'a window in words',
    'duration: 30d',
    'duration: 30days',
    '24:7 spec.timeWindow[0].duration: got "30days", want a whole number and a unit of m, h, d, w, M, Q, Y, such as 30m, 4w or 1M (m: minutes, M: months)',
  ],
  [
    'a window in capitals',
    'duration: 30d',
    'duration: 30D',
    '24:7 spec.timeWindow[0].duration: got "30D", want a whole number and a unit of m, h, d, w, M, Q, Y, such as 30m, 4w or 1M (m: minutes, M: months)',
  ],
  [
    'a window of nothing',
    'duration: 30d',
    'duration: 0d',
    '24:7 spec.timeWindow[0].duration: got "0d", want a whole number and a unit of m, h, d, w, M, Q, Y, such as 30m, 4w or 1M (m: minutes, M: months)',
  ],
  [
    'no window',
    '  timeWindow:\n    - duration: 30d\n      isRolling: true\n',
    '',
    '5:1 spec.timeWindow: got no window, want one here, or window where it is imported',
  ],
  [
    'two windows',
    '      isRolling: true',
    '      isRolling: true\n    - duration: 1d\n      isRolling: true',
    '26:7 spec.timeWindow[1]: got 2 of them, want one window: OpenSLO allows no more',
  ],
  [
    'a window that neither rolls nor has a calendar',
    'isRolling: true',
    'isRolling: false',
    '25:7 spec.timeWindow[0].isRolling: got false, want true, or a calendar with startTime and timeZone',
  ],
  [
    'a calendar that rolls',
    'isRolling: true',
    'isRolling: true\n      calendar: { startTime: "2026-01-01 00:00:00", timeZone: UTC }',
    '26:7 spec.timeWindow[0].calendar: got a calendar of a rolling window, want one of the two',
  ],
  [
    'a calendar that begins at noon',
    'duration: 30d\n      isRolling: true',
    'duration: 1M\n      calendar: { startTime: 2026-01-01 12:00:00, timeZone: UTC }',
    '25:19 spec.timeWindow[0].calendar.startTime: got "2026-01-01 12:00:00", want midnight of the first of a month: a month of ours begins then',
  ],
  [
    'a week that begins on a Sunday',
    'duration: 30d\n      isRolling: true',
    'duration: 1w\n      calendar: { startTime: 2026-01-04 00:00:00, timeZone: UTC }',
    '25:19 spec.timeWindow[0].calendar.startTime: got "2026-01-04 00:00:00", want midnight of a Monday: a week of ours begins then',
  ],
  [
    'a calendar of thirty days',
    'duration: 30d\n      isRolling: true',
    'duration: 30d\n      calendar: { startTime: 2026-01-01 00:00:00, timeZone: UTC }',
    '24:7 spec.timeWindow[0].duration: got "30d", want a calendar of 1d, 1w, 1M, 1Q or 1Y, or isRolling: true',
  ],
  [
    'a date that is none',
    'duration: 30d\n      isRolling: true',
    'duration: 1M\n      calendar: { startTime: 2026-02-30 00:00:00, timeZone: UTC }',
    '25:19 spec.timeWindow[0].calendar.startTime: got "2026-02-30 00:00:00", want a date and a time without zone, such as 2026-01-01 00:00:00',
  ],
  [
    'a time zone that is none',
    'duration: 30d\n      isRolling: true',
    'duration: 1M\n      calendar: { startTime: 2026-02-01 00:00:00, timeZone: Mars/Olympus }',
    '25:51 spec.timeWindow[0].calendar.timeZone: got "Mars/Olympus", want a time zone, such as UTC or Europe/Berlin',
  ],
  [
    'a budgeting method that is none',
    'Occurrences',
    'Occurences',
    '26:3 spec.budgetingMethod: got "Occurences", want one of Occurrences, Timeslices, RatioTimeslices (nearest: Occurrences)',
  ],
  [
    'a mean of shares',
    'Occurrences',
    'RatioTimeslices',
    '26:3 spec.budgetingMethod: got "RatioTimeslices", want Occurrences or Timeslices: a mean of shares counts a slice of one sample as one of a thousand',
  ],
  [
    'time slices without their size',
    'Occurrences\n  objectives:\n    - target: 0.999',
    'Timeslices\n  objectives:\n    - target: 0.999\n      timeSliceTarget: 0.9',
    '28:7 spec.objectives[0].timeSliceWindow: got nothing, want a value, with budgetingMethod: Timeslices',
  ],
  [
    'time slices that an hour is not divided into',
    'Occurrences\n  objectives:\n    - target: 0.999',
    'Timeslices\n  objectives:\n    - target: 0.999\n      timeSliceTarget: 0.9\n      timeSliceWindow: 7m',
    '30:7 spec.objectives[0].timeSliceWindow: got "7m", want whole minutes that an hour can be divided into, such as 1m, 5m or 1h',
  ],
  [
    'a share of slices over one',
    'Occurrences\n  objectives:\n    - target: 0.999',
    'Timeslices\n  objectives:\n    - target: 0.999\n      timeSliceTarget: 95\n      timeSliceWindow: 5m',
    '29:7 spec.objectives[0].timeSliceTarget: got 95, want a share over 0 and up to 1, such as 0.95',
  ],
  [
    'a target of one',
    'target: 0.999',
    'target: 1',
    '28:7 spec.objectives[0].target: got 1, want a share from 0 to under 1, such as 0.999; percent are targetPercent',
  ],
  [
    'a target of nothing',
    'target: 0.999',
    'target: 0',
    '28:7 spec.objectives[0].target: got "0%", want a share over 0% and under 100%, such as 99.9%: that would always hold',
  ],
  [
    'a percentage as a target',
    'target: 0.999',
    'target: 99.9',
    '28:7 spec.objectives[0].target: got 99.9, want a share from 0 to under 1, such as 0.999; percent are targetPercent',
  ],
  [
    'a target twice',
    'target: 0.999',
    'target: 0.999\n      targetPercent: 99.9',
    '29:7 spec.objectives[0].targetPercent: got target and targetPercent, want one of the two',
  ],
  [
    'no target',
    'target: 0.999',
    'displayName: x',
    '28:7 spec.objectives[0].target: got nothing, want target or targetPercent',
  ],
  [
    'a hundred percent',
    'target: 0.999',
    'targetPercent: 100',
    '28:7 spec.objectives[0].targetPercent: got 100, want percent from 0 to under 100, such as 99.9',
  ],
  [
    'no objective',
    '  objectives:\n    - target: 0.999\n',
    '  objectives: []\n',
    '27:3 spec.objectives: got an empty list, want a list of at least 1',
  ],
  [
    'an operator that is none',
    'target: 0.999',
    'target: 0.999\n      op: "<"',
    '29:7 spec.objectives[0].op: got "<", want one of lte, gte, lt, gt',
  ],
  [
    'a composite',
    'target: 0.999',
    'target: 0.999\n      compositeWeight: 2',
    '29:7 spec.objectives[0].compositeWeight: got a part of a composite, want one SLO for each indicator: parts are not weighed against each other',
  ],
  [
    'an alert policy that is neither named nor there',
    '  objectives:',
    '  alertPolicies: [{ name: x }]\n  objectives:',
    '27:19 spec.alertPolicies[0]: got {"name":"x"}, want alertPolicyRef, or kind, metadata and spec',
  ],
  [
    'an alert policy with two conditions',
    '  objectives:',
    '  alertPolicies: [{ kind: AlertPolicy, metadata: { name: x }, spec: { conditions: [{ conditionRef: a }, { conditionRef: b }], notificationTargets: [{ targetRef: c }] } }]\n  objectives:',
    '27:105 spec.alertPolicies[0].spec.conditions[1]: got 2 of them, want one condition: OpenSLO allows no more',
  ],
  [
    'an alert condition without a threshold',
    '  objectives:',
    '  alertPolicies: [{ kind: AlertPolicy, metadata: { name: x }, spec: { conditions: [{ kind: AlertCondition, metadata: { name: y }, spec: { severity: page, condition: { kind: burnrate, lookbackWindow: 1h } } }], notificationTargets: [{ targetRef: c }] } }]\n  objectives:',
    '27:155 spec.alertPolicies[0].spec.conditions[0].spec.condition.threshold: got nothing, want a number, such as 14.4',
  ],
  [
    'YAML that is none',
    '  service: shop',
    '  service: [shop',
    '7:3: got "indicator:", want valid YAML (Flow sequence in block collection must be sufficiently indented and end with a ])',
  ],
];

test.each(rows)('%s', (_, from, to, said) => {
  const text = openSlo.replace(from, to);
  expect(text).not.toBe(openSlo);
  expect(mistakesOf({ 'slo.yaml': text })).toEqual(said.split('\n').map((line) => `slo.yaml:${line}`));
});

test('a description that is too long', () => {
  const text = openSlo.replace('  service: shop', `  service: shop\n  description: ${'x'.repeat(1_051)}`);
  const said = 'slo.yaml:7:3 spec.description: got 1051 characters, want a text of at most 1050 characters';
  expect(mistakesOf({ 'slo.yaml': text })).toEqual([said]);
});
