/** `generate dashboards`: a scenario as what the dashboards are made from, and the files on disk. */
import { join } from 'node:path';
import type { DashboardOptions } from '../../aggregator/artefacts/options.ts';
import { metricsSourcesOf, objectivesOf } from '../../scenarios/compile.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { exitCodes } from '../exit.ts';
import type { Io } from '../io.ts';
import { optionReader } from '../options.ts';
import { written } from './written.ts';

export type DashboardFlags = {
  readonly scenario?: string;
  readonly out: string;
  readonly aggregator?: string;
  readonly prometheus: string;
  readonly json?: boolean;
};

export async function dashboardsCommand(flags: DashboardFlags, io: Io): Promise<number> {
  const reader = optionReader();
  const file = reader.required('--scenario', flags.scenario, 'a scenario file');
  const out = reader.folder('--out', flags.out);
  const aggregator = reader.url('--aggregator', flags.aggregator);
  const prometheus = reader.url('--prometheus', flags.prometheus);
  reader.check();
  const { loadScenario } = await import('../../scenarios/load.ts');
  const scenario = await loadScenario(file);
  // Grafana's SDK is large: nothing else loads it.
  const { dashboardArtefacts } = await import('../../aggregator/artefacts/dashboards.ts');
  const files = dashboardArtefacts(
    dashboardOptionsOf(scenario, { aggregatorUrl: aggregator?.href ?? null, prometheusUrl: prometheus?.href ?? '' }),
  );
  const paths = written(out, files);
  if (flags.json === true) io.stdout.write(`${JSON.stringify({ out, files: paths }, null, 2)}\n`);
  else io.stdout.write(`${paths.map((path) => join(out, path)).join('\n')}\n`);
  return exitCodes.pass;
}

type Where = Pick<DashboardOptions, 'aggregatorUrl' | 'prometheusUrl'>;

export function dashboardOptionsOf(scenario: Scenario, where: Where): DashboardOptions {
  const named = (kind: string): readonly string[] => [
    ...new Set(scenario.checks.filter((check) => check.kind === kind).map(({ name }) => name)),
  ];
  const kept = metricsSourcesOf(scenario).flatMap(({ keep }) => keep);
  return {
    service: scenario.service,
    prefix: scenario.metricsPrefix,
    regions: Object.keys(scenario.regions),
    dnsChecks: named('dns'),
    hasResidency: named('residency').length > 0,
    objectives: objectivesOf(scenario),
    // Of several the first.
    requests: kept.find((name) => name.endsWith('_requests_total')) ?? null,
    ...where,
  };
}
