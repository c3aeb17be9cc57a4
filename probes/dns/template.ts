/**
 * The short way for the ordinary case: a question that is asked again and again is the same message under another id,
 * and an answer of plain A records is read where it lies. Whatever is not that goes the long way.
 */
import { type DnsQuestion, encodeQuestion, type Read } from './message.ts';

export type Template = {
  message(id: number): Buffer;
  /** As `readAnswer` would; `undefined`: that has to look. */
  read(bytes: Buffer, id: number): Read | undefined;
};

const headBytes = 12;
const typeA = 1;
const recordBytes = 16;
const optBytes = 11;
const maxAddresses = 64;

/** Throws where the question cannot be put on the wire. Whoever asks often keeps it. */
export function template(question: DnsQuestion): Template {
  const first = encodeQuestion(question, 0);
  // One question, and its name is not packed: it ends at the first empty label, type and class behind it.
  const questionEnd = first.indexOf(0, headBytes) + 5;
  return {
    message(id) {
      const message = Buffer.from(first);
      message.writeUInt16BE(id);
      return message;
    },
    read(bytes, id) {
      if (question.type !== 'A' || !isPlain(bytes, id) || bytes.length < questionEnd) return undefined;
      if (first.compare(bytes, headBytes, questionEnd, headBytes, questionEnd) !== 0) return undefined;
      return plainAnswer(bytes, questionEnd);
    },
  };
}

/** An answer under this id, whole, without an error, to one question and with nothing from an authority. */
function isPlain(bytes: Buffer, id: number): boolean {
  return (
    bytes.length >= headBytes &&
    bytes.readUInt16BE(0) === id &&
    // QR set; no opcode, not truncated, no error.
    (bytes.readUInt16BE(2) & 0xfa0f) === 0x8000 &&
    bytes.readUInt16BE(4) === 1 &&
    bytes.readUInt16BE(8) === 0
  );
}

function plainAnswer(bytes: Buffer, from: number): Read | undefined {
  const count = bytes.readUInt16BE(6);
  const end = from + count * recordBytes;
  if (count === 0 || count > maxAddresses || !endsAt(bytes, end)) return undefined;
  const addresses: string[] = [];
  let ttlSeconds = Number.POSITIVE_INFINITY;
  for (let at = from; at < end; at += recordBytes) {
    const named = bytes.readUInt16BE(at) === (0xc000 | headBytes);
    const isA = bytes.readUInt32BE(at + 2) === ((typeA << 16) | 1) && bytes.readUInt16BE(at + 10) === 4;
    if (!named || !isA) return undefined;
    const ttl = bytes.readUInt32BE(at + 6);
    ttlSeconds = Math.min(ttlSeconds, ttl > 0x7fff_ffff ? 0 : ttl);
    addresses.push(`${bytes[at + 12]}.${bytes[at + 13]}.${bytes[at + 14]}.${bytes[at + 15]}`);
  }
  return { read: 'answer', answer: { rcode: 'NOERROR', addresses, ttlSeconds, scopeLength: null } };
}

/** Behind the answers there is nothing, or EDNS without an error and without options. */
function endsAt(bytes: Buffer, end: number): boolean {
  const additional = bytes.readUInt16BE(10);
  if (additional === 0) return bytes.length === end;
  if (additional !== 1 || bytes.length !== end + optBytes) return false;
  return (
    bytes[end] === 0 &&
    bytes.readUInt16BE(end + 1) === 41 &&
    bytes.readUInt32BE(end + 5) === 0 &&
    bytes.readUInt16BE(end + 9) === 0
  );
}
