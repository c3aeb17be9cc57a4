/** What the other programs are told: a scenario as checks, objectives and metric sources. */
import type { Assignment, Check, Expectation, HttpCheck, RegionAddresses } from '../contract/check.ts';
import type { MetricsSource, Objective } from '../contract/objective.ts';
import { dnsChecks } from './compile/dns.ts';
import { grpcChecks } from './compile/grpc.ts';
import { icmpChecks } from './compile/icmp.ts';
import { residencyChecks } from './compile/residency.ts';
import { type Asked, askedBy, type PlanOf, quorumOf, urlAt } from './compile/target.ts';
import { tcpChecks, tlsChecks } from './compile/tcp.ts';
import type { CheckPlan, Scenario } from './scenario.ts';

/**
 * The checks of a scenario, with ids that stay the same as long as the scenario does: `home/us-east-1`, `entry`,
 * `geo/london@192.0.2.53:53`. A check that asks the authorities is asked of each of `nameservers`; of none, if the zone
 * names none and the caller has not looked them up.
 */
export function assignmentOf(
  scenario: Scenario,
  version: number,
  nameservers: readonly string[] = scenario.zone?.nameservers ?? [],
): Assignment {
  return {
    version,
    checks: scenario.checks.flatMap((plan) => checksOf(scenario, plan, nameservers)),
    regions: addressesOf(scenario),
    references: scenario.references,
  };
}

export function objectivesOf(scenario: Scenario): readonly Objective[] {
  return scenario.objectives;
}

export function metricsSourcesOf(scenario: Scenario): readonly MetricsSource[] {
  return Object.entries(scenario.regions).flatMap(([region, { metrics }]) =>
    metrics === null ? [] : [{ region, ...metrics }],
  );
}

/** How an entry name is asked: as the first http check on it does, or `GET /` and 200 where there is none. */
export function httpCheckFor(scenario: Scenario, entry: string): Check<'http'> {
  return httpCheck(
    scenario,
    planFor(scenario, (plan) => plan.endpoint.to === 'entry' && plan.endpoint.entry === entry),
    {
      id: entry,
      region: null,
      entry,
      base: scenario.entry[entry] ?? '',
    },
  );
}

/** How a region's own endpoint is asked: as the first http check on regions does, or `GET /` and 200. */
export function httpCheckAt(scenario: Scenario, region: string): Check<'http'> {
  return httpCheck(
    scenario,
    planFor(scenario, (plan) => plan.endpoint.to === 'regions'),
    {
      id: region,
      region,
      entry: null,
      base: scenario.regions[region]?.endpoint ?? '',
    },
  );
}

function checksOf(scenario: Scenario, plan: CheckPlan, nameservers: readonly string[]): readonly Check[] {
  switch (plan.kind) {
    case 'http':
      return askedBy(scenario, plan).map((asked) => httpCheck(scenario, plan, asked));
    case 'dns':
      return dnsChecks(scenario, plan, nameservers);
    case 'residency':
      return residencyChecks(scenario, plan);
    case 'grpc':
      return grpcChecks(scenario, plan);
    case 'icmp':
      return icmpChecks(scenario, plan);
    case 'tcp':
      return tcpChecks(scenario, plan);
    case 'tls':
      return tlsChecks(scenario, plan);
  }
}

function httpCheck(scenario: Scenario, plan: PlanOf<'http'>, asked: Asked): Check<'http'> {
  const request: HttpCheck = {
    url: urlAt(asked.base, plan.path),
    method: plan.method,
    headers: plan.headers,
    body: plan.body,
    resolveWith: plan.resolveWith,
    expect: asked.region === null ? plan.expect : forRegion(plan.expect, asked.region),
    identity: scenario.identity,
    ...plan.more,
  };
  const { id, region, entry } = asked;
  const { name, from: vantages, everyMs, timeoutMs } = plan;
  const common = { id, name, target: scenario.service, region, entry, vantages, everyMs, timeoutMs };
  return { ...common, ...quorumOf(plan), kind: 'http', ...request };
}

/** `{region}` in the value of an expected header stands for the region asked. */
function forRegion(expect: Expectation, region: string): Expectation {
  const headers = Object.entries(expect.headers).map(([key, value]) => [key, value.replaceAll('{region}', region)]);
  return { ...expect, headers: Object.fromEntries(headers) };
}

function planFor(scenario: Scenario, fits: (plan: PlanOf<'http'>) => boolean): PlanOf<'http'> {
  const plans = scenario.checks.filter((plan) => plan.kind === 'http');
  return plans.find(fits) ?? plainGet;
}

const plainGet: PlanOf<'http'> = {
  name: 'get',
  kind: 'http',
  everyMs: 10_000,
  timeoutMs: 10_000,
  from: null,
  endpoint: { to: 'regions', only: null },
  path: '/',
  method: 'GET',
  headers: {},
  body: null,
  resolveWith: 'resolver',
  expect: { status: [200], headers: {}, bodyContains: [] },
  more: {},
};

/** The hosts of the regions' endpoints; an IPv6 address without its brackets. */
function addressesOf(scenario: Scenario): RegionAddresses {
  return Object.fromEntries(
    Object.entries(scenario.regions).map(([region, { endpoint }]) => [
      region,
      [new URL(endpoint).hostname.replaceAll(/^\[|\]$/g, '')],
    ]),
  );
}
