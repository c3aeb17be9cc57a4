/** Headers as they come: in one frame, or one and its continuations. */
import { contentOf, type Frame, flag, frameTypes, ourStream } from './frames.ts';
import { type Header, type HeaderBounds, unpacker } from './hpack.ts';

export type BlockBounds = HeaderBounds & {
  /** Of one block, packed. */
  readonly maxBlockBytes: number;
};

export type Block = { readonly headers: readonly Header[]; readonly endsStream: boolean };

export type BlockReader = {
  /** `undefined`: the frame is about something else. `mistake`: in a few words. */
  take(frame: Frame): Block | 'more' | { readonly mistake: string } | undefined;
};

/** Of all headers of a connection, in their order: each is packed with the table of those before. */
export function blockReader(bounds: BlockBounds): BlockReader {
  const { maxBlockBytes } = bounds;
  const { unpack } = unpacker(bounds);
  let open: { readonly parts: Buffer[]; length: number; readonly endsStream: boolean } | undefined;
  return {
    take(frame) {
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

/** RFC 9113 §8.2 and §8.3.2, of an answer's headers or trailers. `undefined`: nothing is. */
export function wrongIn(headers: readonly Header[], isTrailing: boolean): string | undefined {
  const statuses = headers.filter(([name]) => name.startsWith(':'));
  if (isTrailing && statuses.length > 0) return 'trailers with a status';
  if (!isTrailing && (statuses.length !== 1 || headers[0]?.[0] !== ':status')) return 'headers without a status';
  if (!isTrailing && !/^[1-9]\d\d$/.test(headers[0]?.[1] ?? '')) return 'a status that is no number';
  const isSound = headers.every(
    ([name, value]) => /^:?[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name) && !/[\0\r\n]/.test(value),
  );
  return isSound ? undefined : 'a header that is none';
}
