/** The parts of a world that stand on each other: clusters, the doors in front of their pods, and the users at the doors. */
import type { Clock } from '../contract/clock.ts';
import type { Log } from '../contract/log.ts';
import type { Random } from '../contract/random.ts';
import type { Bindings, LabPlan, Plant, Profile } from '../scenarios/world.ts';
import type { CertificateAuthority } from './certificates.ts';
import type { Closers } from './closers.ts';
import type { CachingResolver } from './dns/resolver.ts';
import { type Cluster, kubernetesCluster } from './kubernetes/cluster.ts';
import type { ContainerPlan, RunningContainer } from './kubernetes/containers.ts';
import { distances } from './network/distance.ts';
import type { PodSource } from './pods.ts';
import { admits } from './region/guard.ts';
import { type LedgerNet, ledgerNet } from './region/ledger.ts';
import { labRegion, type RunningRegion } from './region/region.ts';
import type { Truth } from './truth.ts';
import { labUsers } from './users/users.ts';

/** Starts the program of a pod in a region's cluster. */
export type StartContainer = (region: string, plan: ContainerPlan) => RunningContainer;

/** What the parts share while they are put up. */
export type Site = {
  readonly plan: LabPlan;
  readonly profile: Profile;
  readonly plants: readonly Plant[];
  readonly at: Bindings;
  /** Chance of its own for each part, so that one more part does not change what the others draw. */
  readonly chance: (part: string) => Random;
  readonly truth: Truth;
  readonly open: Closers;
  readonly startContainer: StartContainer | null;
  readonly clock: Clock;
  readonly log: Log;
};

/** The namespace that holds the workloads in every region. */
export const namespace = 'default';

/** As the real kubelet waits before it starts a container again. */
const containerRestartMs = 10_000;

/** A cluster per region, with its Deployments' pods ready. `token` may do everything. */
export async function startClusters(
  site: Site,
  authority: CertificateAuthority,
  token: string,
): Promise<Readonly<Record<string, Cluster>>> {
  const { plan, profile, clock, chance, truth, open, startContainer } = site;
  const restartMs = containerRestartMs / profile.factor;
  const times = { podReadyMs: profile.podReadyMs, podGoneMs: profile.podGoneMs };
  const clusters: Record<string, Cluster> = {};
  for (const [index, region] of Object.keys(plan.regions).entries()) {
    const address = `127.${index + 1}.0.6`;
    const workloads = Object.entries(plan.regions[region]?.workloads ?? {});
    const deployments = Object.fromEntries(workloads.map(([name, replicas]) => [name, { replicas, ...times }]));
    const options = {
      context: region,
      listen: { host: address, port: 0 },
      certificate: await authority.issue({ names: ['kubernetes'], addresses: [address] }),
      tokens: { [token]: { user: 'blackstart', rules: 'all' as const } },
      namespaces: { [namespace]: { deployments } },
      ...(startContainer === null
        ? {}
        : {
            containers: {
              start: (container: ContainerPlan) => startContainer(region, container),
              restartMs,
              caPem: authority.caPem,
            },
          }),
    };
    clusters[region] = open.add(
      await kubernetesCluster(options, { clock, random: chance(`cluster ${region}`), truth }),
    );
  }
  return clusters;
}

/** The pods that answer at each region's door. */
export function servingPods(
  plan: LabPlan,
  clusters: Readonly<Record<string, Cluster>>,
): Readonly<Record<string, PodSource>> {
  const pairs = Object.entries(clusters).map(([region, cluster]) => [
    region,
    cluster.podsOf(namespace, plan.regions[region]?.serving ?? ''),
  ]);
  return Object.fromEntries(pairs);
}

export async function startDoors(
  site: Site,
  authority: CertificateAuthority,
  pods: Readonly<Record<string, PodSource>>,
  storeDir: string,
): Promise<{ readonly doors: Readonly<Record<string, RunningRegion>>; readonly ledgers: LedgerNet }> {
  const { plan, at, plants, chance, open, clock, log } = site;
  const table = distances(plan.regions, plan.checkersRoundTripMs);
  const jurisdictions = Object.fromEntries(
    Object.entries(plan.regions).map(([region, { jurisdiction }]) => [region, jurisdiction]),
  );
  const darkness = Object.fromEntries(
    Object.entries(pods).map(([region, source]) => [region, darkTime(source, clock)]),
  );
  const darkForMs = (region: string): number => darkness[region]?.() ?? 0;
  const ledgers = ledgerNet(
    {
      storeDir,
      lagMs: plan.replicationLagMs,
      plants,
      admits: (country, region) => admits(plan.guard, country, jurisdictions[region] ?? ''),
      regions: Object.keys(plan.regions),
    },
    clock,
  );
  const doors: Record<string, RunningRegion> = {};
  for (const [name, region] of Object.entries(plan.regions)) {
    const address = at.addresses[name] ?? '';
    const options = {
      name,
      plan: region,
      address,
      port: at.doorPort,
      certificate: await authority.issue({ names: [`*.${plan.zoneName}`], addresses: [address] }),
      pods: pods[name] ?? { pods: () => [], onChange: () => () => undefined },
      roundTripOf: (source: string) => table.roundTripMs(name, source),
      storeDir,
      guard: plan.guard,
      plants,
      ledgers,
      darkForMs,
      jurisdictions,
    };
    const door = open.add(await labRegion(options, { clock, random: chance(`region ${name}`), log }));
    if (region.whenDark !== undefined) door.darkMode(region.whenDark);
    doors[name] = door;
  }
  return { doors, ledgers };
}

/** For how long no pod has been ready; 0 while one is. */
function darkTime(source: PodSource, clock: Clock): () => number {
  let sinceMs: number | null = null;
  const look = (): void => {
    const isDark = source.pods().every(({ state }) => state !== 'ready');
    sinceMs = isDark ? (sinceMs ?? clock.nowMs()) : null;
  };
  look();
  source.onChange(look);
  return () => (sinceMs === null ? 0 : clock.nowMs() - sinceMs);
}

export function startUsers(site: Site, resolvers: Readonly<Record<string, CachingResolver>>, caPem: string): void {
  const { plan, at, chance, open, clock, log } = site;
  const table = distances(plan.regions);
  const atPlace = Object.fromEntries(
    Object.entries(resolvers).map(([region, resolver]) => [plan.regions[region]?.place ?? '', resolver]),
  );
  const users = labUsers(
    {
      populations: plan.populations,
      resolverOf(place) {
        const resolver = atPlace[place];
        if (resolver === undefined) throw new Error(`no region's resolver is at ${place}`);
        return { host: resolver.address, port: resolver.port };
      },
      sourceOf: table.userAddress,
      caPem,
      port: at.doorPort,
    },
    { clock, random: chance('users'), log },
  );
  open.add({ close: users.stop });
}
