/** grpc.health.v1 as bytes: two messages of one field each, and what gRPC puts before a message. */
import { gunzipSync, inflateSync } from 'node:zlib';

/** In the order of their numbers. */
export const servings = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;
export type Serving = (typeof servings)[number];

/** No health answer is near it; what is longer is no health answer. */
export const maxMessageBytes = 65_536;

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly mistake: string };

const prefixBytes = 5;

/** HealthCheckRequest with its prefix. The empty service is the server as a whole, and is not written. */
export function healthRequest(service: string): Buffer {
  const name = Buffer.from(service, 'utf8');
  const message = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a]), varint(name.length), name]);
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** The one message of an answer. `encoding` is its `grpc-encoding`, which holds where the message says it is packed. */
export function unframe(body: Buffer, encoding: string): Read<Buffer> {
  if (body.length < prefixBytes) return bad(`got ${body.length} bytes, want the ${prefixBytes} before a message`);
  const flag = body.readUInt8(0);
  const length = body.readUInt32BE(1);
  const message = body.subarray(prefixBytes);
  if (flag > 1) return bad(`got the flag ${flag} before a message, want 0 or 1`);
  if (length > maxMessageBytes) return bad(`got a message of ${length} bytes, want at most ${maxMessageBytes}`);
  if (message.length < length) return bad(`got ${message.length} of the ${length} bytes of a message`);
  if (message.length > length) return bad(`got ${message.length - length} bytes behind the message, want one message`);
  return flag === 0 ? { ok: true, value: message } : unpack(message, encoding);
}

const unpackers = { gzip: gunzipSync, deflate: inflateSync } as const;

function unpack(message: Buffer, encoding: string): Read<Buffer> {
  if (encoding !== 'gzip' && encoding !== 'deflate') {
    return bad(`got a message packed by ${JSON.stringify(encoding.slice(0, 40))}, want gzip or deflate`);
  }
  try {
    return { ok: true, value: unpackers[encoding](message, { maxOutputLength: maxMessageBytes }) };
  } catch (error) {
    const isLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return bad(
      `got a message that ${isLong ? `is over ${maxMessageBytes} bytes unpacked` : `${encoding} cannot unpack`}`,
    );
  }
}

/** The number of HealthCheckResponse.status: 0 where it is absent, as proto3 has it. Fields we do not know are passed over. */
export function readHealthResponse(message: Buffer): Read<number> {
  let status = 0;
  let at = 0;
  while (at < message.length) {
    const tag = readVarint(message, at);
    if (tag === undefined) return garbled;
    const field = tag.value >> 3n;
    const end = endOfField(message, tag.next, Number(tag.value & 7n));
    if (end === undefined || field === 0n) return garbled;
    if (field === 1n && (tag.value & 7n) === 0n) {
      // An enum has 32 bits, however long its varint is.
      status = Number(BigInt.asIntN(32, readVarint(message, tag.next)?.value ?? 0n));
    }
    at = end;
  }
  return { ok: true, value: status };
}

/** Where the field ends whose value begins at `at`; `undefined` where that is not in the message. */
function endOfField(message: Buffer, at: number, wireType: number): number | undefined {
  const end = ((): number | undefined => {
    switch (wireType) {
      case 0:
        return readVarint(message, at)?.next;
      case 1:
        return at + 8;
      case 2: {
        const length = readVarint(message, at);
        return length === undefined || length.value > BigInt(message.length)
          ? undefined
          : length.next + Number(length.value);
      }
      case 5:
        return at + 4;
      default:
        return undefined;
    }
  })();
  return end === undefined || end > message.length ? undefined : end;
}

function readVarint(message: Buffer, from: number): { readonly value: bigint; readonly next: number } | undefined {
  let value = 0n;
  for (let index = 0; index < 10; index += 1) {
    const byte = message[from + index];
    if (byte === undefined) return undefined;
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), next: from + index + 1 };
  }
  return undefined;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return Buffer.from([...bytes, rest]);
}

const garbled = { ok: false, mistake: 'got a message that is no HealthCheckResponse' } as const;

function bad(mistake: string): { readonly ok: false; readonly mistake: string } {
  return { ok: false, mistake };
}
