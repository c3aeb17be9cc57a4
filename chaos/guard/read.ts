import type { Bounds } from '../../contract/bounds.ts';
import { type Clock, sleep } from '../../contract/clock.ts';
import { drillSpans } from '../../contract/slo/spans.ts';
import type { DrillPlan, KubernetesPlan, Scenario, Workload } from '../../scenarios/scenario.ts';
import type { Fleet } from '../aggregator-client.ts';
import { type Cluster, type Right, resourceOf, stopKey, type WorkloadState, workloadName } from '../cluster.ts';
import type { FaultDeps } from '../fault.ts';
import type { Suspension } from '../faults/scale-to-zero.ts';
import { kindOf } from '../faults.ts';
import { suspensionRights } from '../preflight/suspensions.ts';
import { preflight, suspensionsFor } from '../preflight.ts';
import { restorerRights } from '../restorer/rules.ts';
import { budgetOf } from './budget.ts';
import { burnsOf, type Outages } from './burn.ts';
import { deadlineMsOf, restoreLimitMs } from './deadline.ts';
import type { GuardFacts, SubjectHealth } from './facts.ts';
import { healthOf, subjectsOf, vantagesOf } from './health.ts';
import { openDrills } from './open-drills.ts';
import { healthyRounds } from './rules.ts';

export type GuardSources = {
  readonly scenario: Scenario;
  readonly drill: DrillPlan;
  readonly fleet: Fleet;
  /** Region to its cluster; `null` where it cannot be opened. */
  readonly clusters: Readonly<Record<string, Cluster | null>>;
  /** The one that keeps the drill's Lease. */
  readonly home: Cluster;
  readonly offset: Bounds;
  readonly outages: Outages;
  readonly limits: GuardFacts['limits'];
};

/** Enough for the last rounds of some hundreds of checks and vantages. */
const resultsRead = 5_000;

/** Reads what the guard decides by. A fleet that has just started is given time for its first rounds. */
export async function guardFacts(from: GuardSources, deps: FaultDeps, signal: AbortSignal): Promise<GuardFacts> {
  const { scenario, drill, fleet, home } = from;
  const { clock } = deps;
  const { fault, expect, suspend } = drill;
  const kind = kindOf(fault.kind);
  const stake = kind.undo === 'cluster' ? deps.workloads : null;
  const named = stake?.plan.workloads ?? [];
  const workloads = await Promise.all(named.map((workload) => home.workload(workload, signal)));
  const owners = stake === null ? [] : await preflight(stake.cluster, named, signal);
  const distinct = [...new Map(opened(from).map((one) => [`${one.context}/${one.namespace}`, one])).values()];
  const rights =
    stake === null
      ? leaseRights
      : rightsNeeded(stake.plan, suspensionsFor(owners, drill.suspend), isToldOfMending(scenario));
  const [health, open, allowed, capacity, budgets, credentials, mortal] = await Promise.all([
    fleetHealth(from, clock, signal),
    openDrills({ clusters: distinct, fleet, workloads }, clock, signal),
    answered(home, rights, signal),
    capacityOf(from, signal),
    budgetsOf(from, clock, signal),
    home.credentials(signal),
    kind.mortal(fault, deps, signal),
  ]);
  return {
    region: fault.region,
    context: home.context,
    workloads: named,
    expect,
    allow: scenario.allow,
    ...health,
    openDrills: open,
    rights: allowed,
    capacity,
    budgets,
    credentials,
    forbidden: workloads.flatMap(sign),
    owners,
    suspend,
    mortal,
    wallMs: clock.wallMs(),
    neededForMs: deadlineMsOf(drill) + restoreLimitMs,
    limits: from.limits,
  };
}

function sign({ workload, stop }: WorkloadState): readonly string[] {
  return stop === null ? [] : [`${workloadName(workload)} carries the annotation ${stopKey} (${stop})`];
}

/** Of the objectives that the aggregator knows; of one that it doesn't, nothing is counted, so nothing is spent. */
async function budgetsOf(from: GuardSources, clock: Clock, signal: AbortSignal): Promise<GuardFacts['budgets']> {
  const { scenario, drill, fleet, offset } = from;
  const burns = burnsOf(scenario, drill, from.outages);
  if (burns.length === 0) return [];
  const [{ verdicts }, { drills }] = await Promise.all([fleet.verdicts(signal), fleet.drills(signal)]);
  const known = new Set(verdicts.map(({ id }) => id));
  const times = drillSpans(drills, clock.nowMs() + (offset.lowerMs + offset.upperMs) / 2);
  return Promise.all(
    burns
      .filter(({ objective }) => known.has(objective.id))
      .map(async ({ objective, forecastMs }) => {
        const { slices } = await fleet.objective(objective.id, signal);
        return budgetOf(objective, slices, times, forecastMs);
      }),
  );
}

