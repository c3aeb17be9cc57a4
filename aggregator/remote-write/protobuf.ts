/** Writing protobuf: as much of it as remote write needs. */

export type ProtoWriter = {
  /** Bytes so far. */
  readonly length: number;
  /** A varint; whole numbers from 0 to 2^53. */
  uint(field: number, value: number): void;
  /** A zigzag varint, of 32 bits. */
  sint(field: number, value: number): void;
  double(field: number, value: number): void;
  /** Eight bytes as they are: for the one NaN that has to keep its bits. */
  bits(field: number, value: bigint): void;
  text(field: number, value: string): void;
  bytes(field: number, value: Uint8Array): void;
  message(field: number, write: () => void): void;
  /** Repeated varints, packed; nothing when there are none. */
  uints(field: number, values: readonly number[]): void;
  sints(field: number, values: readonly number[]): void;
  /** A copy of what was written; the writer begins anew. */
  take(): Uint8Array;
};

const wire = { varint: 0, eightBytes: 1, delimited: 2 } as const;

export function protoWriter(firstBytes = 16_384): ProtoWriter {
  let buffer = Buffer.allocUnsafe(firstBytes);
  let used = 0;

  function room(bytes: number): void {
    if (used + bytes <= buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, used + bytes));
    buffer.copy(larger, 0, 0, used);
    buffer = larger;
  }
  function varint(value: number): void {
    room(10);
    let rest = value;
    while (rest >= 0x80) {
      buffer[used] = (rest % 0x80) | 0x80;
      used += 1;
      rest = Math.floor(rest / 0x80);
    }
    buffer[used] = rest;
    used += 1;
  }
  function tag(field: number, type: number): void {
    varint(field * 8 + type);
  }
  /** The length is known when all is written: what was written moves over to make room for it. */
  function delimited(field: number, write: () => void): void {
    tag(field, wire.delimited);
    const from = used;
    write();
    const bytes = used - from;
    const shift = bytes < 0x80 ? 1 : Math.ceil(Math.log2(bytes + 1) / 7);
    room(shift);
    buffer.copyWithin(from + shift, from, used);
    used = from;
    varint(bytes);
    used += bytes;
  }
  function packed(field: number, values: readonly number[]): void {
    if (values.length === 0) return;
    delimited(field, () => {
      for (const value of values) varint(value);
    });
  }
  return {
    get length() {
      return used;
    },
    uint(field, value) {
      tag(field, wire.varint);
      varint(value);
    },
    sint(field, value) {
      tag(field, wire.varint);
      varint(zigzag(value));
    },
    double(field, value) {
      tag(field, wire.eightBytes);
      room(8);
      used = buffer.writeDoubleLE(value, used);
    },
    bits(field, value) {
      tag(field, wire.eightBytes);
      room(8);
      used = buffer.writeBigUInt64LE(value, used);
    },
    text(field, value) {
      tag(field, wire.delimited);
      const bytes = Buffer.byteLength(value);
      varint(bytes);
      room(bytes);
      used += buffer.write(value, used);
    },
    bytes(field, value) {
      tag(field, wire.delimited);
      varint(value.length);
      room(value.length);
      buffer.set(value, used);
      used += value.length;
    },
    message: delimited,
    uints(field, values) {
      packed(field, values);
    },
    sints(field, values) {
      packed(field, values.map(zigzag));
    },
    take() {
      const taken = new Uint8Array(buffer.subarray(0, used));
      used = 0;
      return taken;
    },
  };
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}
