/** All that a doctor says of a scenario's zone and clusters. Reads only. */
import type { Clock } from '../../contract/clock.ts';
import type { Status } from '../../contract/verdict.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { ZoneAsker, ZoneReader } from '../zone-reader.ts';
import { leastRoles } from './clusters/rights.ts';
import { diagnoseClusters } from './clusters.ts';
import type { Diagnosis } from './finding.ts';
import { type ClusterSource, type Resolve, readClusterFacts, readZoneFacts } from './read.ts';
import { answeredOtherwise } from './zone/asked.ts';
import { diagnoseZone } from './zone.ts';

/** As `--json` prints it; docs/doctor.md has the shape. */
export type DoctorReport = Diagnosis & {
  readonly service: string;
  /** `fail`: a promise of the scenario is broken. `inconclusive`: nothing could be seen. */
  readonly status: Status;
  /** What was looked at: `zone Z1 (12 records)`, `cluster us-east-1/default`. */
  readonly seen: readonly string[];
  /** Context to the least Role and RoleBinding that a drill lacks there, as YAML. */
  readonly roles: Readonly<Record<string, string>>;
};

export type DoctorDeps = {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** `null`: the scenario has no zone. */
  readonly zone: (ZoneReader & Partial<ZoneAsker>) | null;
  readonly openCluster: ClusterSource['open'];
  readonly resolve: Resolve;
};

export async function examine(scenario: Scenario, deps: DoctorDeps): Promise<DoctorReport> {
  const [zone, clusters] = [await zonePart(scenario, deps), await clusterPart(scenario, deps)];
  const findings = [...zone.findings, ...clusters.findings];
  const seen = [...zone.seen, ...clusters.seen];
  const isBroken = findings.some(({ level }) => level === 'problem');
  return {
    service: scenario.service,
    status: isBroken ? 'fail' : seen.length === 0 ? 'inconclusive' : 'pass',
    seen,
    findings,
    unseen: [...zone.unseen, ...clusters.unseen],
    roles: clusters.roles,
  };
}

type Part = Diagnosis & { readonly seen: readonly string[] };

async function zonePart(scenario: Scenario, { zone, ...deps }: DoctorDeps): Promise<Part> {
  if (zone === null) return { findings: [], unseen: ['the scenario names no zone'], seen: [] };
  const { facts, unseen } = await readZoneFacts(scenario, zone, deps);
  if (facts === null) return { findings: [], unseen, seen: [] };
  const found = diagnoseZone(facts);
  const seen = `zone ${facts.zone.id} (${facts.zone.name}), ${facts.zone.records.length} records, with each of ${Object.keys(scenario.regions).length} regions dark`;
  const otherwise = await answeredOtherwise(facts, zone, deps);
  return { findings: found.findings, unseen: [...unseen, ...found.unseen, ...otherwise], seen: [seen] };
}

async function clusterPart(
  scenario: Scenario,
  { openCluster, ...deps }: DoctorDeps,
): Promise<Part & Pick<DoctorReport, 'roles'>> {
  const source = { scenario, open: openCluster };
  const plans = Object.entries(scenario.regions).flatMap(([region, { kubernetes }]) =>
    kubernetes === null ? [] : [{ region, plan: kubernetes }],
  );
  const read = await Promise.all(plans.map(({ region, plan }) => readClusterFacts(region, plan, source, deps)));
  const facts = read.flatMap((one) => one.facts ?? []);
  const found = diagnoseClusters(facts);
  const roles = facts.flatMap((one) => {
    const text = leastRoles(one);
    return text === null ? [] : [[`${one.plan.context}/${one.plan.namespace}`, text] as const];
  });
  return {
    findings: found.findings,
    unseen: [...read.flatMap(({ unseen }) => unseen), ...found.unseen],
    seen: facts.map(({ region, plan }) => `cluster ${plan.context}/${plan.namespace} of ${region}`),
    roles: Object.fromEntries(roles),
  };
}