function opened({ clusters }: GuardSources): readonly Cluster[] {
  return Object.values(clusters).filter((cluster) => cluster !== null);
}

type Health = { readonly subjects: readonly SubjectHealth[]; readonly vantages: GuardFacts['vantages'] };

async function fleetHealth(
  { scenario, drill, fleet }: GuardSources,
  clock: Clock,
  signal: AbortSignal,
): Promise<Health> {
  const subjects = subjectsOf(
    scenario,
    drill.expect.map(({ entry }) => entry),
  );
  const slowestMs = Math.max(0, ...subjects.map(({ everyMs }) => everyMs));
  const untilMs = clock.nowMs() + (healthyRounds + 2) * slowestMs + 2_000;
  const offset = await fleet.offset(signal);
  for (;;) {
    const [answer, results] = await Promise.all([fleet.fleet(signal), fleet.newest(resultsRead, null, signal)]);
    const seen = healthOf(subjects, results, clock.nowMs() + (offset.lowerMs + offset.upperMs) / 2);
    const isComplete = seen.every(({ rounds }) => rounds.length >= healthyRounds);
    if (isComplete || clock.nowMs() >= untilMs) return { subjects: seen, vantages: vantagesOf(answer, results) };
    await sleep(clock, Math.min(1_000, Math.max(100, slowestMs / 2)), signal);
  }
}

const leaseRights = (['get', 'create', 'update', 'delete'] as const).map(leaseRight);

/** Whether a restorer has somebody to tell: of those who are told by the runner alone it needs to know nothing. */
export function isToldOfMending({ notify }: Pick<Scenario, 'notify'>): boolean {
  return notify.some(({ on }) => on.includes('restored') || on.includes('not-restored'));
}

/** What a drill in a cluster has to be allowed, mending included. */
export function rightsNeeded(
  plan: KubernetesPlan,
  suspensions: readonly Suspension[],
  notifies = false,
): readonly Right[] {
  return distinctRights([
    ...plan.workloads.flatMap(workloadRights),
    ...leaseRights,
    ...restorerRights({ drill: 'any', workloads: plan.workloads, notifies }),
    ...suspensionRights(suspensions, plan.namespace),
  ]);
}

/** Asked one by one, so that a refusal can name what is missing. */
async function answered(
  cluster: Cluster,
  rights: readonly Right[],
  signal: AbortSignal,
): Promise<GuardFacts['rights']> {
  return Promise.all(rights.map(async (right) => ({ right, ...(await cluster.mayI(right, signal)) })));
}

/** Each once. */
export function distinctRights(rights: readonly Right[]): readonly Right[] {
  const key = ({ verb, group, resource, subresource, name, namespace }: Right): string =>
    JSON.stringify([verb, group, resource, subresource, name, namespace]);
  return [...new Map(rights.map((right) => [key(right), right])).values()];
}

function workloadRights({ kind, name }: Workload): readonly Right[] {
  const on = { ...resourceOf(kind), name };
  return [
    { ...on, verb: 'get', subresource: null },
    { ...on, verb: 'patch', subresource: null },
    { ...on, verb: 'update', subresource: 'scale' },
  ];
}

function leaseRight(verb: Right['verb']): Right {
  return { verb, group: 'coordination.k8s.io', resource: 'leases', subresource: null, name: null };
}

async function capacityOf(from: GuardSources, signal: AbortSignal): Promise<GuardFacts['capacity']> {
  const entries = Object.entries(from.scenario.regions).map(async ([region, { share, kubernetes }]) => {
    const cluster = from.clusters[region] ?? null;
    const replicas = cluster === null || kubernetes === null ? null : await replicasOf(cluster, kubernetes, signal);
    return [region, { share, replicas }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function replicasOf(cluster: Cluster, plan: KubernetesPlan, signal: AbortSignal): Promise<number | null> {
  try {
    const states = await Promise.all(plan.workloads.map((workload) => cluster.workload(workload, signal)));
    return states.reduce((sum, { replicas }) => sum + replicas, 0);
  } catch {
    signal.throwIfAborted();
    return null;
  }
}
