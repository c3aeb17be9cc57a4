/** Composes a whole world on loopback, with real sockets, and says where everything is. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatHostPort } from '../contract/address.ts';
import type { Clock } from '../contract/clock.ts';
import type { Log } from '../contract/log.ts';
import { hashOf, type Random, seededRandom } from '../contract/random.ts';
import type { Bindings, LabPlan, Profile, World } from '../scenarios/world.ts';
import { certificateAuthority } from './certificates.ts';
import { type Closers, closers } from './closers.ts';
import { kubeconfig } from './kubernetes/kubeconfig.ts';
import { labNames, nameserverAddresses, resolverAddress } from './names.ts';
import { sharedPort } from './network/ports.ts';
import { watchServed } from './served.ts';
import {
  namespace,
  type Site,
  type StartContainer,
  servingPods,
  startClusters,
  startDoors,
  startUsers,
} from './site.ts';
import { startSwitchboards } from './switchboards.ts';
import { truthFile } from './truth.ts';
import type { WorldFile } from './world-file.ts';

export type LabOptions = {
  readonly world: World;
  readonly profile: Profile;
  readonly seed: number;
  /** Everything is written below it. */
  readonly outDir: string;
  /** A row id of the world's plants; `null` for a sound world. */
  readonly plant: string | null;
  /** Who bears it may do everything in the clusters. */
  readonly clusterToken: string;
  /** Starts the program of a pod whose Job is ours; absent: nothing runs in any pod. */
  readonly startContainer?: StartContainer;
};

export type Lab = {
  readonly profile: Profile;
  readonly regions: Readonly<Record<string, { readonly url: string; readonly pods: number }>>;
  /** The lab's part of `world.json`. */
  readonly file: Omit<WorldFile, 'world' | 'profile' | 'factor' | 'seed' | 'aggregator' | 'evidence'>;
  /** What the programs that run in it are told, as in production. */
  readonly posts: Posts;
  stop(): Promise<void>;
};

type Posts = {
  readonly scenario: string;
  readonly caFile: string;
  readonly kubeconfig: string;
  readonly route53Endpoint: string;
  readonly vantages: readonly { readonly vantage: string; readonly resolver: string; readonly sourceAddress: string }[];
};

type Deps = { readonly clock: Clock; readonly log: Log };

/** Resolves when everything listens. What was opened before a failure is closed again. */
export async function startLab(options: LabOptions, deps: Deps): Promise<Lab> {
  const open = closers();
  try {
    return await putUp(options, deps, open);
  } catch (error) {
    await open.close();
    throw error;
  }
}

async function putUp(options: LabOptions, deps: Deps, open: Closers): Promise<Lab> {
  const { world, profile, outDir, plant, seed, clusterToken } = options;
  const plan = world.lab(profile);
  const at = await bindings(plan);
  const planted = plant === null ? undefined : world.plants[plant];
  const chance = (part: string): Random => seededRandom((seed ^ hashOf(part)) >>> 0);
  const files = filesIn(outDir);
  const plants = planted === undefined ? [] : [planted];
  const site: Site = {
    plan,
    profile,
    plants,
    at: at.bindings,
    chance,
    truth: truthFile(files.truth, deps.clock),
    open,
    startContainer: options.startContainer ?? null,
    ...deps,
  };

  const authority = await certificateAuthority(deps.clock);
  const clusters = await startClusters(site, authority, clusterToken);
  const pods = servingPods(plan, clusters);
  const { doors, ledgers } = await startDoors(site, authority, pods, join(outDir, 'stores'));
  const { resolvers, nameServers, route53Endpoint } = await labNames(site, at.dnsPort);
  const boards = { doors, ledgers, nameServers };
  const switchboards = await startSwitchboards(site, boards, { token: clusterToken, file: files.switchboardToken });
  open.add(watchServed({ resolvers, pods, hostnames: [plan.names.entry, plan.names.standby], truth: site.truth }));
  startUsers(site, resolvers, authority.caPem);

  writeFileSync(files.caFile, authority.caPem);
  writeFileSync(files.kubeconfig, kubeconfig(Object.values(clusters), authority.caPem, clusterToken), { mode: 0o600 });
  writeFileSync(files.scenario, `${JSON.stringify({ ...world.scenario(site.at, profile), switchboards }, null, 2)}\n`);
  const urlOf = (region: string): string => doors[region]?.url ?? '';
  const resolverOf = (region: string): string =>
    formatHostPort({ host: resolvers[region]?.address ?? '', port: at.dnsPort });
  return {
    profile,
    regions: mapRegions(plan, (region) => ({ url: urlOf(region), pods: pods[region]?.pods().length ?? 0 })),
    file: {
      ...files,
      route53: { endpoint: route53Endpoint, hostedZoneId: site.at.hostedZoneId, region: 'us-east-1' },
      names: plan.names,
      nameservers: site.at.nameservers,
      resolvers: mapRegions(plan, resolverOf),
      regions: mapRegions(plan, (region) => worldRegion(region, urlOf(region), site)),
      geography: plan.places,
    },
    posts: {
      ...files,
      route53Endpoint,
      vantages: Object.keys(plan.regions).map((vantage, index) => ({
        vantage,
        resolver: resolverOf(vantage),
        sourceAddress: `127.${index + 1}.0.10`,
      })),
    },
    stop: () => open.close(),
  };
}

/** Ports that are free now: one for all doors, one for all that answers DNS. */
async function bindings(plan: LabPlan): Promise<{ readonly bindings: Bindings; readonly dnsPort: number }> {
  const regions = Object.keys(plan.regions);
  const addresses = Object.fromEntries(regions.map((region, index) => [region, `127.${index + 1}.0.1`]));
  const doorPort = await sharedPort(Object.values(addresses));
  const dnsPort = await sharedPort([...nameserverAddresses, ...regions.map((_, index) => resolverAddress(index))], {
    udp: true,
  });
  const nameservers = nameserverAddresses.map((host) => formatHostPort({ host, port: dnsPort }));
  return { bindings: { doorPort, addresses, hostedZoneId: 'Z0BLACKSTART', nameservers }, dnsPort };
}

function filesIn(outDir: string) {
  mkdirSync(join(outDir, 'stores'), { recursive: true });
  const file = (name: string): string => join(outDir, name);
  return {
    truth: file('truth.jsonl'),
    caFile: file('ca.pem'),
    kubeconfig: file('kubeconfig'),
    scenario: file('scenario.json'),
    switchboardToken: file('switchboard-token'),
  };
}

function mapRegions<T>(plan: LabPlan, value: (region: string) => T): Record<string, T> {
  return Object.fromEntries(Object.keys(plan.regions).map((region) => [region, value(region)]));
}

function worldRegion(region: string, url: string, { plan, at }: Site): WorldFile['regions'][string] {
  const pages = { inventoryUrl: `${url}/inventory`, metricsUrl: `${url}/metrics`, logUrl: `${url}/residency-log` };
  const workloads = Object.keys(plan.regions[region]?.workloads ?? {});
  return { url, address: at.addresses[region] ?? '', ...pages, context: region, namespace, workloads };
}
