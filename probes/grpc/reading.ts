/** What a server says on a connection with one request on it, frame by frame, until that is answered or cannot be. */
import { shown } from '../prober.ts';
import { contentOf, errorName, type Frame, flag, frameReader, frameTypes, writeFrame } from './frames.ts';
import { type Header, unpacker } from './hpack.ts';
import { maxMessageBytes } from './message.ts';

/** Name in lower case, or `:status`, to its values with commas between. */
export type Headers = Readonly<Record<string, string | undefined>>;

/** What came until the stream ended. `trailers`: `null` where the headers were all there is. */
export type Answer = { readonly headers: Headers; readonly trailers: Headers | null; readonly body: Buffer };

export type Progress =
  | 'more'
  | { readonly answer: Answer }
  /** One sentence. */
  | { readonly mistake: string };

export type Reading = {
  /** `reply`: what HTTP/2 wants to be answered to. */
  feed(bytes: Buffer, reply: (bytes: Buffer) => void): Progress;
  /** The final headers have come. */
  readonly hasBegun: boolean;
};

/** The one stream of a connection that its client opens first. */
export const ourStream = 1;
/** An answer is some ten frames; what floods us with more is cut off, whatever they are. */
const maxFrames = 2_000;
const maxBlockBytes = 32_768;
const maxInformational = 16;
/** Five before the message; one more shows that there is more. */
const maxBodyBytes = maxMessageBytes + 6;

export function reading(): Reading {
  const frames = frameReader();
  const blocks = headerBlocks();
  const body = bodyOf();
  let frameCount = 0;
  let informational = 0;
  let headers: Headers | undefined;

  function ended(trailers: Headers | null): Progress {
    return { answer: { headers: headers ?? {}, trailers, body: body.bytes() } };
  }
  function data(frame: Frame): Progress {
    const content = contentOf(frame);
    if (frame.stream !== ourStream || headers === undefined || content === undefined) {
      return unsound('data out of place');
    }
    if (!body.add(content)) return mistake(`got more than ${maxMessageBytes} bytes, want a health answer`);
    return (frame.flags & flag.endStream) === 0 ? 'more' : ended(null);
  }
  function told(found: readonly Header[], endsStream: boolean): Progress {
    const isTrailing = headers !== undefined;
    const wrong = wrongIn(found, isTrailing);
    if (wrong !== undefined) return unsound(wrong);
    const joined = joinedOf(found);
    if (isTrailing) return endsStream ? ended(joined) : unsound('trailers that end nothing');
    if (/^1/.test(joined[':status'] ?? '')) {
      informational += 1;
      if (endsStream) return unsound('an answer that ends before it began');
      return informational > maxInformational
        ? mistake(`got ${informational} headers before the answer's, want at most ${maxInformational}`)
        : 'more';
    }
    headers = joined;
    return endsStream ? ended(null) : 'more';
  }
  function taken(frame: Frame, reply: (bytes: Buffer) => void): Progress {
    frameCount += 1;
    if (frameCount > maxFrames) return mistake(`got more than ${maxFrames} frames, want an answer`);
    if (frameCount === 1 && frame.type !== frameTypes.settings) return unsound('no settings at its beginning');
    const block = blocks.take(frame);
    if (block === undefined) return frame.type === frameTypes.data ? data(frame) : control(frame, reply);
    if (block === 'more') return 'more';
    return 'mistake' in block ? unsound(block.mistake) : told(block.headers, block.endsStream);
  }

  return {
    feed(bytes, reply) {
      for (const frame of frames(bytes)) {
        const progress = frame === undefined ? unsound('a frame that is too long') : taken(frame, reply);
        if (progress !== 'more') return progress;
      }
      return 'more';
    },
    get hasBegun() {
      return headers !== undefined;
    },
  };
}

function bodyOf() {
  const parts: Buffer[] = [];
  let length = 0;
  return {
    /** False when it is more than will be read. */
    add(part: Buffer): boolean {
      parts.push(part);
      length += part.length;
      return length <= maxBodyBytes;
    },
    bytes: () => Buffer.concat(parts),
  };
}

type Block = { readonly headers: readonly Header[]; readonly endsStream: boolean };

