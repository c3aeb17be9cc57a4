/** The names of a world: records, health checkers, name servers, a resolver per place, and the API that changes them. */
import { formatHostPort } from '../contract/address.ts';
import { checkers } from './checkers/checkers.ts';
import { type NameServers, nameServers } from './dns/authority.ts';
import { geography } from './dns/geography.ts';
import { type CachingResolver, cachingResolver } from './dns/resolver.ts';
import { checkerAddresses } from './network/distance.ts';
import { route53Api } from './route53/api.ts';
import { zoneStore } from './route53/store.ts';
import type { Site } from './site.ts';

export type LabNames = {
  readonly route53Endpoint: string;
  readonly nameServers: NameServers;
  /** Region to the resolver of its place. */
  readonly resolvers: Readonly<Record<string, CachingResolver>>;
};

/** The addresses of the zone's name servers. */
export const nameserverAddresses = ['127.0.0.53', '127.0.0.54', '127.0.0.55', '127.0.0.56'] as const;

export function resolverAddress(regionIndex: number): string {
  return `127.${regionIndex + 1}.0.53`;
}

export async function labNames(site: Site, dnsPort: number): Promise<LabNames> {
  const { plan, at, plants, chance, truth, open, clock, log } = site;
  const regionOf = (address: string): string | null =>
    Object.keys(at.addresses).find((region) => at.addresses[region] === address) ?? null;
  const planned = plan.zone(at);
  const records = plants.reduce(
    (sofar, plant) => (plant.kind === 'records' ? plant.change(sofar) : sofar),
    planned.records,
  );
  const nameservers = nameserverAddresses.map((address) => formatHostPort({ host: address, port: dnsPort }));
  const store = open.add(
    zoneStore(
      {
        zone: { id: at.hostedZoneId, name: `${plan.zoneName}.`, nameservers, records },
        healthChecks: planned.healthChecks,
      },
      { clock, random: chance('zone') },
    ),
  );
  const health = open.add(
    checkers(
      { checks: () => store.healthChecks(), changed: store.onHealthChecks, sourceAddresses: checkerAddresses },
      { clock, random: chance('checkers'), truth },
    ),
  );
  const regions = Object.keys(at.addresses);
  const prefixes = Object.fromEntries(
    regions.map((region, index) => [`127.${index + 1}`, plan.regions[region]?.place ?? '']),
  );
  const locate = geography(plan.places, prefixes);
  const servers = open.add(
    await nameServers(
      {
        addresses: nameserverAddresses,
        port: dnsPort,
        store,
        health,
        locate,
        regionOf,
        watchNames: Object.values(plan.names),
        places: plan.places,
      },
      { clock, random: chance('name servers'), truth },
    ),
  );
  const resolvers = await startResolvers(site, dnsPort, regionOf);
  const api = open.add(
    await route53Api(
      { listen: { host: '127.0.0.1', port: 0 }, store, checkers: health, locate },
      { clock, random: chance('route 53'), log },
    ),
  );
  return { route53Endpoint: api.url, nameServers: servers, resolvers };
}

/** One at each region's place, which it tells the name servers as public resolvers do. */
async function startResolvers(
  { plan, at, chance, truth, open, clock }: Site,
  port: number,
  regionOf: (address: string) => string | null,
): Promise<Readonly<Record<string, CachingResolver>>> {
  const servers = nameserverAddresses.map((host) => ({ host, port }));
  const resolvers: Record<string, CachingResolver> = {};
  for (const [index, region] of Object.keys(at.addresses).entries()) {
    const { place = '', raiseTtlTo = 0 } = plan.regions[region] ?? {};
    const subnet = plan.places[place]?.subnet ?? null;
    const options = { address: resolverAddress(index), port, servers, subnet, regionOf, raiseTtlTo };
    const random = chance(`resolver ${region}`);
    resolvers[region] = open.add(await cachingResolver(options, { clock, random, truth }));
  }
  return resolvers;
}
