/** Metrics of alerts and of who is told of them: a part of the catalogue. */

export const alertMetrics = {
  alerts: {
    name: 'blackstart_alerts',
    type: 'gauge',
    unit: null,
    labels: ['alertname', 'state'],
    help: 'Alerts by rule, pending or firing. Absent where no Alertmanager is told.',
  },
  alertsLeftOut: {
    name: 'blackstart_alerts_left_out',
    type: 'gauge',
    unit: null,
    labels: [],
    help: 'Conditions that hold and are no alert because there are too many.',
  },
  alertmanagerSent: told(
    'sent_alerts_total',
    'counter',
    [],
    'Alerts that the Alertmanager took, each time it was told.',
  ),
  alertmanagerErrors: told(
    'errors_total',
    'counter',
    ['reason'],
    'Requests that it did not answer, or answered with anything but 2xx, by reason.',
  ),
  alertmanagerDropped: told(
    'dropped_alerts_total',
    'counter',
    ['reason'],
    'Alerts that it will not be told: it refused them for good, or too many waited.',
  ),
  alertmanagerPending: told('pending_alerts', 'gauge', [], 'Alerts that wait to be told.'),
  alertmanagerSeconds: {
    name: 'blackstart_alertmanager_request_seconds',
    type: 'summary',
    unit: 'seconds',
    labels: ['alertmanager'],
    help: 'How long requests took, those without an answer among them.',
  },
} as const;

function told<const Type extends 'counter' | 'gauge'>(name: string, type: Type, more: readonly string[], help: string) {
  const labels: readonly string[] = ['alertmanager', ...more];
  return { name: `blackstart_alertmanager_${name}`, type, unit: null, labels, help };
}
