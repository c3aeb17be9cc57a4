/** What Grafana reads at its start: where Prometheus is, and where dashboards lie. */
import type { Artefact, DashboardOptions } from './options.ts';

/** Where a Grafana sees the folder of dashboards, as the README mounts it. */
const mountedAt = '/var/lib/grafana/dashboards/blackstart';

/** JSON is YAML too: so are the texts quoted. */
const quoted = (text: string): string => JSON.stringify(text);

export function provisioning({ prometheusUrl }: Pick<DashboardOptions, 'prometheusUrl'>): readonly Artefact[] {
  return [
    {
      path: 'provisioning/datasources/blackstart.yaml',
      text: `apiVersion: 1
datasources:
  - name: Blackstart
    uid: blackstart-prometheus
    type: prometheus
    access: proxy
    url: ${quoted(prometheusUrl)}
    editable: false
    jsonData:
      httpMethod: POST
      # As often as Prometheus scrapes the aggregator.
      timeInterval: 15s
`,
    },
    {
      path: 'provisioning/dashboards/blackstart.yaml',
      text: `apiVersion: 1
providers:
  - name: blackstart
    type: file
    folder: Blackstart
    disableDeletion: true
    allowUiUpdates: false
    updateIntervalSeconds: 30
    options:
      path: ${mountedAt}
`,
    },
  ];
}
