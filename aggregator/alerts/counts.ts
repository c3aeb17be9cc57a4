import { alertMetrics } from '../../contract/alert-metrics.ts';
import type { Family, Sample } from '../metrics/exposition.ts';
import { family } from '../metrics/gauges.ts';
import type { AlertRule, Alerts } from './alert.ts';

/** What is counted of one Alertmanager. */
export type SenderCounts = {
  sent: number;
  pending: number;
  readonly errors: Map<string, number>;
  readonly dropped: Map<string, number>;
  requests: number;
  seconds: number;
  fail(reason: string): void;
  drop(reason: string, alerts: number): void;
  took(tookMs: number): void;
};

export function senderCounts(): SenderCounts {
  const errors = new Map<string, number>();
  const dropped = new Map<string, number>();
  return {
    sent: 0,
    pending: 0,
    errors,
    dropped,
    requests: 0,
    seconds: 0,
    fail: (reason) => void errors.set(reason, (errors.get(reason) ?? 0) + 1),
    drop(reason, alerts) {
      if (alerts > 0) dropped.set(reason, (dropped.get(reason) ?? 0) + alerts);
    },
    took(tookMs) {
      this.requests += 1;
      this.seconds += tookMs / 1_000;
    },
  };
}

export function alertFamilies(
  rules: readonly AlertRule[],
  alerts: Alerts,
  leftOut: number,
  senders: ReadonlyMap<string, SenderCounts>,
): readonly Family[] {
  const each = [...senders];
  const one = (of: (counts: SenderCounts) => number) => each.map(([name, counts]) => [[name], of(counts)] as const);
  const byReason = (of: (counts: SenderCounts) => ReadonlyMap<string, number>) =>
    each.flatMap(([name, counts]) => [...of(counts)].map(([reason, many]) => [[name, reason], many] as const));
  return [
    family(alertMetrics.alerts, states(rules, alerts)),
    family(alertMetrics.alertsLeftOut, [[[], leftOut]]),
    family(
      alertMetrics.alertmanagerSent,
      one(({ sent }) => sent),
    ),
    family(
      alertMetrics.alertmanagerErrors,
      byReason(({ errors }) => errors),
    ),
    family(
      alertMetrics.alertmanagerDropped,
      byReason(({ dropped }) => dropped),
    ),
    family(
      alertMetrics.alertmanagerPending,
      one(({ pending }) => pending),
    ),
    summary(each),
  ];
}

function states(rules: readonly AlertRule[], alerts: Alerts) {
  const open = [...alerts.values()].filter(({ resolvedAtMs }) => resolvedAtMs === null);
  return rules.flatMap(({ name }) => {
    const own = open.filter(({ rule }) => rule === name);
    const firing = own.filter(({ firedAtMs }) => firedAtMs !== null).length;
    return [[[name, 'pending'], own.length - firing] as const, [[name, 'firing'], firing] as const];
  });
}

function summary(each: readonly (readonly [string, SenderCounts])[]): Family {
  const { name, help, type } = alertMetrics.alertmanagerSeconds;
  const samples = each.flatMap(([alertmanager, { seconds, requests }]): Sample[] => {
    const labels = [['alertmanager', alertmanager]] as const;
    return [
      { name: `${name}_sum`, labels, value: seconds },
      { name: `${name}_count`, labels, value: requests },
    ];
  });
  return { name, help, type, samples };
}
