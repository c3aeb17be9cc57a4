/** Where addresses are: a table, because the lab's whole world is on one machine. */
import type { Place } from '../../scenarios/scenario.ts';
import type { ClientLocation, Continent } from '../../zone/records.ts';
import { covers, type Network, parseNetwork } from './network.ts';

export type Locate = (addressOrSubnet: string) => ClientLocation;

const continents: ReadonlySet<string> = new Set<Continent>(['AF', 'AN', 'AS', 'EU', 'NA', 'OC', 'SA']);
const nowhere: ClientLocation = { continent: null, country: null, subdivision: null, latencyMs: {} };

/**
 * Tells the place of an address or subnet. `prefixes` leads further networks to places by name, the loopback ones of
 * the regions among them: `{ '127.1.0.0/16': 'new-york' }`, or shorter `{ '127.1': 'new-york' }`. What is in no table
 * is nowhere: the default location answers it.
 */
export function geography(
  places: Readonly<Record<string, Place>>,
  prefixes: Readonly<Record<string, string>> = {},
  latencyMs: Readonly<Record<string, Readonly<Record<string, number>>>> = {},
): Locate {
  const locations = new Map(
    Object.entries(places).map(([name, place]) => [name, locationOf(place, latencyMs[name] ?? {})]),
  );
  const table = [
    ...Object.entries(places).map(([name, { subnet }]) => ({ network: networkOf(subnet), place: name })),
    ...Object.entries(prefixes).map(([prefix, place]) => ({ network: networkOf(prefix), place })),
  ].sort((a, b) => b.network.prefixLength - a.network.prefixLength);

  return (addressOrSubnet) => {
    const asked = parseNetwork(addressOrSubnet);
    const row = asked === undefined ? undefined : table.find(({ network }) => covers(network, asked));
    return (row === undefined ? undefined : locations.get(row.place)) ?? nowhere;
  };
}

function locationOf({ country, continent }: Place, latencyMs: Readonly<Record<string, number>>): ClientLocation {
  return { continent: isContinent(continent) ? continent : null, country, subdivision: null, latencyMs };
}

function isContinent(text: string): text is Continent {
  return continents.has(text);
}

/** A CIDR, or the first numbers of an IPv4 address: `127.1` is `127.1.0.0/16`. */
function networkOf(prefix: string): Network {
  const numbers = prefix.replace(/\.$/, '').split('.');
  const spelled =
    prefix.includes('/') || prefix.includes(':') || numbers.length > 3
      ? prefix
      : `${[...numbers, '0', '0', '0'].slice(0, 4).join('.')}/${numbers.length * 8}`;
  const network = parseNetwork(spelled);
  if (network === undefined) throw new Error(`geography: got prefix ${prefix}, want a network such as 127.1.0.0/16`);
  return network;
}
