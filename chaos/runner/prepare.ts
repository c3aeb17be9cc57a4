import type { Bounds } from '../../contract/bounds.ts';
import type { DrillPlan, KubernetesPlan } from '../../scenarios/scenario.ts';
import type { HealthCheck } from '../../zone/records.ts';
import type { Vantage } from '../burst.ts';
import type { Cluster, LeaseHome, WorkloadState } from '../cluster.ts';
import { toldApart } from '../control-plane.ts';
import type { FaultDeps } from '../fault.ts';
import type { ScaleUndo } from '../faults/scale-to-zero.ts';
import { type AnyUndo, faultOf, kindOf, scaleUndoIn } from '../faults.ts';
import { type GuardFacts, guardFacts, type Judgement, judgeGuard } from '../guard.ts';
import type { PastDrills, Pods } from '../predict.ts';
import { suspensionsFor } from '../preflight.ts';
import { Trouble } from '../trouble.ts';
import { cloudPlanOf } from './cloud.ts';
import { drillId } from './drill-id.ts';
import { onDisk } from './keep.ts';
import { type Predicted, predicted, seenBeforePlan } from './prediction.ts';
import { switchboardsOf } from './switchboards.ts';
import type { DrillOptions, RunnerDeps } from './types.ts';
import { healthCheckOf, nameserversOf, readZone, unseen, type ZoneState } from './zone.ts';

/** All that is read before anything is touched. */
export type Prepared = {
  readonly id: string;
  readonly region: string;
  /** Region to its cluster; `null` where it has none, or it could not be opened. */
  readonly clusters: Readonly<Record<string, Cluster | null>>;
  /** Where the drill's Lease lives. */
  readonly home: LeaseHome;
  readonly undo: AnyUndo;
  /** What is taken away; `null` where the fault is not done to workloads. */
  readonly stake: Stake | null;
  readonly zone: ZoneState | null;
  readonly healthCheck: HealthCheck | null;
  readonly nameservers: readonly string[];
  readonly vantages: readonly Vantage[];
  readonly offset: Bounds;
  readonly pods: Pods;
  /** What drills before this one have measured of the region. */
  readonly past: PastDrills;
  /** Before the burst has shown anything. */
  readonly prediction: Predicted;
  readonly guard: GuardFacts;
  readonly judgement: Judgement;
};

/** The workloads that a drill takes away, and their cluster. */
export type Stake = { readonly cluster: Cluster; readonly plan: KubernetesPlan; readonly undo: ScaleUndo };

/** Reads fleet, cluster and zone, and lets the guard judge. Rejects with a `Trouble` where one cannot be read. */
export async function prepare(options: DrillOptions, deps: RunnerDeps, signal: AbortSignal): Promise<Prepared> {
  const { scenario, drill } = options;
  const { clock, fleet } = deps;
  const region = drill.fault.region;
  const id = drillId(drill.name, clock, deps.random);
  const offset = await fleet.offset(signal);
  const homeRegion = homeRegionOf(options);
  const clusters = await openClusters(options, deps, homeRegion);
  const own = clusters[region] ?? null;
  const home = clusters[homeRegion] as Cluster;
  const { state, because } = await readZone(deps.zone, signal);
  if (because !== null) {
    deps.progress({ kind: 'message', text: `the zone cannot be read, so less can be predicted: ${because}` });
  }
  for (const text of unseen(options, state)) deps.progress({ kind: 'message', text });
  const endpoint = scenario.regions[region]?.endpoint ?? '';
  const { agents } = await fleet.fleet(signal);
  const vantages = agents
    .filter(({ connected }) => connected)
    .map(({ vantage, region: at }) => ({ vantage, region: at }));
  const like = { scenario: scenario.service, region, fault: faultName(drill.fault) };
  const past = await (deps.keep ?? onDisk).pastDrills(options.evidenceDir, like);
  const read = async () => {
    const named = own === null ? [] : (scenario.regions[region]?.kubernetes?.workloads ?? []);
    const pods = podsOf(await Promise.all(named.map((workload) => (own as Cluster).workload(workload, signal))));
    const prediction = predicted(options, { id, region, zone: state, pods, past }, seenBeforePlan);
    const { outages, limits } = prediction;
    const from = { scenario, drill, fleet, clusters, home, offset, outages, limits };
    const base = faultDeps({ id, options, cluster: own, ensure: async () => undefined }, deps);
    const guard = await guardFacts(from, base, signal);
    const suspensions = suspensionsFor(guard.owners, drill.suspend);
    const undo = await faultOf(drill.fault, { ...base, suspensions }).plan(signal);
    return { pods, prediction, guard, undo };
  };
  const { pods, prediction, guard, undo } = await read().catch(async (error: unknown) => {
    throw await toldApart(error, { scenario, region, fleet, offset }, clock, signal);
  });
  return {
    id,
    region,
    clusters,
    home,
    undo,
    stake: stakeOf(undo, scenario.regions[region]?.kubernetes ?? null, own),
    zone: state,
    healthCheck: state === null ? null : (healthCheckOf(state, endpoint) ?? null),
    nameservers: await nameserversOf(scenario, state),
    vantages,
    offset,
    pods,
    past,
    prediction,
    guard,
    judgement: judgeGuard(guard, scenario.overrides),
  };
}

