/**
 * Real name servers on loopback: an authoritative one that asks the doors how they are and leads to the first that is
 * well, and a recursor that caches its answers. No packet leaves the machine.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostPort } from '../../../contract/address.ts';
import { until } from '../../lab/waiting.ts';
import { addressOf } from './lookup.ts';
import { freePorts, type Server, startServer } from './processes.ts';

export type PowerDns = { readonly recursor: HostPort; stop(): Promise<void> };

export type DnsWish = {
  readonly dir: string;
  /** A name below `test`. */
  readonly host: string;
  readonly ttlSeconds: number;
  readonly checkEverySeconds: number;
  readonly doorPort: number;
  /** The first address as long as its door answers 200, else the second. */
  readonly addresses: readonly [string, string];
};

const startLimitMs = 20_000;

export async function powerDns(wish: DnsWish): Promise<PowerDns> {
  const { dir, host, addresses } = wish;
  const [authority = 0, recursor = 0] = await freePorts(2);
  const authorityDir = folder(dir, 'authority', {
    'pdns.conf': authorityConfig(join(dir, 'authority'), authority, wish.checkEverySeconds),
    'named.conf': `zone "${host}" { type master; file "${join(dir, 'authority', 'zone')}"; };\n`,
    zone: zoneOf(wish),
  });
  const recursorDir = folder(dir, 'recursor', {
    'recursor.conf': recursorConfig(join(dir, 'recursor'), recursor, authority),
  });
  const servers = [
    startServer('pdns_server', ['pdns_server', `--config-dir=${authorityDir}`], join(dir, 'authority.log')),
    startServer('pdns_recursor', ['pdns_recursor', `--config-dir=${recursorDir}`], join(dir, 'recursor.log')),
  ];
  const at = { host: '127.0.0.1', port: recursor };
  const stop = async (): Promise<void> => void (await Promise.all(servers.map((server) => server.stop())));
  try {
    await settled(at, host, addresses[0], servers);
  } catch (error) {
    await stop();
    throw error;
  }
  return { recursor: at, stop };
}

/** Until its first check is done it answers at random: many times in a row is the answer that it has come to. */
async function settled(at: HostPort, host: string, address: string, servers: readonly Server[]): Promise<void> {
  let inARow = 0;
  await until(startLimitMs, `${host} to lead to ${address}`, async () => {
    for (const server of servers) if (server.death() !== null) throw new Error(server.death() ?? '');
    inARow = (await addressOf(host, at)) === address ? inARow + 1 : 0;
    return inARow >= 30 ? true : undefined;
  });
}

function folder(dir: string, name: string, files: Readonly<Record<string, string>>): string {
  const path = join(dir, name);
  mkdirSync(path, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}

function zoneOf({ host, ttlSeconds, doorPort, addresses: [first, second] }: DnsWish): string {
  const check = `ifurlup('http://${host}:${doorPort}/health', {{'${first}'}, {'${second}'}})`;
  return [
    `$ORIGIN ${host}.`,
    '$TTL 60',
    `@ IN SOA ns.${host}. hostmaster.${host}. 1 60 60 600 1`,
    `@ IN NS ns.${host}.`,
    'ns IN A 127.0.0.1',
    `@ ${ttlSeconds} IN LUA A "${check}"`,
    '',
  ].join('\n');
}

function authorityConfig(dir: string, port: number, checkEverySeconds: number): string {
  return lines({
    launch: 'bind',
    'bind-config': join(dir, 'named.conf'),
    'local-address': '127.0.0.1',
    'local-port': port,
    'socket-dir': dir,
    'write-pid': 'no',
    'enable-lua-records': 'yes',
    'lua-health-checks-interval': checkEverySeconds,
    'cache-ttl': 0,
    'query-cache-ttl': 0,
    'negquery-cache-ttl': 0,
    'zone-cache-refresh-interval': 0,
    // Else it asks a name out in the world whether it is safe.
    'security-poll-suffix': '',
    loglevel: 4,
  });
}

function recursorConfig(dir: string, port: number, authority: number): string {
  return lines({
    'local-address': '127.0.0.1',
    'local-port': port,
    'query-local-address': '127.0.0.1',
    'forward-zones': `.=127.0.0.1:${authority}`,
    'dont-query': '',
    'socket-dir': dir,
    'write-pid': 'no',
    daemon: 'no',
    dnssec: 'off',
    'hint-file': 'no',
    'security-poll-suffix': '',
    threads: 1,
    'pdns-distributes-queries': 'no',
    // Every client sees its one cached answer end at the same moment.
    'disable-packetcache': 'yes',
    quiet: 'yes',
    loglevel: 3,
  });
}

function lines(settings: Readonly<Record<string, string | number>>): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
