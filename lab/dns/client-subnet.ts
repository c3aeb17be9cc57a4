/** EDNS client subnet (RFC 7871), as it is on the wire. */
import { cut, formatAddress, type Network } from './network.ts';

export const clientSubnetCode = 8;

/** `network` is `null` where the asker wants none to be used (a prefix of 0). */
export type ClientSubnet = { readonly family: number; readonly sourceLength: number; readonly network: Network | null };

/** What an option in a query says; `undefined` where it is malformed, which has to be answered with FORMERR. */
export function readClientSubnet(data: Buffer): ClientSubnet | undefined {
  if (data.length < 4) return undefined;
  const family = data.readUInt16BE(0);
  const sourceLength = data.readUInt8(2);
  const scopeLength = data.readUInt8(3);
  const size = family === 1 ? 4 : family === 2 ? 16 : 0;
  const addressLength = Math.ceil(sourceLength / 8);
  if (scopeLength !== 0 || sourceLength > size * 8 || data.length !== 4 + addressLength) return undefined;
  if (sourceLength === 0) return { family, sourceLength, network: null };
  const bytes = new Uint8Array(size);
  bytes.set(data.subarray(4));
  const network = { bytes, prefixLength: sourceLength };
  const clean = cut(network, sourceLength);
  // Bits beyond the prefix have to be 0: anything else is a mistake of the sender.
  return clean.bytes.every((byte, index) => byte === bytes[index]) ? { family, sourceLength, network } : undefined;
}

/** The option as it goes into an answer (with a scope) or a query (with scope 0). */
export function writeClientSubnet({ family, sourceLength, network }: ClientSubnet, scopeLength: number): Buffer {
  const head = Buffer.from([family >> 8, family & 0xff, sourceLength, scopeLength]);
  const address = network === null ? [] : network.bytes.subarray(0, Math.ceil(sourceLength / 8));
  return Buffer.concat([head, Uint8Array.from(address)]);
}

export function clientSubnetOf(network: Network): ClientSubnet {
  return { family: network.bytes.length === 4 ? 1 : 2, sourceLength: network.prefixLength, network };
}

/** `198.51.100.0/24`, for those who look places up; `null` where the client must not be located by it. */
export function subnetText({ network }: ClientSubnet): string | null {
  return network === null ? null : `${formatAddress(network.bytes)}/${network.prefixLength}`;
}
