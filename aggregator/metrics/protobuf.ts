/** Protocol buffers as far as metrics need them: a message is written by its fields, in the order of their numbers. */

export type Message = {
  /** Also for unsigned integers and enums. */
  varint(field: number, value: number): Message;
  /** A signed integer, zigzag. */
  signed(field: number, value: number): Message;
  double(field: number, value: number): Message;
  text(field: number, value: string): Message;
  message(field: number, value: Message): Message;
  bytes(field: number, value: Uint8Array): Message;
  /** What was written; it must not be written to any more. */
  finish(): Buffer;
};

const wire = { varint: 0, fixed64: 1, lengthDelimited: 2 } as const;

export function message(size = 256): Message {
  let buffer = Buffer.allocUnsafe(size);
  let at = 0;

  function room(bytes: number): void {
    if (at + bytes <= buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, at + bytes));
    buffer.copy(larger, 0, 0, at);
    buffer = larger;
  }

  function number(value: number): void {
    room(10);
    at = putVarint(buffer, at, value);
  }

  const self: Message = {
    varint(field, value) {
      number(field * 8 + wire.varint);
      number(value);
      return self;
    },
    signed(field, value) {
      number(field * 8 + wire.varint);
      number(value >= 0 ? value * 2 : -value * 2 - 1);
      return self;
    },
    double(field, value) {
      number(field * 8 + wire.fixed64);
      room(8);
      at = buffer.writeDoubleLE(value, at);
      return self;
    },
    text(field, value) {
      const bytes = Buffer.byteLength(value);
      number(field * 8 + wire.lengthDelimited);
      number(bytes);
      room(bytes);
      at += buffer.write(value, at, bytes);
      return self;
    },
    message: (field, value) => self.bytes(field, value.finish()),
    bytes(field, value) {
      number(field * 8 + wire.lengthDelimited);
      number(value.length);
      room(value.length);
      buffer.set(value, at);
      at += value.length;
      return self;
    },
    finish: () => buffer.subarray(0, at),
  };
  return self;
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
