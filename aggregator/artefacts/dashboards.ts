/** Both dashboards as files, with what Grafana needs to find them. The same options give the same bytes. */
import { type Dashboard, DashboardLinkPlacement } from '@grafana/grafana-foundation-sdk/dashboard';
import { drillDashboard } from './dashboards/drill.ts';
import { fleetDashboard } from './dashboards/fleet.ts';
import type { Artefact, DashboardOptions } from './options.ts';
import { provisioning } from './provisioning.ts';

export type { Artefact, DashboardOptions } from './options.ts';

export function dashboardArtefacts(options: DashboardOptions): readonly Artefact[] {
  return [...[fleetDashboard(options), drillDashboard(options)].map(fileOf), ...provisioning(options)];
}

function fileOf(dashboard: Dashboard): Artefact {
  return { path: `dashboards/${dashboard.uid}.json`, text: `${JSON.stringify(dashboard, shown, 2)}\n` };
}

/**
 * The SDK's builders give every variable what only intervals have, every table a footer that newer Grafanas have not, and
 * put every link and annotation into a menu; and none of it can be taken out again.
 */
function shown(key: string, value: unknown): unknown {
  const isMenu = key === 'placement' && value === DashboardLinkPlacement.InControlsMenu;
  return isMenu || ['auto', 'auto_min', 'auto_count', 'footer'].includes(key) ? undefined : value;
}
