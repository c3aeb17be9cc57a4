import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AlertFacts } from '../../../aggregator/alerts/facts.ts';
import { alertRules } from '../../../aggregator/alerts/rules.ts';
import { formatMs } from '../../../contract/units.ts';
import { root } from '../../fakes/program.ts';
import { drillWith, factsWith, nowMs, objective, verdict } from './facts.ts';

function found(facts: Partial<AlertFacts>) {
  const whole = factsWith(facts);
  return alertRules.flatMap((rule) => rule.find(whole).map((one) => ({ rule: rule.name, ...one })));
}
const named = (facts: Partial<AlertFacts>) => found(facts).map(({ rule, labels }) => [rule, labels]);

const over = { status: 'over', phase: 'over', endedMs: nowMs } as const;
const ofDrill = { drill: 'd-1', name: 'lose-us-east-1', region: 'us-east-1' };

describe('nothing is alerted', () => {
  test('when nothing is wrong', () => expect(found({})).toEqual([]));
  test('of a drill that put everything back', () => {
    expect(found({ drills: [drillWith({ ...over, restored: true })] })).toEqual([]);
  });
  test('of a source before it was read, and of one that can be read', () => {
    const sources = [null, true].map((up) => ({ source: `s-${up}`, region: null, up }));
    expect(found({ sources })).toEqual([]);
  });
  test('of a destination that takes what it is sent', () => {
    const destinations = [
      { destination: 'busy', pendingSamples: 900, highestMs: nowMs - 15_000 },
      { destination: 'idle', pendingSamples: 0, highestMs: 0 },
    ];
    expect(found({ destinations })).toEqual([]);
  });
});

describe('what is alerted', () => {
  test('an objective that fails, with its check and region, and its numbers apart from its labels', () => {
    const [one] = found({ failing: [{ objective, verdict }] });
    expect(one).toMatchObject({
      rule: 'BlackstartObjectiveFailed',
      labels: { objective: 'latency.eu', check: 'home', region: 'eu-west-1' },
      description: verdict.because,
    });
    expect(one?.summary).not.toMatch(/\d/);
  });
  test('a vantage without an agent', () => {
    const gone = [{ vantage: 'eu-1', region: 'eu-west-1', agent: 'eu-1', lastSeenMs: nowMs - 300_000 }];
    expect(named({ gone })).toEqual([['BlackstartAgentGone', { vantage: 'eu-1', region: 'eu-west-1' }]]);
    expect(found({ gone })[0]?.description).toContain('5.0 min ago');
  });
  test('a source that cannot be read', () => {
    const sources = [{ source: 'eu', region: 'eu-west-1', up: false }];
    expect(named({ sources })).toEqual([['BlackstartSourceDown', { source: 'eu', region: 'eu-west-1' }]]);
  });
  test('a destination that took nothing for a minute, though something waits', () => {
    const destinations = [{ destination: 'victoria', pendingSamples: 12_000, highestMs: nowMs - 61_000 }];
    expect(named({ destinations })).toEqual([['BlackstartRemoteWriteStalled', { destination: 'victoria' }]]);
  });
  test('a drill that runs, and one whose runner fell silent', () => {
    expect(named({ drills: [drillWith({})] })).toEqual([['BlackstartDrillRunning', ofDrill]]);
    expect(found({ drills: [drillWith({ name: 'observe', region: '' })] })[0]?.summary).toBe(
      'Drill observe runs: no region has gone dark so far.',
    );
    expect(named({ drills: [drillWith({ aliveAtMs: nowMs - 121_000 })] })).toEqual([
      ['BlackstartDrillSilent', ofDrill],
      ['BlackstartDrillRunning', ofDrill],
    ]);
  });
  test.each([
    ['could not restore', { restored: false, left: [] }],
    ['left something behind', { restored: true, left: ['deployment/agent-api has 3 of 10 replicas'] }],
  ])('a drill that is over and %s', (_what, how) => {
    const all = found({ drills: [drillWith({ ...over, ...how })] });
    expect(all).toMatchObject([{ rule: 'BlackstartDrillNotRestored', labels: ofDrill }]);
    expect(all[0]?.path).toBe('/api/v1/drills/d-1/report.html');
    if (how.left.length > 0) expect(all[0]?.description).toContain('3 of 10 replicas');
  });
  test('users who are served where a rule forbids it', () => {
    const because = 'residency: served by us-east-1, want one of eu-west-1';
    const leaks = [{ check: 'residency', vantage: 'eu-1', country: 'DE', servedBy: 'us-east-1', because, atMs: nowMs }];
    expect(named({ leaks })).toEqual([
      ['BlackstartResidencyViolation', { check: 'residency', vantage: 'eu-1', country: 'DE', region: 'us-east-1' }],
    ]);
  });
});

describe('silence is no all-clear', () => {
  const isOver = (name: string, facts: Partial<AlertFacts>, labels: Record<string, string>) =>
    alertRules.find((rule) => rule.name === name)?.isOver?.(factsWith(facts), labels);

  test('of a region that was down as long as nobody knows how it is', () => {
    const region = { region: 'eu-west-1' };
    expect(isOver('BlackstartRegionDown', { unseen: ['eu-west-1'] }, region)).toBe(false);
    expect(isOver('BlackstartRegionDown', { unseen: ['us-east-1'] }, region)).toBe(true);
  });
  test('of an objective that failed as long as too few vantages say how it is', () => {
    const labels = { objective: objective.id, check: 'home', region: 'eu-west-1' };
    expect(isOver('BlackstartObjectiveFailed', { unvouched: [objective.id] }, labels)).toBe(false);
    expect(isOver('BlackstartObjectiveFailed', {}, labels)).toBe(true);
  });
  test.each(['BlackstartObjectiveFailed', 'BlackstartBudgetBurnsFast', 'BlackstartBudgetBurnsSlowly'])(
    'of %s as long as the objective is still being read',
    (name) => {
      const labels = { objective: objective.id, check: 'home', region: '' };
      expect(isOver(name, { unread: [objective.id] }, labels)).toBe(false);
      expect(isOver(name, { unread: ['another'] }, labels)).toBe(true);
    },
  );
});

describe('the table of rules', () => {
  test('names are in CamelCase, and no two are alike', () => {
    for (const { name } of alertRules) expect(name).toMatch(/^Blackstart([A-Z][a-z]+)+$/);
    expect(new Set(alertRules.map(({ name }) => name)).size).toBe(alertRules.length);
  });
  test('stands in docs/alerts.md, with its severities and times', () => {
    const page = readFileSync(join(root, 'docs/alerts.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `(Blackstart\w+)` \| (\w+) \| ([^|]+) \| ([^|]+) \|/gm)];
    const said = rows.map(([, name, severity, holds, keeps]) => [name, severity, holds?.trim(), keeps?.trim()]);
    const time = (ms: number): string => (ms === 0 ? 'at once' : formatMs(ms).replace('.00', ''));
    expect(said).toEqual(alertRules.map((rule) => [rule.name, rule.severity, time(rule.forMs), time(rule.keepMs)]));
  });
});
