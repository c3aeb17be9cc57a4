import { describe, expect, test } from 'vitest';
import type { Alerts, Found } from '../../../aggregator/alerts/alert.ts';
import { byDrill } from '../../../aggregator/alerts/by-drill.ts';
import { messageOf } from '../../../aggregator/alerts/message.ts';
import { alertRules } from '../../../aggregator/alerts/rules.ts';
import { step } from '../../../aggregator/alerts/step.ts';
import { postOf } from '../../../chaos/notify/formats.ts';
import type { Notice } from '../../../chaos/notify/notice.ts';
import type { DrillReport } from '../../../contract/drill.ts';
import { noticeKinds } from '../../../scenarios/notify.ts';
import { generatedInhibitions, proposedInhibitions } from '../../artefacts/inhibitions.ts';
import { drillReport } from '../../fakes/drill-report.ts';
import { notInhibited } from '../../fakes/inhibition.ts';
import { factsWith, nowMs } from './facts.ts';

const from = { scenario: 'shop', url: 'https://blackstart.example', evaluateEveryMs: 5_000 };
const running: DrillReport = { ...drillReport('lose-eu-west-1', nowMs, []), status: 'running', phase: 'holding' };

/** What Alertmanagers are told, look by look, while regions are dark. */
function told(looks: readonly { readonly dark: readonly string[]; readonly drills: readonly DrillReport[] }[]) {
  let alerts: Alerts = new Map();
  const rules = alertRules.filter(({ name }) => name === 'BlackstartRegionDown' || name === 'BlackstartDrillRunning');
  return looks.map((facts, index) => {
    const atMs = nowMs + index * 60_000;
    const found = rules.flatMap((rule) =>
      rule.find(factsWith(facts)).map((one: Found) => ({ rule, found: byDrill(rule.name, one, alerts, facts.drills) })),
    );
    alerts = step(alerts, found, rules, { atMs, graceUntilMs: 0 }).alerts;
    return [...alerts.values()]
      .filter(({ firedAtMs, resolvedAtMs }) => firedAtMs !== null && resolvedAtMs === null)
      .flatMap((alert) =>
        rules.filter(({ name }) => name === alert.rule).map((rule) => messageOf(alert, rule, from, atMs)),
      );
  });
}

describe('an alert that a drill has raised', () => {
  test('carries its id, and keeps it after the drill is over', () => {
    const over: DrillReport = { ...running, status: 'over', phase: 'over' };
    const [, during, after] = told([
      { dark: ['eu-west-1'], drills: [running] },
      { dark: ['eu-west-1'], drills: [running] },
      { dark: ['eu-west-1'], drills: [over] },
    ]);
    const down = (messages: typeof during) =>
      messages?.find(({ labels }) => labels['alertname'] === 'BlackstartRegionDown');
    expect(down(during)?.annotations['drill']).toBe(running.id);
    expect(down(after)?.annotations['drill']).toBe(running.id);
    expect(down(after)?.labels).toEqual(down(during)?.labels);
  });

  test('is not one of another region, nor one that was there before, nor one during an observation', () => {
    const observed: DrillReport = { ...running, fault: 'observed' };
    for (const looks of [
      [{ dark: ['us-east-1'], drills: [running] }],
      [
        { dark: ['eu-west-1'], drills: [] },
        { dark: ['eu-west-1'], drills: [{ ...running, t0: null }] },
      ],
      [{ dark: ['eu-west-1'], drills: [observed] }],
    ]) {
      const last = looks.at(-1);
      const all = told([...looks, ...(last === undefined ? [] : [{ ...last, drills: [running] }])]).at(-1) ?? [];
      const down = all.find(({ labels }) => labels['alertname'] === 'BlackstartRegionDown');
      expect(down?.annotations).toBeDefined();
      expect(down?.annotations['drill']).toBeUndefined();
    }
  });
});

describe.each([
  ['generated', generatedInhibitions()],
  ['proposed', proposedInhibitions()],
])('with inhibitions as they are %s, while a drill runs and is told of', (_, inhibitions) => {
  type Labels = Readonly<Record<string, string>>;
  const down = { alertname: 'BlackstartRegionDown', severity: 'critical', scenario: 'shop' };
  const page = { alertname: 'BlackstartBudgetBurnsFast', severity: 'critical', scenario: 'shop' };
  const notice: Notice = {
    ...{ drill: 'd-1', name: 'lose-eu', scenario: 'shop', region: 'eu-west-1', fault: 'scale-to-zero' },
    ...{ kind: 'injecting', atMs: nowMs, by: 'runner', text: '' },
  };
  const target = { kind: 'alertmanager', url: 'http://127.0.0.1:1', routingKey: null, on: noticeKinds } as const;
  const alertsOf = (kind: Notice['kind']): readonly Labels[] =>
    (postOf({ ...notice, kind }, target).body as { readonly labels: Labels; readonly endsAt: string }[])
      .filter(({ endsAt }) => Date.parse(endsAt) > nowMs)
      .map(({ labels }) => labels);
  const drill = {
    alertname: 'BlackstartDrillRunning',
    severity: 'info',
    scenario: 'shop',
    region: 'eu-west-1',
    drill: 'd-1',
  };
  const paged = (...alerts: readonly Labels[]) =>
    notInhibited([drill, ...alertsOf('injecting'), ...alerts], inhibitions).filter(
      ({ severity }) => severity === 'critical',
    );

  test('nobody is paged for the region that it has taken away', () => {
    expect(paged({ ...down, region: 'eu-west-1' }, { ...page, objective: 'up.eu', region: 'eu-west-1' })).toEqual([]);
  });

  test('a second failure, of another region, of the entry name or of another scenario, still pages', () => {
    const others = [
      { ...down, region: 'us-east-1' },
      { ...page, objective: 'up' },
      { ...down, region: 'eu-west-1', scenario: 'bank' },
      { alertname: 'BlackstartResidencyViolation', severity: 'critical', scenario: 'shop', region: 'eu-west-1' },
    ];
    for (const other of others) expect(paged(other)).toEqual([other]);
  });

  test('that a region is not restored pages, whatever else is inhibited', () => {
    const [dark] = alertsOf('not-restored');
    expect(dark).toMatchObject({ alertname: 'BlackstartDrillNotRestored', blackstart_drill: 'd-1' });
    expect(paged(dark ?? {})).toEqual([dark]);
  });
});
