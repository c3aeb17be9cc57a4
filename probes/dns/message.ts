/** DNS questions and answers on the wire, and what an answer says. No sockets here. */
import { isIP } from 'node:net';
import {
  type Answer,
  AUTHENTIC_DATA,
  type DecodedPacket,
  decode,
  encode,
  type Packet,
  type PacketOpt,
  RECURSION_DESIRED,
} from 'dns-packet';

export type AddressType = 'A' | 'AAAA';
export type DnsQuestion = {
  readonly name: string;
  readonly type: AddressType;
  /** EDNS client subnet to send, `198.51.100.0/24`; `null` for none. */
  readonly subnet: string | null;
};

/** What a server answered; a refusal (`rcode`) is an answer too. */
export type DnsAnswer = {
  readonly rcode: string;
  /** Of the type asked, in the order of the answer, at the end of its chain of aliases. */
  readonly addresses: readonly string[];
  /** The smallest along the chain; `null` without an address. */
  readonly ttlSeconds: number | null;
  /** EDNS client subnet's scope; `null` where the answer has none. */
  readonly scopeLength: number | null;
};

export type Read =
  | { readonly read: 'answer'; readonly answer: DnsAnswer }
  /** Ask again over TCP. */
  | { readonly read: 'truncated' }
  /** Not an answer to this question: whoever sent it, go on waiting. */
  | { readonly read: 'stranger' }
  | { readonly read: 'garbled'; readonly reason: string };

/** Fits every path without fragments (DNS flag day 2020). */
const udpPayloadBytes = 1_232;
const maxAliases = 16;
const maxAddresses = 64;
const truncatedFlag = 1 << 9;

/** Only what can be put on the wire: labels of 1 to 63 letters, digits, hyphens or underscores; 253 in all. */
export function isHostname(name: string): boolean {
  const bare = name.endsWith('.') ? name.slice(0, -1) : name;
  return bare.length <= 253 && bare.split('.').every((label) => /^[A-Za-z0-9_-]{1,63}$/.test(label));
}

export function encodeQuestion(question: DnsQuestion, id: number): Buffer {
  const subnet = question.subnet === null ? undefined : parseSubnet(question.subnet);
  const options: PacketOpt[] = subnet === undefined ? [] : [subnetOption(subnet)];
  const packet: Packet = {
    type: 'query',
    id,
    flags: RECURSION_DESIRED | AUTHENTIC_DATA,
    questions: [{ type: question.type, name: question.name, class: 'IN' }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: udpPayloadBytes,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options,
      },
    ],
  };
  const message = encode(packet);
  if (subnet !== undefined) maskLastByte(message, subnet.prefixLength);
  return message;
}

/** Reads what came back for this question and id. */
export function readAnswer(bytes: Buffer, question: DnsQuestion, id: number): Read {
  if (bytes.length < 12 || bytes.readUInt16BE(0) !== id || (bytes.readUInt16BE(2) & 0x8000) === 0) {
    return { read: 'stranger' };
  }
  // Before the decoding: what was cut off need not decode.
  if ((bytes.readUInt16BE(2) & truncatedFlag) !== 0) return { read: 'truncated' };
  let packet: DecodedPacket;
  try {
    packet = decode(bytes);
  } catch (error) {
    return { read: 'garbled', reason: error instanceof Error ? error.message : String(error) };
  }
  return answersQuestion(packet, question)
    ? { read: 'answer', answer: answerOf(packet, question) }
    : { read: 'stranger' };
}

/** A server that could not read the question may send back none; all others must repeat it. */
function answersQuestion(packet: DecodedPacket, question: DnsQuestion): boolean {
  const [asked, ...more] = packet.questions ?? [];
  if (asked === undefined) return rcodeOf(packet) !== 'NOERROR';
  return (
    more.length === 0 &&
    asked.type === question.type &&
    (asked.class ?? 'IN') === 'IN' &&
    canonical(asked.name) === canonical(question.name)
  );
}

function answerOf(packet: DecodedPacket, question: DnsQuestion): DnsAnswer {
  const { addresses, ttlSeconds } = follow(packet.answers ?? [], question);
  return { rcode: rcodeOf(packet), addresses, ttlSeconds, scopeLength: scopeOf(packet.additionals ?? []) };
}

/** Follows the aliases inside one answer: no further question is asked. */
function follow(
  answers: readonly Answer[],
  question: DnsQuestion,
): { readonly addresses: readonly string[]; readonly ttlSeconds: number | null } {
  let name = canonical(question.name);
  let ttlSeconds = Number.POSITIVE_INFINITY;
  for (let steps = 0; steps <= maxAliases; steps += 1) {
    const addresses: string[] = [];
    let alias: string | undefined;
    for (const answer of answers) {
      if (answer.type === 'OPT' || canonical(answer.name) !== name) continue;
      if (answer.type === question.type && addresses.length < maxAddresses) {
        addresses.push(answer.data as string);
        ttlSeconds = Math.min(ttlSeconds, ttlOf(answer));
      } else if (answer.type === 'CNAME' && alias === undefined) {
        alias = canonical(answer.data);
        ttlSeconds = Math.min(ttlSeconds, ttlOf(answer));
      }
    }
    if (addresses.length > 0) return { addresses, ttlSeconds };
    if (alias === undefined) break;
    name = alias;
  }
  return { addresses: [], ttlSeconds: null };
}

/** RFC 2181 §8: a TTL with its top bit set counts as zero. */
function ttlOf(answer: Answer): number {
  const ttl = 'ttl' in answer ? (answer.ttl ?? 0) : 0;
  return ttl > 0x7fff_ffff ? 0 : ttl;
}

function scopeOf(additionals: readonly Answer[]): number | null {
  for (const record of additionals) {
    if (record.type !== 'OPT') continue;
    for (const option of record.options) {
      if ('scopePrefixLength' in option && option.scopePrefixLength !== undefined) return option.scopePrefixLength;
    }
  }
  return null;
}

/** dns-packet decodes the code, its types do not say so. */
function rcodeOf(packet: DecodedPacket): string {
  return (packet as DecodedPacket & { readonly rcode: string }).rcode;
}

function canonical(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}

type Subnet = { readonly address: string; readonly prefixLength: number };

/** `198.51.100.0/24` or `2001:db8::/56`; `undefined` for anything else. */
export function parseSubnet(text: string): Subnet | undefined {
  const match = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text);
  const address = match?.[1] ?? '';
  const prefixLength = Number(match?.[2]);
  const family = isIP(address);
  return family === 0 || prefixLength > (family === 4 ? 32 : 128) ? undefined : { address, prefixLength };
}

function subnetOption({ address, prefixLength }: Subnet): PacketOpt {
  const family = isIP(address) === 4 ? 1 : 2;
  return { code: 8, family, ip: address, sourcePrefixLength: prefixLength, scopePrefixLength: 0 };
}

/** dns-packet sends whole bytes of the address; bits behind the prefix have to be zero (RFC 7871 §6). */
function maskLastByte(message: Buffer, prefixLength: number): void {
  const kept = prefixLength % 8;
  // The option comes last in the message, and its address last in the option.
  const last = message.length - 1;
  if (kept !== 0) message[last] = (message[last] ?? 0) & (0xff << (8 - kept)) & 0xff;
}
