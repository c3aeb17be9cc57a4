/** A service in two regions of a real cluster: its workloads, its doors, the name that leads to one of them. */
import type { HostPort } from '../../../contract/address.ts';
import { closers } from '../../../lab/closers.ts';
import { answerTo, dnsServer } from '../../fakes/dns-server.ts';
import { giveAccess } from './access.ts';
import type { RealCluster } from './cluster.ts';
import { openDoor } from './door.ts';
import type { Endpoints } from './endpoints.ts';
import { makeNamespace, makeService, makeWorkload, untilReady, type WorkloadWish } from './objects.ts';
import { freePorts } from './processes.ts';
import { type Remains, remainsIn, wantedIn } from './remains.ts';

export const regions = ['north', 'south'] as const;
export type Region = (typeof regions)[number];

export type Service = {
  readonly entryHost: string;
  readonly doors: Readonly<Record<Region, HostPort>>;
  readonly namespaces: Readonly<Record<Region, string>>;
  /** Leads the entry's name to the first region that has ready endpoints. */
  readonly resolver: HostPort;
  remains(): Promise<Readonly<Record<Region, Remains>>>;
  /** The replicas that the north's workloads are to have. */
  wanted(): Promise<string>;
  isUp(region: Region): boolean;
  close(): Promise<void>;
};

/** What a drill takes away in the north, and what the south carries on with. */
export const workloads: Readonly<Record<Region, readonly WorkloadWish[]>> = {
  north: [
    { kind: 'deployment', name: 'shop', replicas: 3 },
    { kind: 'statefulset', name: 'ledger', replicas: 2 },
  ],
  south: [
    { kind: 'deployment', name: 'shop', replicas: 6 },
    { kind: 'statefulset', name: 'ledger', replicas: 4 },
  ],
};

export type ServiceWish = {
  /** Tells services of one cluster apart, and their loopback addresses: 1 to 250. */
  readonly number: number;
  /** A verb that the runner's rights lack in the north. */
  readonly without?: string;
};

export async function shopIn(
  cluster: RealCluster,
  endpoints: Endpoints,
  { number, without }: ServiceWish,
): Promise<Service> {
  const { admin } = cluster;
  const opened = closers();
  const namespaces = { north: `north-${number}`, south: `south-${number}` };
  const addresses = { north: `127.31.${number}.1`, south: `127.31.${number}.2` };
  const [port = 0] = await freePorts(1, addresses.north);
  const isUp = (region: Region): boolean => endpoints.ready(namespaces[region], 'shop') > 0;
  for (const region of regions) {
    const namespace = namespaces[region];
    await makeNamespace(admin, namespace);
    await makeService(admin, namespace, 'shop');
    for (const wish of workloads[region]) await makeWorkload(admin, namespace, wish);
    await giveAccess(admin, namespace, ['shop', 'ledger'], region === 'north' ? (without ?? null) : null);
    opened.add(await openDoor({ host: addresses[region], port }, region, () => isUp(region)));
  }
  for (const region of regions) for (const wish of workloads[region]) await untilReady(admin, namespaces[region], wish);
  const resolver = opened.add(
    await dnsServer((query) => {
      const data = isUp('north') ? addresses.north : addresses.south;
      const [question] = query.packet.questions ?? [];
      const answers = question?.type === 'A' ? [{ type: 'A' as const, name: question.name, ttl: 0, data }] : [];
      return answerTo(query, answers);
    }),
  );
  return {
    entryHost: `shop-${number}.test`,
    doors: { north: { host: addresses.north, port }, south: { host: addresses.south, port } },
    namespaces,
    resolver: resolver.at,
    remains: async () => ({
      north: await remainsIn(admin, namespaces.north),
      south: await remainsIn(admin, namespaces.south),
    }),
    wanted: () => wantedIn(admin, namespaces.north),
    isUp,
    close: opened.close,
  };
}
