/** Text made as bytes: what is written many times is copied, and no string of it is ever made. */
import { formatValue } from './exposition.ts';

export type ByteWriter = {
  /** Bytes written since they were taken last. */
  readonly length: number;
  text(text: string): void;
  /** Few bytes; for many of them `text` is as fast. */
  put(bytes: Uint8Array): void;
  number(value: number): void;
  /** Once more what stands from `from` to `to`. */
  again(from: number, to: number): void;
  /** All that was written; what is written next overwrites it. */
  take(): Buffer;
};

const zero = 48;
/** Beyond it digits are left to the engine. */
const largestByDigits = 1_000_000_000;

export function byteWriter(size: number): ByteWriter {
  let buffer = Buffer.allocUnsafeSlow(size);
  let at = 0;

  function room(bytes: number): void {
    if (at + bytes <= buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, at + bytes));
    buffer.copy(larger, 0, 0, at);
    buffer = larger;
  }

  function text(written: string): void {
    // Three bytes is the most that a unit of UTF-16 can take.
    room(written.length * 3);
    at += buffer.write(written, at);
  }

  return {
    get length() {
      return at;
    },
    text,
    put(bytes) {
      room(bytes.length);
      for (let index = 0; index < bytes.length; index += 1) buffer[at + index] = bytes[index] as number;
      at += bytes.length;
    },
    number(value) {
      if (!(Number.isInteger(value) && value >= 0 && value < largestByDigits) || Object.is(value, -0)) {
        text(formatValue(value));
        return;
      }
      let digits = 1;
      for (let bound = 10; value >= bound; bound *= 10) digits += 1;
      room(digits);
      let rest = value;
      for (let place = at + digits - 1; place >= at; place -= 1) {
        const tenth = Math.floor(rest / 10);
        buffer[place] = zero + rest - tenth * 10;
        rest = tenth;
      }
      at += digits;
    },
    again(from, to) {
      room(to - from);
      buffer.copyWithin(at, from, to);
      at += to - from;
    },
    take() {
      const taken = buffer.subarray(0, at);
      at = 0;
      return taken;
    },
  };
}
