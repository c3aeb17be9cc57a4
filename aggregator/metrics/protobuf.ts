/** Protocol buffers as far as metrics need them: a message is written by its fields, in the order of their numbers. */

const wire = { varint: 0, fixed64: 1, lengthDelimited: 2 } as const;

/** A class because a scrape makes tens of thousands of them: closures for each would cost more than the writing. */
export class Message {
  #buffer: Buffer;
  #at = 0;

  constructor(size: number) {
    this.#buffer = Buffer.allocUnsafe(size);
  }

  /** Bytes so far. */
  get length(): number {
    return this.#at;
  }

  /** Also for unsigned integers and enums: whole numbers up to 2^53. */
  varint(field: number, value: number): this {
    this.#number(field * 8 + wire.varint);
    this.#number(value);
    return this;
  }

  /** A signed integer, zigzag. */
  signed(field: number, value: number): this {
    return this.varint(field, zigzag(value));
  }

  double(field: number, value: number): this {
    this.#number(field * 8 + wire.fixed64);
    this.#room(8);
    this.#at = this.#buffer.writeDoubleLE(value, this.#at);
    return this;
  }

  /** Eight bytes as they are: for the one NaN that has to keep its bits. */
  bits(field: number, value: bigint): this {
    this.#number(field * 8 + wire.fixed64);
    this.#room(8);
    this.#at = this.#buffer.writeBigUInt64LE(value, this.#at);
    return this;
  }

  text(field: number, value: string): this {
    const bytes = Buffer.byteLength(value);
    this.#number(field * 8 + wire.lengthDelimited);
    this.#number(bytes);
    this.#room(bytes);
    this.#at += this.#buffer.write(value, this.#at, bytes);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#number(field * 8 + wire.lengthDelimited);
    this.#number(value.length);
    this.#room(value.length);
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.finish());
  }

  /** A message whose fields `write` puts here. Its length is known afterwards: what was written moves to make room. */
  nested(field: number, write: () => void): this {
    this.#number(field * 8 + wire.lengthDelimited);
    const from = this.#at;
    write();
    const bytes = this.#at - from;
    const shift = bytes < 128 ? 1 : Math.ceil(Math.log2(bytes + 1) / 7);
    this.#room(shift);
    this.#buffer.copyWithin(from + shift, from, this.#at);
    this.#at = putVarint(this.#buffer, from, bytes) + bytes;
    return this;
  }

  /** Repeated varints; nothing when there are none. */
  packed(field: number, values: readonly number[]): this {
    if (values.length === 0) return this;
    return this.nested(field, () => {
      for (const value of values) this.#number(value);
    });
  }

  packedSigned(field: number, values: readonly number[]): this {
    return this.packed(field, values.map(zigzag));
  }

  /** What was written; it must not be written to any more. */
  finish(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  /** A copy of what was written; it begins anew. */
  take(): Uint8Array {
    const taken = new Uint8Array(this.finish());
    this.#at = 0;
    return taken;
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }

  #number(value: number): void {
    this.#room(10);
    this.#at = putVarint(this.#buffer, this.#at, value);
  }
}

export function message(size = 256): Message {
  return new Message(size);
}

function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

/** Whole numbers up to 2^53: shifts would cut them off at 2^32. */
function putVarint(buffer: Buffer, from: number, value: number): number {
  let at = from;
  let rest = value;
  while (rest >= 128) {
    buffer[at] = (rest % 128) + 128;
    at += 1;
    rest = Math.floor(rest / 128);
  }
  buffer[at] = rest;
  return at + 1;
}

/** What stands before a message in a stream of messages. */
export function lengthPrefix(bytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(10);
  return buffer.subarray(0, putVarint(buffer, 0, bytes));
}
