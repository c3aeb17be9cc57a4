/** Everything that a drill on a real cluster takes, composed once for a test file. */
import { join } from 'node:path';
import type { HostPort } from '../../../contract/address.ts';
import { closers } from '../../../lab/closers.ts';
import { makeRunnerAccount } from './access.ts';
import { type RealCluster, realCluster } from './cluster.ts';
import { watchEndpoints } from './endpoints.ts';
import { type Kubelet, kubelet } from './kubelet.ts';
import { type OwnPrograms, ownPrograms } from './own-programs.ts';
import { type Post, type PostWish, startPost } from './post.ts';
import { scenarioOf } from './scenario.ts';
import { type Region, regions, type Service, type ServiceWish, shopIn } from './service.ts';

export type Shop = { readonly service: Service; readonly post: Post };

export type ShopWish = ServiceWish & {
  /** Merged into the scenario's drill. */
  readonly drill?: object;
  /** What leads to the doors, once they are open; by default the service's own. */
  readonly resolver?: (service: Service) => Promise<HostPort>;
  readonly post?: Partial<PostWish>;
};

export type World = {
  readonly cluster: RealCluster;
  readonly programs: OwnPrograms;
  readonly kubelet: Kubelet;
  /** A service of its own with a fleet that watches it, from both its regions. */
  shop(wish: ShopWish): Promise<Shop>;
  close(): Promise<void>;
};

export async function realWorld(): Promise<World> {
  const opened = closers();
  const stopping = <T extends { stop(): void | Promise<void> }>(part: T): T => {
    opened.add({ close: () => part.stop() });
    return part;
  };
  const cluster = stopping(await realCluster());
  try {
    const programs = stopping(ownPrograms(cluster.dir));
    await makeRunnerAccount(cluster.admin);
    const node = stopping(await kubelet(cluster, programs));
    const endpoints = stopping(await watchEndpoints(cluster.admin));
    return {
      cluster,
      programs,
      kubelet: node,
      async shop(wish) {
        const service = opened.add(await shopIn(cluster, endpoints, wish));
        const dir = join(cluster.dir, `post-${wish.number}`);
        const scenario = scenarioOf(service, wish.drill === undefined ? {} : { drill: wish.drill });
        const resolver = (await wish.resolver?.(service)) ?? service.resolver;
        const watching = { dir, scenario, resolver, vantages: regions, ...wish.post };
        const post = stopping(await startPost(cluster, programs, watching));
        return { service, post };
      },
      close: opened.close,
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** What of a region's is not as it was, by kind; empty when all is. */
export function differences(
  before: Awaited<ReturnType<Service['remains']>>,
  after: Awaited<ReturnType<Service['remains']>>,
): readonly string[] {
  const differs = (region: Region, kind: string): boolean =>
    JSON.stringify(before[region][kind]) !== JSON.stringify(after[region][kind]);
  return regions.flatMap((region) =>
    Object.keys(before[region])
      .filter((kind) => differs(region, kind))
      .map(
        (kind) =>
          `${region} ${kind}: ${after[region][kind]?.join(', ')} instead of ${before[region][kind]?.join(', ')}`,
      ),
  );
}
