import { type Artefact, dashboardArtefacts } from '../../aggregator/artefacts/dashboards.ts';
import { dashboardOptionsOf } from '../../cli/generate/dashboards.ts';
import { loadScenario } from '../../scenarios/load.ts';

/** As the command makes them where nothing else is asked for. */
export async function generatedFor(scenario: string): Promise<readonly Artefact[]> {
  const where = { aggregatorUrl: null, prometheusUrl: 'http://prometheus:9090/' };
  return dashboardArtefacts(dashboardOptionsOf(await loadScenario(scenario), where));
}
