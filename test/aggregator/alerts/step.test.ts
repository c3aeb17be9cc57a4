import { describe, expect, test } from 'vitest';
import type { AlertRule, Alerts, Found } from '../../../aggregator/alerts/alert.ts';
import { messageOf } from '../../../aggregator/alerts/message.ts';
import { restored, stored } from '../../../aggregator/alerts/saved.ts';
import { due, maxAlerts, notOver, resolvedShownMs, step } from '../../../aggregator/alerts/step.ts';
import { factsWith } from './facts.ts';

const t0 = 1_700_000_000_000;
const one: Found = { labels: { vantage: 'eu' }, summary: 'It is gone.', description: 'for 3 s', path: '/' };
const rule = (over: Partial<AlertRule> = {}): AlertRule => ({
  name: 'BlackstartAgentGone',
  severity: 'warning',
  forMs: 0,
  keepMs: 0,
  find: () => [],
  ...over,
});

/** Looks at these moments, with what holds then. */
function looks(of: AlertRule, moments: readonly (readonly [afterMs: number, holds: boolean])[], before?: Alerts) {
  let alerts: Alerts = before ?? new Map();
  let changes = 0;
  for (const [afterMs, holds] of moments) {
    const found = holds ? [{ rule: of, found: one }] : [];
    const stepped = step(alerts, found, [of], { atMs: t0 + afterMs, graceUntilMs: t0 });
    alerts = stepped.alerts;
    if (stepped.changed) changes += 1;
  }
  return { alerts, changes, only: [...alerts.values()][0] };
}

describe('an alert', () => {
  test('fires at once where its rule does not wait, and starts when it fired', () => {
    expect(looks(rule(), [[0, true]]).only).toMatchObject({ activeAtMs: t0, firedAtMs: t0, resolvedAtMs: null });
  });
  test('is pending until its condition has held long enough, without a break', () => {
    const waiting = rule({ forMs: 10_000 });
    expect(
      looks(waiting, [
        [0, true],
        [5_000, true],
      ]).only?.firedAtMs,
    ).toBeNull();
    expect(
      looks(waiting, [
        [0, true],
        [5_000, true],
        [10_000, true],
      ]).only?.firedAtMs,
    ).toBe(t0 + 10_000);
    expect(
      looks(waiting, [
        [0, true],
        [5_000, false],
        [10_000, true],
      ]).only,
    ).toMatchObject({
      activeAtMs: t0 + 10_000,
      firedAtMs: null,
    });
  });
  test('goes on firing for a while where its rule says so, and is resolved then', () => {
    const keeping = rule({ keepMs: 10_000 });
    expect(
      looks(keeping, [
        [0, true],
        [9_000, false],
      ]).only?.resolvedAtMs,
    ).toBeNull();
    expect(
      looks(keeping, [
        [0, true],
        [9_000, false],
        [10_000, false],
      ]).only?.resolvedAtMs,
    ).toBe(t0 + 10_000);
  });
  test('that was resolved is shown for 15 minutes, and is a new one when it comes back', () => {
    expect(
      looks(rule(), [
        [0, true],
        [1_000, false],
        [1_000 + resolvedShownMs, false],
      ]).alerts.size,
    ).toBe(1);
    expect(
      looks(rule(), [
        [0, true],
        [1_000, false],
        [1_001 + resolvedShownMs, false],
      ]).alerts.size,
    ).toBe(0);
    const back = looks(rule(), [
      [0, true],
      [1_000, false],
      [2_000, true],
    ]).only;
    expect(back).toMatchObject({ firedAtMs: t0 + 2_000, resolvedAtMs: null, toldAtMs: null });
  });
  test('takes its newest words, and keeps its start', () => {
    const { alerts } = looks(rule(), [[0, true]]);
    const found = [{ rule: rule(), found: { ...one, description: 'for 9 s' } }];
    const next = step(alerts, found, [rule()], { atMs: t0 + 5_000, graceUntilMs: t0 });
    expect([...next.alerts.values()][0]).toMatchObject({ firedAtMs: t0, found: { description: 'for 9 s' } });
    expect(next.changed).toBe(false);
  });
  test('does not wait for ever when the clock was set back', () => {
    const hour = 3_600_000;
    const { only } = looks(rule({ forMs: 10_000 }), [
      [hour, true],
      [0, true],
      [10_000, true],
    ]);
    expect(only?.firedAtMs).toBe(t0 + 10_000);
  });
});

test('only what began, fired or ended is a change', () => {
  const { changes } = looks(rule({ forMs: 5_000 }), [
    ...([
      [0, true],
      [2_000, true],
      [5_000, true],
      [6_000, true],
    ] as const),
    ...([
      [7_000, false],
      [8_000, false],
    ] as const),
  ]);
  expect(changes).toBe(3);
});

test('too many at once are left out, and counted', () => {
  const many = Array.from({ length: maxAlerts + 7 }, (_, index) => ({
    rule: rule(),
    found: { ...one, labels: { vantage: `v${index}` } },
  }));
  const { alerts, leftOut } = step(new Map(), many, [rule()], { atMs: t0, graceUntilMs: t0 });
  expect([alerts.size, leftOut]).toEqual([maxAlerts, 7]);
});