/** What reports call it. */
export function faultName({ kind, region }: DrillPlan['fault']): string {
  return `${kind} ${region}`;
}

function podsOf(states: readonly WorkloadState[]): Pods {
  return {
    replicas: states.reduce((sum, { replicas }) => sum + replicas, 0),
    settings: states.flatMap(({ pods }) => pods ?? []),
  };
}

/** Closes the connections that preparing opened. */
export function closeClusters({ clusters }: Pick<Prepared, 'clusters'>): void {
  for (const cluster of Object.values(clusters)) cluster?.close();
}

/** The one that keeps the Lease has to answer; of the others the guard says what is missing. */
async function openClusters({ scenario }: DrillOptions, deps: RunnerDeps, home: string) {
  const opened = Object.entries(scenario.regions).map(async ([name, { kubernetes }]) => {
    if (kubernetes === null) return [name, null] as const;
    const opening = deps.openCluster(kubernetes);
    return [name, await (name === home ? opening : opening.catch(() => null))] as const;
  });
  return Object.fromEntries(await Promise.all(opened)) as Record<string, Cluster | null>;
}

/**
 * The region whose cluster keeps the Lease: its own, or the first that has one. Always the same for the same region, so
 * that two runners meet there.
 */
function homeRegionOf({ scenario, drill }: DrillOptions): string {
  const { region, kind } = drill.fault;
  if (scenario.regions[region]?.kubernetes != null) return region;
  if (kindOf(kind).undo === 'cluster') {
    throw new Trouble('wrong-input', `drill ${drill.name}: region ${region} has no "kubernetes" in the scenario`);
  }
  const [first] = Object.entries(scenario.regions).find(([, { kubernetes }]) => kubernetes !== null) ?? [];
  if (first !== undefined) return first;
  throw new Trouble('wrong-input', `drill ${drill.name}: no region has a cluster that could keep its Lease`);
}

function stakeOf(undo: AnyUndo, plan: KubernetesPlan | null, cluster: Cluster | null): Stake | null {
  const scaled = scaleUndoIn(undo);
  return scaled === null || plan === null || cluster === null ? null : { cluster, plan, undo: scaled };
}

type FaultOf = {
  readonly id: string;
  readonly options: DrillOptions;
  /** Of the region. */
  readonly cluster: Cluster | null;
  readonly ensure: FaultDeps['ensure'];
};

/** What a drill's fault is made with. */
export function faultDeps(
  { id, options, cluster, ensure }: FaultOf,
  { clock, openSwitchboard, account }: RunnerDeps,
): FaultDeps {
  const { scenario, drill } = options;
  const plan = scenario.regions[drill.fault.region]?.kubernetes ?? null;
  const workloads = plan === null || cluster === null ? null : { plan, cluster };
  const cloud = account === undefined ? {} : { account, cloud: cloudPlanOf(scenario, drill) };
  return {
    drill: id,
    clock,
    workloads,
    suspensions: [],
    ensure,
    switchboard: switchboardsOf(scenario, openSwitchboard),
    leaseMs: drill.leaseMs,
    ...cloud,
  };
}
