/** Whole messages off the wire, of whoever sent them: every count and length is bounded by the bytes there are. */
import { readName, sameName } from './names.ts';
import { type DnsRecord, readRecord } from './records.ts';
import { Garbled, type Span, spanOf } from './span.ts';

export type AskedFor = { readonly id: number; readonly name: string; readonly type: number; readonly class: number };

export type DnsFlags = {
  readonly aa: boolean;
  readonly tc: boolean;
  readonly rd: boolean;
  readonly ra: boolean;
  readonly ad: boolean;
};

export type DnsMessage = {
  readonly flags: DnsFlags;
  /** With its upper bits, where there is an OPT. */
  readonly rcode: number;
  readonly answer: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
  readonly additional: readonly DnsRecord[];
};

export type ReadMessage =
  | { readonly read: 'answer'; readonly message: DnsMessage }
  /** Not an answer to this question. */
  | { readonly read: 'stranger' }
  | { readonly read: 'garbled'; readonly reason: string };

const headerBytes = 12;
const optType = 41;
/** What names that point back can make of a message is up to fifty times its size; no honest one comes near this. */
const maxTextLength = 1_048_576;

/** Reads what came back for this question and id. */
export function readMessage(bytes: Buffer, asked: AskedFor): ReadMessage {
  if (bytes.length < headerBytes || bytes.readUInt16BE(0) !== asked.id || (bytes.readUInt8(2) & 0x80) === 0) {
    return { read: 'stranger' };
  }
  try {
    const span = spanOf(bytes, headerBytes, bytes.length);
    if (!repeats(span, bytes.readUInt16BE(4), asked)) return { read: 'stranger' };
    return { read: 'answer', message: messageOf(bytes, span) };
  } catch (error) {
    if (error instanceof Garbled) return { read: 'garbled', reason: error.message };
    throw error;
  }
}

/** A server that refuses may send its header alone; all others must repeat the question. */
function repeats(span: Span, count: number, asked: AskedFor): boolean {
  for (let index = 0; index < count && span.at < span.end; index += 1) {
    const name = readName(span);
    const matches = span.u16() === asked.type && span.u16() === asked.class && sameName(name, asked.name);
    if (!matches) return false;
  }
  return true;
}

function messageOf(bytes: Buffer, span: Span): DnsMessage {
  const bits = bytes.readUInt16BE(2);
  const has = (bit: number): boolean => (bits & (1 << bit)) !== 0;
  let textLength = 0;
  // A count that promises more records than there are bytes is taken for what it is worth, as miekg/dns does.
  const section = (count: number): readonly DnsRecord[] => {
    const records: DnsRecord[] = [];
    while (records.length < count && span.at < span.end) {
      const record = readRecord(bytes, span);
      textLength += record.line.length;
      if (textLength > maxTextLength) throw new Garbled(`records of more than ${maxTextLength} characters`);
      records.push(record);
    }
    return records;
  };
  const answer = section(bytes.readUInt16BE(6));
  const authority = section(bytes.readUInt16BE(8));
  const additional = section(bytes.readUInt16BE(10));
  const opt = additional.find(({ type }) => type === optType);
  return {
    flags: { aa: has(10), tc: has(9), rd: has(8), ra: has(7), ad: has(5) },
    rcode: (bits & 0xf) | ((opt === undefined ? 0 : opt.ttlSeconds >>> 24) << 4),
    answer,
    authority,
    additional,
  };
}
