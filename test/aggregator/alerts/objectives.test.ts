/** Alerts on objectives, from slices to what is told: when they begin, and that no reload ends them. */
import { expect, test } from 'vitest';
import type { Alerts } from '../../../aggregator/alerts/alert.ts';
import { type AlertFacts, alertFacts } from '../../../aggregator/alerts/facts.ts';
import { alertRules } from '../../../aggregator/alerts/rules.ts';
import { notOver, step } from '../../../aggregator/alerts/step.ts';
import type { Verdicts } from '../../../aggregator/slo/verdicts.ts';
import type { Objective } from '../../../contract/objective.ts';
import { httpCheck } from '../harness.ts';
import { owing, stepMs } from '../slo/owing.ts';
import { availability, bad, dayMs, good, hourMs, t0, world } from '../slo/world.ts';

const minuteMs = 60_000;

type Parts = { readonly verdicts: Verdicts; readonly fleet?: unknown; readonly agents?: ReadonlyMap<string, unknown> };

function factsOf({ verdicts, fleet, agents = new Map() }: Parts, objectives: readonly Objective[], nowMs: number) {
  const engine = {
    verdicts,
    plan: { objectives: () => objectives },
    fleet: fleet ?? { aliveVantages: () => new Set(), completeThroughMs: () => nowMs - minuteMs },
    roster: { agents },
    region: { judged: () => [] },
    leaks: { since: () => [] },
  };
  const nothing = { regions: [], states: () => [], destinations: () => [] };
  const around = { scenario: 'shop', ...nothing };
  return alertFacts(
    engine as never,
    { drills: { list: () => [] }, schedules: { verdicts: () => [] } } as never,
    around,
    nowMs,
  );
}

test('an outage pages within minutes, though another check is made once an hour', () => {
  const checks = [httpCheck('home', 'us', stepMs), httpCheck('lag', 'us', hourMs)];
  const up: Objective = { ...availability, windowMs: hourMs / 2 };
  const vantages = ['a', 'b', 'c'];
  const { until, book, nowMs, ...rest } = owing(vantages, checks, [up]);
  until(t0 + hourMs, vantages, () => good);
  const beganMs = nowMs();
  const pagedMs = (): boolean => {
    book.look(nowMs());
    return factsOf({ verdicts: book, fleet: rest.answers, agents: rest.agents }, [up], nowMs()).failing.length > 0;
  };
  expect(pagedMs()).toBe(false);
  while (!pagedMs() && nowMs() < beganMs + hourMs / 2) until(nowMs() + minuteMs, vantages, () => bad);
  expect(nowMs() - beganMs).toBeLessThanOrEqual(5 * minuteMs);
});

/** What fires after one more look. */
function looked(before: Alerts, facts: AlertFacts): Alerts {
  const found = alertRules.flatMap((rule) =>
    [...rule.find(facts), ...notOver(rule, before, facts)].map((one) => ({ rule, found: one })),
  );
  return step(before, found, alertRules, { atMs: facts.nowMs, graceUntilMs: 0 }).alerts;
}

test('a reload ends no alert of an objective that is still being read, and fires none anew', () => {
  // It goes on whenever it is looked at: a turn of reading is over at once.
  let nowMs = t0 + 2 * dayMs;
  const here = world(() => {
    nowMs += 10;
    return nowMs;
  });
  for (let atMs = t0; atMs < t0 + 2 * dayMs; atMs += minuteMs) here.add(atMs, atMs < t0 + dayMs * 1.9 ? good : bad);
  const objectives = ['one', 'two', 'three', 'four'].map(
    (id): Objective => ({
      ...availability,
      id,
      windowMs: 30 * dayMs,
      indicator: { kind: 'availability', target: 0.999 },
    }),
  );
  const verdicts = here.verdicts(objectives);
  while (verdicts.readOn());
  verdicts.look(nowMs);
  const before = looked(new Map(), factsOf({ verdicts }, objectives, nowMs));
  const names = new Set([...before.values()].map(({ rule }) => rule));
  expect(names).toEqual(
    new Set(['BlackstartObjectiveFailed', 'BlackstartBudgetBurnsFast', 'BlackstartBudgetBurnsSlowly']),
  );
  const changed = objectives.map((objective): Objective => ({ ...objective, burstMs: 300_000 }));
  verdicts.replace(changed);
  // However long it takes: no turn of reading goes on meanwhile but those of looking itself.
  verdicts.look(nowMs);
  let alerts = before;
  const unread = factsOf({ verdicts }, changed, nowMs);
  expect(unread.unread.length).toBeGreaterThan(1);
  for (const laterMs of [0, 2 * minuteMs]) {
    alerts = looked(alerts, { ...unread, nowMs: nowMs + laterMs });
    for (const { found, resolvedAtMs } of alerts.values()) {
      if (unread.unread.includes(found.labels['objective'] ?? '')) expect(resolvedAtMs).toBeNull();
    }
  }
  while (verdicts.readOn());
  nowMs += 2 * minuteMs;
  verdicts.look(nowMs);
  const after = factsOf({ verdicts }, changed, nowMs);
  expect(after.unread).toEqual([]);
  alerts = looked(alerts, after);
  for (const id of unread.unread) {
    const told = (all: Alerts) =>
      [...all.values()]
        .filter(({ found, rule }) => found.labels['objective'] === id && rule === 'BlackstartBudgetBurnsFast')
        .map(({ firedAtMs, resolvedAtMs }) => ({ firedAtMs, resolvedAtMs }));
    expect(told(before)).toHaveLength(1);
    expect(told(alerts)).toEqual(told(before));
  }
});
