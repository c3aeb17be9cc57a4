/** HTTP/2 as bytes, also as nobody should write it (RFC 9113 §4.1). */

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

export const endStream = 0x1;
export const endHeaders = 0x4;

type Frame = {
  readonly type: number;
  readonly flags?: number;
  readonly stream?: number;
  readonly payload?: Buffer;
  /** Instead of the payload's own. */
  readonly length?: number;
};

export function frame({
  type,
  flags = 0,
  stream = 0,
  payload = Buffer.alloc(0),
  length = payload.length,
}: Frame): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(length & 0xff_ffff, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export const settings = frame({ type: frameTypes.settings });

/** HPACK without tables and without Huffman: literals, never indexed (RFC 7541 §6.2.3). At most 126 bytes each. */
export function headerBlock(headers: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(
    headers.flatMap(([name, value]) => [Buffer.from([0x10]), ...[name, value].map((text) => literal(text))]),
  );
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([Buffer.from([bytes.length & 0x7f]), bytes]);
}

/** A whole good answer: headers, a SERVING message, trailers. */
export function goodAnswer(stream = 1): readonly Buffer[] {
  const opening = headerBlock([
    [':status', '200'],
    ['content-type', 'application/grpc'],
  ]);
  return [
    frame({ type: frameTypes.headers, flags: endHeaders, stream, payload: opening }),
    frame({ type: frameTypes.data, stream, payload: Buffer.from('00000000020801', 'hex') }),
    frame({
      type: frameTypes.headers,
      flags: endHeaders | endStream,
      stream,
      payload: headerBlock([['grpc-status', '0']]),
    }),
  ];
}

/** On the stream of the one request. */
export function headersFrame(fields: readonly (readonly [string, string])[], flags = endHeaders): Buffer {
  return frame({ type: frameTypes.headers, flags, stream: 1, payload: headerBlock(fields) });
}
export function dataFrame(payload: Buffer | string, flags = 0): Buffer {
  return frame({ type: frameTypes.data, flags, stream: 1, payload: Buffer.from(payload) });
}
export function settingFrame(id: number, value: number): Buffer {
  const payload = Buffer.alloc(6);
  payload.writeUInt16BE(id);
  payload.writeUInt32BE(value, 2);
  return frame({ type: frameTypes.settings, payload });
}
export function windowFrame(stream: number, bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  return frame({ type: frameTypes.windowUpdate, stream, payload });
}