/** Headers and their continuations, between which nothing may come. */
function headerBlocks() {
  const { unpack } = unpacker();
  let open: { readonly parts: Buffer[]; length: number; readonly endsStream: boolean } | undefined;
  return {
    /** `undefined`: the frame is about something else. */
    take(frame: Frame): Block | 'more' | { readonly mistake: string } | undefined {
      const isContinuation = frame.type === frameTypes.continuation;
      if (open !== undefined && !isContinuation) return { mistake: 'headers without their end' };
      if (frame.type === frameTypes.headers) {
        open = { parts: [], length: 0, endsStream: (frame.flags & flag.endStream) !== 0 };
      } else if (!isContinuation) {
        return undefined;
      }
      const part = isContinuation ? frame.payload : contentOf(frame);
      if (open === undefined || part === undefined || frame.stream !== ourStream) {
        return { mistake: 'headers out of place' };
      }
      open.parts.push(part);
      open.length += part.length;
      if (open.length > maxBlockBytes) return { mistake: `headers of more than ${maxBlockBytes} bytes` };
      if ((frame.flags & flag.endHeaders) === 0) return 'more';
      const { parts, endsStream } = open;
      open = undefined;
      const headers = unpack(Buffer.concat(parts));
      return headers === undefined ? { mistake: 'headers that cannot be read, or too many' } : { headers, endsStream };
    },
  };
}

/** Frames about the connection, or the end of the stream. Those of a type that nobody knows are passed over (RFC 9113 §5.5). */
function control(frame: Frame, reply: (bytes: Buffer) => void): Progress {
  const { type, flags, stream, payload } = frame;
  const isAck = (flags & flag.ack) !== 0;
  switch (type) {
    case frameTypes.rstStream:
      return resetBy(frame);
    case frameTypes.goaway:
      return goneBy(frame);
    case frameTypes.settings:
      if (stream !== 0 || payload.length % 6 !== 0 || (isAck && payload.length > 0))
        return unsound('settings that are none');
      if (!isAck) reply(writeFrame(frameTypes.settings, flag.ack, 0, Buffer.alloc(0)));
      return 'more';
    case frameTypes.ping:
      if (stream !== 0 || payload.length !== 8) return unsound('a ping that is none');
      if (!isAck) reply(writeFrame(frameTypes.ping, flag.ack, 0, payload));
      return 'more';
    case frameTypes.windowUpdate:
      return payload.length === 4 && (payload.readUInt32BE() & 0x7fff_ffff) > 0
        ? 'more'
        : unsound('a window of nothing');
    case frameTypes.priority:
      return stream !== 0 && payload.length === 5 ? 'more' : unsound('a priority that is none');
    case frameTypes.pushPromise:
      return unsound('a promise that nobody asked for');
    default:
      return 'more';
  }
}

function resetBy({ stream, payload }: Frame): Progress {
  if (stream !== ourStream || payload.length !== 4) return unsound('a reset of nothing');
  return mistake(`the stream was reset with ${errorName(payload.readUInt32BE())}, want a response`);
}

/** Where our request is among those that are still answered, the answer may come. */
function goneBy({ stream, payload }: Frame): Progress {
  if (stream !== 0 || payload.length < 8) return unsound('a GOAWAY that is none');
  const code = payload.readUInt32BE(4);
  if (code === 0 && (payload.readUInt32BE() & 0x7fff_ffff) >= ourStream) return 'more';
  const words = payload.subarray(8).toString('utf8');
  const said = words === '' ? '' : ` ${JSON.stringify(shown(words))}`;
  return mistake(`got GOAWAY ${errorName(code)}${said}, want a response`);
}

/** RFC 9113 §8.2 and §8.3.2. */
function wrongIn(headers: readonly Header[], isTrailing: boolean): string | undefined {
  const statuses = headers.filter(([name]) => name.startsWith(':'));
  if (isTrailing && statuses.length > 0) return 'trailers with a status';
  if (!isTrailing && (statuses.length !== 1 || headers[0]?.[0] !== ':status')) return 'headers without a status';
  if (!isTrailing && !/^[1-9]\d\d$/.test(headers[0]?.[1] ?? '')) return 'a status that is no number';
  const isSound = headers.every(
    ([name, value]) => /^:?[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name) && !/[\0\r\n]/.test(value),
  );
  return isSound ? undefined : 'a header that is none';
}

function joinedOf(headers: readonly Header[]): Headers {
  const found = new Map<string, string>();
  for (const [name, value] of headers) {
    const before = found.get(name);
    found.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(found);
}

function mistake(words: string): Progress {
  return { mistake: `answer: ${words}` };
}

function unsound(what: string): Progress {
  return mistake(`got no sound HTTP/2 (${what}), want a response`);
}
