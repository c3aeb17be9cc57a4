/** Questions and answers as packets. What comes in is hostile until read; nothing here throws on it. */
import dnsPacket, { type Answer as WireAnswer } from 'dns-packet';
import { type ClientSubnet, clientSubnetCode, readClientSubnet, writeClientSubnet } from './client-subnet.ts';

export const rcodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
export type Rcode = keyof typeof rcodes;

export type Query = {
  readonly id: number;
  /** As asked, capitals included: an answer repeats it so. */
  readonly name: string;
  readonly type: string;
  readonly recursionDesired: boolean;
  /** What the asker takes over UDP. */
  readonly payloadBytes: number;
  readonly edns: { readonly nsid: boolean; readonly subnet: ClientSubnet | null } | null;
};

export type Reply = {
  readonly rcode: Rcode;
  readonly authoritative: boolean;
  readonly recursionAvailable: boolean;
  readonly answers: readonly WireAnswer[];
  readonly authorities: readonly WireAnswer[];
  /** How long a prefix the answer holds for; used where the query had a client subnet. */
  readonly scopeLength: number;
  /** Who answers, told where the query asks. */
  readonly nsid: string;
};

export type Incoming =
  | { readonly kind: 'query'; readonly query: Query }
  /** Not a question that can be answered: this goes back as it is. */
  | { readonly kind: 'error'; readonly reply: Buffer }
  /** Not even that: an answer, or too short to have a header. */
  | { readonly kind: 'noise' };

const headerBytes = 12;
/** No honest question is longer; reading longer ones costs time. */
const longestQueryBytes = 1_232;
const smallestPayloadBytes = 512;
const largestPayloadBytes = 1_232;
const badVersion = 1;
const nsidCode = 3;
const flagBits = { QR: 0x8000, AA: 0x0400, TC: 0x0200, RD: 0x0100, RA: 0x0080 } as const;

type RawOption = { readonly code: number; readonly data?: Buffer };
type Opt = { readonly udpPayloadSize: number; readonly ednsVersion: number; readonly options: readonly RawOption[] };

export function readQuery(packet: Buffer): Incoming {
  if (packet.length < headerBytes || (packet.readUInt16BE(2) & flagBits.QR) !== 0) return { kind: 'noise' };
  if (((packet.readUInt16BE(2) >> 11) & 0xf) !== 0) return error(packet, 'NOTIMP');
  if (packet.length > longestQueryBytes || packet.readUInt16BE(4) !== 1) return error(packet, 'FORMERR');
  try {
    return readDecoded(packet, dnsPacket.decode(packet));
  } catch {
    return error(packet, 'FORMERR');
  }
}

function readDecoded(packet: Buffer, decoded: dnsPacket.DecodedPacket): Incoming {
  const question = decoded.questions?.[0];
  const opts = (decoded.additionals ?? []).filter(({ type }) => type === 'OPT') as unknown as readonly Opt[];
  const opt = opts[0];
  if (question === undefined || opts.length > 1) return error(packet, 'FORMERR');
  // dns-packet reads names as UTF-8 with dots: what does not survive that could not be repeated truly.
  if (question.class !== 'IN' || !isPlain(question.name)) return error(packet, 'REFUSED');
  if (opt !== undefined && opt.ednsVersion !== 0) return { kind: 'error', reply: versionReply(packet) };
  const subnetOption = opt?.options.find(({ code }) => code === clientSubnetCode);
  const subnet = subnetOption === undefined ? null : readClientSubnet(subnetOption.data ?? Buffer.alloc(0));
  if (subnet === undefined) return error(packet, 'FORMERR');
  const nsid = opt?.options.some(({ code }) => code === nsidCode) ?? false;
  const payload = Math.min(Math.max(opt?.udpPayloadSize ?? 0, smallestPayloadBytes), largestPayloadBytes);
  const query: Query = {
    id: packet.readUInt16BE(0),
    name: question.name,
    type: question.type,
    recursionDesired: decoded.flag_rd,
    payloadBytes: payload,
    edns: opt === undefined ? null : { nsid, subnet },
  };
  return { kind: 'query', query };
}

/** The answer as a packet; one longer than `limitBytes` is sent empty, marked as truncated. */
export function writeReply(query: Query, reply: Reply, limitBytes: number): Buffer {
  const whole = encode(query, reply, 0);
  if (whole.length <= limitBytes) return whole;
  return encode(query, { ...reply, answers: [], authorities: [] }, flagBits.TC);
}

function encode(query: Query, reply: Reply, extraFlags: number): Buffer {
  const flags =
    extraFlags |
    rcodes[reply.rcode] |
    (reply.authoritative ? flagBits.AA : 0) |
    (reply.recursionAvailable ? flagBits.RA : 0) |
    (query.recursionDesired ? flagBits.RD : 0);
  return dnsPacket.encode({
    type: 'response',
    id: query.id,
    flags,
    questions: [{ name: query.name, type: query.type as dnsPacket.RecordType, class: 'IN' }],
    answers: [...reply.answers],
    authorities: [...reply.authorities],
    additionals: query.edns === null ? [] : [optOf(query.edns, reply)],
  });
}

function optOf(edns: NonNullable<Query['edns']>, { scopeLength, nsid }: Reply): WireAnswer {
  const options: RawOption[] = [];
  if (edns.subnet !== null) {
    options.push({ code: clientSubnetCode, data: writeClientSubnet(edns.subnet, scopeLength) });
  }
  if (edns.nsid) options.push({ code: nsidCode, data: Buffer.from(nsid) });
  return optRecord(options);
}

/** An OPT record; the types of dns-packet know neither numbers for options nor that the rest may be left out. */
export function optRecord(options: readonly RawOption[]): WireAnswer {
  const record = { type: 'OPT', name: '.', udpPayloadSize: largestPayloadBytes, flags: 0, options };
  return record as unknown as WireAnswer;
}

/** A reply that says no more than the code: for a packet that has a header. */
export function bareReply(packet: Buffer, rcode: Rcode): Buffer {
  return header(packet, rcodes[rcode]);
}

function error(packet: Buffer, rcode: Rcode): Incoming {
  return { kind: 'error', reply: bareReply(packet, rcode) };
}

/** A header alone, with the id and what the asker wanted: what can be said about a packet that cannot be read. */
function header(packet: Buffer, rcode: number): Buffer {
  const reply = Buffer.alloc(headerBytes);
  packet.copy(reply, 0, 0, 2);
  reply.writeUInt16BE(flagBits.QR | (packet.readUInt16BE(2) & 0x7900) | rcode, 2);
  return reply;
}

function versionReply(packet: Buffer): Buffer {
  const reply = Buffer.concat([header(packet, 0), Buffer.from([0, 0, 41, 4, 208, badVersion, 0, 0, 0, 0, 0])]);
  reply.writeUInt16BE(1, 10);
  return reply;
}

function isPlain(name: string): boolean {
  return name === '.' || name.split('.').every((label) => /^[\x21-\x7e]{1,63}$/.test(label));
}
