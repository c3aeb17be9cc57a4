import type { Row } from '../../contract/verdict.ts';
import { groups } from '../countries.ts';
import { complianceRow } from '../criteria/compliance.ts';
import { euDarkRow } from '../criteria/dark.ts';
import { activeActiveRow, activePassiveRow } from '../criteria/failover.ts';
import { latencyRow } from '../criteria/latency.ts';
import { metricsRow } from '../criteria/metrics.ts';
import { refusalLogRow } from '../criteria/refusals.ts';
import { auditRow, refusedRow, servedAnywhereRow, servedInsideRow } from '../criteria/residency.ts';
import { routingRow } from '../criteria/routing.ts';
import { smokeRow } from '../criteria/smoke.ts';
import { trafficRow } from '../criteria/traffic.ts';
import type { Facts } from '../world.ts';
import { regionNames, regions, routing } from './design.ts';
import { drillNames } from './drills.ts';

const shares = Object.fromEntries(regionNames.map((region) => [region, regions[region].share / 100]));
const inside = regionNames.filter((region) => regions[region].jurisdiction === 'EU');
const outside = regionNames.filter((region) => regions[region].jurisdiction !== 'EU');
const europeans = [...(groups['EU'] ?? []), 'GB'];
const refusal = 451;

/** The rows of the design, in its order. */
export function rows(facts: Facts): readonly Row[] {
  return [
    ...regionNames.map((region) => latencyRow(facts, region, regions[region].latencyLimitMs)),
    ...Object.entries(routing).map(([place, region]) => routingRow(facts, place, region)),
    trafficRow(facts, { shares, entry: 'global', resolvers: regionNames.length }),
    servedInsideRow(facts, { checks: ['eu-user', 'gb-user'], regions: inside }),
    servedAnywhereRow(facts, { checks: ['us-user'], regions: regionNames }),
    refusedRow(facts, { checks: ['eu-elsewhere'], regions: outside }, refusal),
    refusalLogRow(facts, refusal),
    auditRow(facts.audit),
    activeActiveRow(facts, { drill: drillNames.us, entry: 'api', global: 'global', shares }),
    activePassiveRow(facts, { drill: drillNames.us, entry: 'standby', standby: 'eu-west-1' }),
    euDarkRow(facts, { drill: drillNames.eu, entry: 'api', vantage: 'eu-west-1', darkStatus: 503 }),
    complianceRow(facts, {
      drills: Object.values(drillNames),
      countries: europeans,
      regions: inside,
      vantages: inside,
      entry: 'api',
    }),
    metricsRow(facts, 'agent', regionNames),
    ...regionNames.map((region) => smokeRow(facts, region)),
  ];
}
