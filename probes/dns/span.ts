/** A place in a message and an end to it: whatever reads behind that throws, so that no count or length can lie. */

/** What came cannot be read. Thrown and caught inside `probes/dns`. */
export class Garbled extends Error {}

export type Span = {
  /** Where the next field begins. */
  at: number;
  readonly end: number;
  /** Names may point anywhere before `end`. */
  byteAt(at: number): number;
  bytesAt(at: number, length: number): Buffer;
  u8(): number;
  u16(): number;
  u32(): number;
  /** So many bytes from here. */
  take(length: number): Buffer;
  /** All that is left. */
  rest(): Buffer;
};

export function spanOf(message: Buffer, from: number, end: number): Span {
  const span: Span = {
    at: from,
    end,
    byteAt(at) {
      if (at >= end) throw new Garbled('a name that goes on behind its end');
      return message[at] as number;
    },
    bytesAt(at, length) {
      if (at + length > end) throw new Garbled(`a field of ${length} bytes where ${Math.max(0, end - at)} are left`);
      return message.subarray(at, at + length);
    },
    take(length) {
      const bytes = span.bytesAt(span.at, length);
      span.at += length;
      return bytes;
    },
    u8: () => span.take(1).readUInt8(0),
    u16: () => span.take(2).readUInt16BE(0),
    u32: () => span.take(4).readUInt32BE(0),
    rest: () => span.take(end - span.at),
  };
  return span;
}