describe('who is due', () => {
  const told = (alerts: Alerts, atMs: number): Alerts =>
    new Map([...alerts].map(([id, alert]) => [id, { ...alert, toldAtMs: atMs }]));
  test('what is new, then once a minute, and at once when it ended', () => {
    const { alerts } = looks(rule(), [[0, true]]);
    expect(due(alerts, t0)).toHaveLength(1);
    const after = told(alerts, t0);
    expect(due(after, t0 + 59_999)).toEqual([]);
    expect(due(after, t0 + 60_000)).toHaveLength(1);
    expect(due(looks(rule(), [[5_000, false]], after).alerts, t0 + 5_000)).toHaveLength(1);
  });
  test('nothing that is pending', () => {
    expect(due(looks(rule({ forMs: 1 }), [[0, true]]).alerts, t0)).toEqual([]);
  });
});

test('what fires and is not known to be over goes on; what is pending, resolved or over does not', () => {
  const firing = looks(rule(), [[0, true]]).alerts;
  const facts = factsWith();
  const isOver = (over: boolean) => rule({ isOver: () => over });
  expect(notOver(isOver(false), firing, facts)).toEqual([one]);
  expect(notOver(isOver(true), firing, facts)).toEqual([]);
  expect(notOver(rule(), firing, facts)).toEqual([]);
  expect(notOver({ ...isOver(false), name: 'Other' }, firing, facts)).toEqual([]);
  const pending = looks(rule({ forMs: 10_000 }), [[0, true]]).alerts;
  expect(notOver(isOver(false), pending, facts)).toEqual([]);
  const resolved = looks(rule(), [
    [0, true],
    [5_000, false],
  ]).alerts;
  expect(notOver(isOver(false), resolved, facts)).toEqual([]);
});

describe('after a restart', () => {
  const waiting = rule({ forMs: 10_000 });
  test('an alert has the start that it had, and is told at once', () => {
    const { alerts } = looks(rule(), [[0, true]]);
    const again = restored(stored(alerts), new Set([rule().name]), t0 + 90_000);
    expect(due(again, t0 + 90_000).map(([, { firedAtMs }]) => firedAtMs)).toEqual([t0]);
  });
  test('one that was pending goes on waiting', () => {
    const before = restored(stored(looks(waiting, [[0, true]]).alerts), new Set([waiting.name]), t0 + 9_000);
    expect(looks(waiting, [[10_000, true]], before).only?.firedAtMs).toBe(t0 + 10_000);
  });
  test('nothing is resolved before facts had a moment to be there again', () => {
    const before = looks(rule(), [[0, true]]).alerts;
    const look = (afterMs: number) =>
      [...step(before, [], [rule()], { atMs: t0 + afterMs, graceUntilMs: t0 + 60_000 }).alerts.values()][0];
    expect(look(59_999)?.resolvedAtMs).toBeNull();
    expect(look(60_000)?.resolvedAtMs).toBe(t0 + 60_000);
  });
  test.each(['', 'x', '{}', '[1]', '[{"rule":"BlackstartAgentGone"}]', '[{"rule":"Other","found":{"labels":{}}}]'])(
    'what cannot be read is left out: %s',
    (text) => expect(restored(text, new Set([rule().name]), t0).size).toBe(0),
  );
});

describe('what is told', () => {
  const from = { scenario: 'shop', url: 'https://blackstart.example', evaluateEveryMs: 5_000 };
  test('an alert that fires ends four minutes from now; one that ended, when it ended', () => {
    const { only } = looks(rule(), [[0, true]]);
    if (only === undefined) throw new Error('no alert');
    expect(messageOf(only, rule(), from, t0 + 60_000)).toEqual({
      labels: { alertname: 'BlackstartAgentGone', severity: 'warning', scenario: 'shop', vantage: 'eu' },
      annotations: { summary: 'It is gone.', description: 'for 3 s' },
      startsAt: new Date(t0).toISOString(),
      endsAt: new Date(t0 + 300_000).toISOString(),
      generatorURL: 'https://blackstart.example/',
    });
    const ended = { ...only, resolvedAtMs: t0 + 7_000 };
    expect(messageOf(ended, rule(), from, t0 + 60_000).endsAt).toBe(new Date(t0 + 7_000).toISOString());
  });
  test('values that an Alertmanager would refuse are mended, and empty ones left out', () => {
    const { only } = looks(rule(), [[0, true]]);
    if (only === undefined) throw new Error('no alert');
    const labels = { vantage: 'a\ud800b\u0000', region: '', check: 'x'.repeat(5_000) };
    const message = messageOf({ ...only, found: { ...one, labels } }, rule(), from, t0);
    expect(message.labels).toMatchObject({ vantage: 'a\ufffdb\ufffd', check: 'x'.repeat(1_024) });
    expect(message.labels).not.toHaveProperty('region');
  });
});
