/** HTTP/2's frames (RFC 9113 §4 and §6), as far as one request on one connection goes. */

export const frameTypes = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const flag = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

export type Frame = {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
};

/** The one stream of a connection that its client opens first. */
export const ourStream = 1;
const headBytes = 9;
/** As every side takes them before it has said anything, and as we never ask for more. */
export const maxPayloadBytes = 16_384;

export function writeFrame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Headers as long as they are: in one frame, or one and its continuations. */
export function writeHeaders(stream: number, block: Buffer, endsStream = false): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < block.length || at === 0; at += maxPayloadBytes) {
    const isLast = at + maxPayloadBytes >= block.length;
    const type = at === 0 ? frameTypes.headers : frameTypes.continuation;
    const flags = (isLast ? flag.endHeaders : 0) | (at === 0 && endsStream ? flag.endStream : 0);
    parts.push(writeFrame(type, flags, stream, block.subarray(at, at + maxPayloadBytes)));
  }
  return Buffer.concat(parts);
}

/** Every frame of what was fed, in order; a frame that is too long is `undefined`, and nothing comes behind it. */
export function frameReader(): (bytes: Buffer) => Generator<Frame | undefined> {
  let rest: Buffer = Buffer.alloc(0);
  return function* feed(bytes) {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    while (rest.length >= headBytes) {
      const length = rest.readUIntBE(0, 3);
      if (length > maxPayloadBytes) return yield undefined;
      if (rest.length < headBytes + length) return;
      const payload = rest.subarray(headBytes, headBytes + length);
      const [type, flags] = [rest.readUInt8(3), rest.readUInt8(4)];
      const stream = rest.readUInt32BE(5) & 0x7fff_ffff;
      rest = rest.subarray(headBytes + length);
      yield { type, flags, stream, payload };
    }
  };
}

/** Without padding and, in headers, priority; `undefined` where these are longer than the frame. */
export function contentOf({ type, flags, payload }: Frame): Buffer | undefined {
  const isPadded = (flags & flag.padded) !== 0;
  const padding = isPadded ? (payload[0] ?? payload.length) : 0;
  const priority = type === frameTypes.headers && (flags & flag.priority) !== 0 ? 5 : 0;
  const from = (isPadded ? 1 : 0) + priority;
  return from + padding > payload.length ? undefined : payload.subarray(from, payload.length - padding);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** RFC 9113 §7. */
const errorNames = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
];

export function errorName(code: number): string {
  return errorNames[code] ?? `error ${code}`;
}
