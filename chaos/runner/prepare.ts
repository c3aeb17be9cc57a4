import type { Bounds } from '../../contract/bounds.ts';
import type { Clock } from '../../contract/clock.ts';
import { hashOf, type Random } from '../../contract/random.ts';
import type { DrillPlan, KubernetesPlan } from '../../scenarios/scenario.ts';
import type { HealthCheck } from '../../zone/records.ts';
import type { Vantage } from '../burst.ts';
import type { Cluster, WorkloadState } from '../cluster.ts';
import { toldApart } from '../control-plane.ts';
import { type ScaleUndo, scaleToZero } from '../faults/scale-to-zero.ts';
import { type GuardFacts, guardFacts, type Judgement, judgeGuard } from '../guard.ts';
import { nothingSeen, type PastDrills, type Pods, pastDrills } from '../predict.ts';
import { suspensionsFor } from '../preflight.ts';
import { Trouble } from '../trouble.ts';
import { type Predicted, predicted } from './prediction.ts';
import type { DrillOptions, RunnerDeps } from './types.ts';
import { healthCheckOf, nameserversOf, readZone, type ZoneState } from './zone.ts';

/** All that is read before anything is touched. */
export type Prepared = {
  readonly id: string;
  readonly region: string;
  readonly plan: KubernetesPlan;
  /** Region to its cluster; `null` where it could not be opened. */
  readonly clusters: Readonly<Record<string, Cluster | null>>;
  readonly cluster: Cluster;
  readonly undo: ScaleUndo;
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

/** Reads fleet, cluster and zone, and lets the guard judge. Rejects with a `Trouble` where one cannot be read. */
export async function prepare(options: DrillOptions, deps: RunnerDeps, signal: AbortSignal): Promise<Prepared> {
  const { scenario, drill } = options;
  const { clock, fleet } = deps;
  const region = drill.fault.region;
  const id = drillId(drill.name, clock, deps.random);
  const plan = scenario.regions[region]?.kubernetes ?? null;
  if (plan === null) {
    throw new Trouble('wrong-input', `drill ${drill.name}: region ${region} has no "kubernetes" in the scenario`);
  }
  const offset = await fleet.offset(signal);
  const cluster = await deps.openCluster(plan);
  const clusters = { ...(await otherClusters(options, deps)), [region]: cluster };
  const { state, because } = await readZone(deps.zone, signal);
  if (because !== null) {
    deps.progress({ kind: 'message', text: `the zone cannot be read, so less can be predicted: ${because}` });
  }
  const endpoint = scenario.regions[region]?.endpoint ?? '';
  const { agents } = await fleet.fleet(signal);
  const vantages = agents
    .filter(({ connected }) => connected)
    .map(({ vantage, region: at }) => ({ vantage, region: at }));
  const like = { scenario: scenario.service, region, fault: faultName(drill.fault) };
  const past = await pastDrills(options.evidenceDir, like);
  const read = async () => {
    const pods = podsOf(await Promise.all(plan.workloads.map((workload) => cluster.workload(workload, signal))));
    const prediction = predicted(options, { id, region, zone: state, pods, past }, nothingSeen);
    const { outages, limits } = prediction;
    const guard = await guardFacts({ scenario, drill, fleet, clusters, offset, outages, limits }, clock, signal);
    const suspensions = suspensionsFor(guard.owners, drill.suspend);
    const undo = await scaleToZero({ drill: id, region, plan, suspensions }, cluster, clock).plan(signal);
    return { pods, prediction, guard, undo };
  };
  const { pods, prediction, guard, undo } = await read().catch(async (error: unknown) => {
    throw await toldApart(error, { scenario, region, fleet, offset }, clock, signal);
  });
  return {
    id,
    region,
    plan,
    clusters,
    cluster,
    undo,
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

async function otherClusters(
  { scenario, drill }: DrillOptions,
  deps: RunnerDeps,
): Promise<Record<string, Cluster | null>> {
  const others = Object.entries(scenario.regions).filter(([name]) => name !== drill.fault.region);
  const opened = others.map(async ([name, { kubernetes }]) => {
    const cluster = kubernetes === null ? null : await deps.openCluster(kubernetes).catch(() => null);
    return [name, cluster] as const;
  });
  return Object.fromEntries(await Promise.all(opened));
}

/** `lose-us-east-1-20261121t084210-3f2a`: names Leases too, so lower case, letters, digits and hyphens. */
function drillId(name: string, clock: Clock, random: Random): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40);
  const at = new Date(clock.nowMs())
    .toISOString()
    .replaceAll(/[-:]|\.\d+Z$/g, '')
    .toLowerCase();
  const chance = hashOf(`${random()}`).toString(16).padStart(8, '0').slice(0, 4);
  return `${plain}-${at}-${chance}`;
}
