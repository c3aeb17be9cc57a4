import type { Sources } from '../federation/sources.ts';
import type { Fleet } from '../fleet/answers.ts';
import { type RegionDeps, regionFacts } from '../fleet/regions.ts';
import type { CurrentPlan } from '../plan.ts';
import type { Records } from '../records.ts';
import type { Verdicts } from '../slo/verdicts.ts';
import { type TotalsDeps, totalFamilies } from '../totals/families.ts';
import type { Cut } from './cut.ts';
import { drillDetails, scheduleGauges } from './drill-gauges.ts';
import { burnGauges, drillGauges, fleetGauges, regionGauges, sloGauges } from './gauges.ts';
import type { ProcessMetrics } from './process.ts';
import type { SeriesTable } from './series.ts';

export type ScrapeDeps = {
  readonly series: SeriesTable;
  readonly fleet: Fleet;
  readonly plan: CurrentPlan;
  readonly verdicts: Verdicts;
  readonly records: Records;
  readonly sources: Sources;
  readonly process: ProcessMetrics;
  readonly regions: readonly string[];
  readonly prefix: string;
  readonly region: RegionDeps;
  /** Of an aggregator that has a name. */
  readonly totals: Pick<TotalsDeps, 'rows' | 'check'> | null;
};

/** Everything as it is at one moment: taken in one go, written out later. */
export async function takeCut(deps: ScrapeDeps, nowMs: () => number): Promise<Cut> {
  const own = await deps.process.families();
  const atMs = nowMs();
  const agents = deps.fleet.agents(atMs);
  const alive = deps.fleet.aliveVantages(atMs);
  return {
    atMs,
    series: deps.series.cut(),
    goneVantages: new Set([...deps.series.vantages()].filter((vantage) => !alive.has(vantage))),
    families: [
      ...fleetGauges(agents),
      ...(deps.totals === null ? [] : totalFamilies({ ...deps.totals, agents: () => agents })),
      ...sloGauges(deps.plan.objectives(), deps.verdicts.read()),
      ...burnGauges(deps.verdicts.burns(atMs)),
      ...drillGauges(deps.records.drills.list()),
      ...drillDetails(deps.records.drills.list()),
      ...scheduleGauges(deps.records.schedules.standings(atMs)),
      ...regionGauges(deps.prefix, regionFacts(deps.regions, deps.region, atMs)),
      ...deps.sources.families(atMs),
      ...own,
    ],
  };
}
