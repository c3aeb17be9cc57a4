/** The fleet dashboard: what somebody who was paged looks at first. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { aliasMetrics, catalogue } from '../../../contract/catalogue.ts';
import type { DashboardOptions } from '../options.ts';
import { agentsRow } from './fleet/agents.ts';
import { remoteWriteRow, sourcesRow } from './fleet/exchange.ts';
import { ingestRow } from './fleet/ingest.ts';
import { namesRow } from './fleet/names.ts';
import { nowRow } from './fleet/now.ts';
import { objectivesRow } from './fleet/objectives.ts';
import { probesRow } from './fleet/probes.ts';
import { residencyRow } from './fleet/residency.ts';
import { schedulesRow } from './fleet/schedules.ts';
import { drillAnnotations, frame } from './frame.ts';
import { layOut } from './layout.ts';
import { datasourceVariable, several } from './variables.ts';

export function fleetDashboard(options: DashboardOptions): Dashboard {
  const about = {
    title: `${options.service}: fleet`,
    description: `How ${options.service} is, seen by Blackstart’s agents from every vantage, and how the agents and the aggregator are themselves.`,
    time: { from: 'now-1h', to: 'now' },
  };
  const { health } = aliasMetrics(options.prefix);
  const results = catalogue.probeResults.name;
  const dashboard = frame('fleet', about, options)
    .withVariable(datasourceVariable())
    .withVariable(several({ name: 'region', label: 'Region', series: health.name, values: 'region' }))
    .withVariable(several({ name: 'vantage', label: 'Vantage', series: results, values: 'vantage' }))
    .withVariable(several({ name: 'check', label: 'Check', series: results, values: 'check' }));
  drillAnnotations(dashboard, {});
  layOut(dashboard, [
    nowRow(options),
    objectivesRow(options),
    probesRow(options),
    namesRow(options),
    residencyRow(options),
    schedulesRow(),
    agentsRow(),
    ingestRow(),
    remoteWriteRow(),
    sourcesRow(),
  ]);
  return dashboard.build();
}
