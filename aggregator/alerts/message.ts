/** What an Alertmanager is told of an alert: `POST /api/v2/alerts`. Pure. */
import { cleanValue } from '../metrics/limits.ts';
import type { Alert, AlertLabels, AlertRule, Severity } from './alert.ts';
import { tellEveryMs } from './step.ts';

export type Message = {
  readonly labels: AlertLabels;
  readonly annotations: AlertLabels;
  /** RFC 3339. */
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
};

export type MessageFrom = {
  readonly scenario: string;
  /** What people reach us by, without a slash at its end. */
  readonly url: string;
  readonly evaluateEveryMs: number;
};

const maxValueLength = 1_024;
/** As Prometheus does: an alert that is told no more ends by itself after four times the longest silence. */
const silences = 4;

/** Labels of the alert's own never change while it fires; numbers are in the annotations. */
export function messageOf(alert: Alert, rule: AlertRule, from: MessageFrom, atMs: number): Message {
  const { found, firedAtMs, resolvedAtMs } = alert;
  const own = { alertname: rule.name, severity: rule.severity satisfies Severity, scenario: from.scenario };
  const endsAtMs = resolvedAtMs ?? atMs + silences * Math.max(from.evaluateEveryMs, tellEveryMs);
  return {
    labels: clean({ ...found.labels, ...own }),
    annotations: clean({
      summary: found.summary,
      description: found.description,
      drill: found.drill ?? found.labels['drill'] ?? '',
    }),
    startsAt: new Date(firedAtMs ?? atMs).toISOString(),
    endsAt: new Date(endsAtMs).toISOString(),
    generatorURL: from.url + found.path,
  };
}

/** With the labels that are given to everything for one Alertmanager; the alert's own win. */
export function withLabels(message: Message, labels: AlertLabels): Message {
  return { ...message, labels: { ...labels, ...message.labels } };
}

/** Values that every Alertmanager takes: none is empty, none endless, all of them Unicode. */
function clean(values: AlertLabels): AlertLabels {
  return Object.fromEntries(
    Object.entries(values)
      .map(([name, value]) => [name, cleanValue(value.slice(0, maxValueLength))] as const)
      .filter(([, value]) => value !== ''),
  );
}
