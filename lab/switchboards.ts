/** A switchboard for each region of a world: its door, its health route, its ways to its peers, and the zone's name servers. */
import { writeFileSync } from 'node:fs';
import { formatHostPort } from '../contract/address.ts';
import type { SwitchboardsSource } from '../scenarios/faults.ts';
import type { NameServers } from './dns/authority.ts';
import { nameserverAddresses } from './names.ts';
import type { LedgerNet } from './region/ledger.ts';
import type { RunningRegion } from './region/region.ts';
import type { Site } from './site.ts';
import type { Subject } from './switchboard/board.ts';
import { labSwitchboard } from './switchboard/server.ts';
import { doorSubject, healthSubject, presenceSubject } from './switchboard/subjects.ts';

export type Switched = {
  readonly doors: Readonly<Record<string, RunningRegion>>;
  readonly ledgers: LedgerNet;
  readonly nameServers: NameServers;
};

/** Resolves to what the scenario says of them. The token goes to a file, where the scenario points. */
export async function startSwitchboards(
  { at, open, clock }: Pick<Site, 'at' | 'open' | 'clock'>,
  what: Switched,
  secret: { readonly token: string; readonly file: string },
): Promise<SwitchboardsSource<string>> {
  const { token, file } = secret;
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  const regions = Object.keys(what.doors);
  const named: Record<string, { readonly url: string; readonly token: { readonly file: string } }> = {};
  for (const [index, region] of regions.entries()) {
    const subjects = subjectsOf(region, what, at.nameservers);
    const options = { host: `127.${index + 1}.0.7`, region, token, subjects };
    const { url } = open.add(await labSwitchboard(options, clock));
    named[region] = { url, token: { file } };
  }
  return named;
}

/** Any region's switchboard reaches all name servers: they are the zone's. */
function subjectsOf(
  region: string,
  { doors, ledgers, nameServers }: Switched,
  servers: readonly string[],
): Readonly<Record<string, Subject>> {
  const door = doors[region];
  const others = Object.keys(doors).filter((other) => other !== region);
  return Object.fromEntries([
    ['door', doorSubject((trouble) => door?.trouble(trouble))],
    ['health-route', healthSubject((status) => door?.healthStatus(status))],
    ...others.map((peer) => [`peers/${peer}`, presenceSubject('reachable', (is) => ledgers.reaches(region, peer, is))]),
    ...nameserverAddresses
      .map((host) => ({ host, port: nameServers.port }))
      .filter((address) => servers.includes(formatHostPort(address)))
      .map((address) => [
        `name-server/${formatHostPort(address)}`,
        presenceSubject('answers', (is) => nameServers.answers(address.host, is)),
      ]),
  ]) as Record<string, Subject>;
}
