/** A DNS client for tests: one packet there, one back. */
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import dnsPacket, { type Answer, type DecodedPacket } from 'dns-packet';
import type { NameServersOptions } from '../../lab/dns/authority.ts';
import { clientSubnetCode, clientSubnetOf, writeClientSubnet } from '../../lab/dns/client-subnet.ts';
import { optRecord } from '../../lab/dns/message.ts';
import { parseNetwork } from '../../lab/dns/network.ts';
import type { HealthSource, Publisher } from '../../lab/dns/view.ts';
import type { Zone } from '../../zone/records.ts';

export type Got = {
  readonly packet: DecodedPacket;
  readonly rcode: number;
  readonly addresses: readonly string[];
  readonly ttl: number | undefined;
  /** Source and scope prefix lengths of the client subnet in the answer. */
  readonly subnet: readonly [number, number] | undefined;
  readonly nsid: string | undefined;
};
export type Options = {
  readonly type?: string;
  readonly subnet?: string;
  readonly edns?: boolean;
  readonly nsid?: boolean;
};

export function queryFor(name: string, { type = 'A', subnet, edns, nsid }: Options = {}): Buffer {
  const network = subnet === undefined ? undefined : parseNetwork(subnet);
  const options = [
    ...(network === undefined ? [] : [{ code: clientSubnetCode, data: writeClientSubnet(clientSubnetOf(network), 0) }]),
    ...(nsid ? [{ code: 3, data: Buffer.alloc(0) }] : []),
  ];
  return dnsPacket.encode({
    type: 'query',
    id: 4_711,
    flags: dnsPacket.RECURSION_DESIRED,
    questions: [{ name, type: type as dnsPacket.RecordType }],
    additionals: edns || options.length > 0 ? [optRecord(options)] : [],
  });
}

export async function ask(address: string, port: number, name: string, options: Options = {}): Promise<Got> {
  return gotFrom(await overUdp(address, port, queryFor(name, options)));
}

export async function askTcp(address: string, port: number, name: string, options: Options = {}): Promise<Got> {
  return gotFrom(await overTcp(address, port, queryFor(name, options)));
}

export function overUdp(address: string, port: number, packet: Buffer): Promise<Buffer> {
  const socket = createSocket('udp4');
  return new Promise<Buffer>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (reply) => resolve(reply));
    socket.send(packet, port, address);
  }).finally(() => socket.close());
}

export function overTcp(address: string, port: number, packet: Buffer): Promise<Buffer> {
  const socket = connect(port, address);
  return new Promise<Buffer>((resolve, reject) => {
    let held = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed')));
    socket.on('data', (chunk) => {
      held = Buffer.concat([held, chunk]);
      if (held.length > 2 && held.length >= 2 + held.readUInt16BE(0)) resolve(held.subarray(2));
    });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(packet.length);
    socket.write(Buffer.concat([length, packet]));
  }).finally(() => socket.destroy());
}

export function gotFrom(reply: Buffer): Got {
  const packet = dnsPacket.decode(reply);
  const addresses = (packet.answers ?? []).flatMap((one) => (one.type === 'A' ? [one.data] : []));
  const first = packet.answers?.[0];
  const data = (code: number): Buffer | undefined =>
    optionsOf(packet.additionals ?? []).find((one) => one.code === code)?.data;
  const subnet = data(clientSubnetCode);
  return {
    packet,
    rcode: reply.readUInt16BE(2) & 0xf,
    addresses,
    ttl: first !== undefined && 'ttl' in first ? first.ttl : undefined,
    subnet: subnet === undefined ? undefined : [subnet.readUInt8(2), subnet.readUInt8(3)],
    nsid: data(3)?.toString(),
  };
}

function optionsOf(additionals: readonly Answer[]): readonly { code: number; data?: Buffer }[] {
  const opt = additionals.find(({ type }) => type === 'OPT') as
    | { options?: { code: number; data?: Buffer }[] }
    | undefined;
  return opt?.options ?? [];
}

/** A zone and a health that a test changes by hand. */
export function controlPlane(zone: Zone) {
  const sick = new Set<string>();
  const flips = new Set<(id: string, healthy: boolean) => void>();
  const servers = new Set<(zone: Zone, withinMs: number) => Promise<void>>();
  const health: HealthSource = {
    healthy: (id) => !sick.has(id),
    onFlip(listener) {
      flips.add(listener);
      return () => flips.delete(listener);
    },
  };
  const store: Publisher = {
    zone: () => zone,
    publishTo(apply) {
      servers.add(apply);
      return () => servers.delete(apply);
    },
  };
  return {
    health,
    store,
    set(id: string, healthy: boolean): void {
      if (healthy) sick.delete(id);
      else sick.add(id);
      for (const listener of flips) listener(id, healthy);
    },
    publish: async (next: Zone, withinMs: number): Promise<void> => {
      await Promise.all([...servers].map((apply) => apply(next, withinMs)));
    },
  };
}

export const places = {
  'new-york': { subnet: '198.51.100.0/24', country: 'US', continent: 'NA' },
  london: { subnet: '203.0.113.0/24', country: 'GB', continent: 'EU' },
  singapore: { subnet: '192.0.2.0/24', country: 'SG', continent: 'AS' },
} as const;

const regions: Readonly<Record<string, string>> = {
  '127.1.0.1': 'us-east-1',
  '127.2.0.1': 'eu-west-1',
  '127.3.0.1': 'ap-southeast-1',
};
export const regionOf: NameServersOptions['regionOf'] = (address) => regions[address] ?? null;
