/** What a server says on a connection with one request on it, frame by frame, until that is answered or cannot be. */
import { type BlockBounds, blockReader, wrongIn } from './blocks.ts';
import { control } from './control.ts';
import { contentOf, type Frame, flag, frameReader, frameTypes, ourStream, uint32, writeFrame } from './frames.ts';
import type { Header } from './hpack.ts';
import { mistake, type Progress, unsound } from './progress.ts';
import type { Sending } from './sending.ts';

export type ReadingBounds = BlockBounds & {
  /** What floods us with more frames is cut off, whatever they are. */
  readonly maxFrames: number;
  /**
   * So many bytes of bodies, either way, allow for one more frame, and data is not counted among them. `null`: they do not,
   * and it is.
   */
  readonly bytesPerFrame: number | null;
  /** Answers before the answer. */
  readonly maxInformational: number;
  /** What may come of a body before we open the window again, as our settings say. */
  readonly windowBytes: number;
};

/** Who listens to the answer. Each may say that it is enough, or wrong. */
export type Hearer = {
  /** The final headers, `:status` first. */
  begin(headers: readonly Header[], endsStream: boolean): Progress;
  data(content: Buffer): Progress;
  /** Behind data: `trailers` are `null` where it ended without them. Not told of an answer that was headers alone. */
  end(trailers: readonly Header[] | null): Progress;
};

export type Reading = { feed(bytes: Buffer): Progress };

/** `reply`: what HTTP/2 wants to be answered to. */
export function reading(
  bounds: ReadingBounds,
  hearer: Hearer,
  sending: Sending,
  reply: (bytes: Buffer) => void,
): Reading {
  const frames = frameReader();
  const blocks = blockReader(bounds);
  const window = ourWindow(bounds.windowBytes, reply);
  const count = frameCount(bounds, sending);
  let isFirst = true;
  let hasBegun = false;
  let informational = 0;

  function data(frame: Frame): Progress {
    const content = contentOf(frame);
    if (frame.stream !== ourStream || !hasBegun || content === undefined) return unsound('data out of place');
    const progress = content.length === 0 ? 'more' : hearer.data(content);
    if (progress !== 'more') return progress;
    if ((frame.flags & flag.endStream) !== 0) return hearer.end(null);
    window.use(frame.payload.length);
    return 'more';
  }
  function told(headers: readonly Header[], endsStream: boolean): Progress {
    const wrong = wrongIn(headers, hasBegun);
    if (wrong !== undefined) return unsound(wrong);
    if (hasBegun) return endsStream ? hearer.end(headers) : unsound('trailers that end nothing');
    const status = headers[0]?.[1] ?? '';
    if (!status.startsWith('1')) {
      hasBegun = true;
      return hearer.begin(headers, endsStream);
    }
    informational += 1;
    if (endsStream) return unsound('an answer that ends before it began');
    if (status === '101') return unsound('a switch of protocols');
    return informational > bounds.maxInformational
      ? mistake(`got ${informational} headers before the answer's, want at most ${bounds.maxInformational}`)
      : 'more';
  }
  function taken(frame: Frame): Progress {
    const most = count.take(frame);
    if (most !== undefined) return mistake(`got more than ${most} frames, want an answer`);
    if (isFirst && frame.type !== frameTypes.settings) return unsound('no settings at its beginning');
    isFirst = false;
    const block = blocks.take(frame);
    if (block === undefined) return frame.type === frameTypes.data ? data(frame) : control(frame, sending, reply);
    if (block === 'more') return 'more';
    return 'mistake' in block ? unsound(block.mistake) : told(block.headers, block.endsStream);
  }

  return {
    feed(bytes) {
      for (const frame of frames(bytes)) {
        const progress = frame === undefined ? unsound('a frame that is too long') : taken(frame);
        if (progress !== 'more') return progress;
      }
      return 'more';
    },
  };
}

function frameCount({ maxFrames, bytesPerFrame }: ReadingBounds, sending: Sending) {
  let counted = 0;
  let receivedBytes = 0;
  return {
    /** How many there might have been, where it is one too many. */
    take(frame: Frame): number | undefined {
      const bytes = frame.type === frameTypes.data ? (contentOf(frame)?.length ?? 0) : 0;
      receivedBytes += bytes;
      if (bytes > 0 && bytesPerFrame !== null) return undefined;
      counted += 1;
      const earned = bytesPerFrame === null ? 0 : Math.floor((receivedBytes + sending.sentBytes) / bytesPerFrame);
      return counted > maxFrames + earned ? maxFrames + earned : undefined;
    },
  };
}

/**
 * How much the server may send, of the stream; the connection has at least as much room. What came is done with at once, so
 * that the window never has to hold anybody back.
 */
function ourWindow(windowBytes: number, reply: (bytes: Buffer) => void) {
  let usedBytes = 0;
  return {
    /** Padding too. Not every frame opens it again: half of it is room enough for what is under way. */
    use(bytes: number): void {
      usedBytes += bytes;
      if (usedBytes < windowBytes / 2) return;
      const more = uint32(usedBytes);
      usedBytes = 0;
      reply(writeFrame(frameTypes.windowUpdate, 0, 0, more));
      reply(writeFrame(frameTypes.windowUpdate, 0, ourStream, more));
    },
  };
}
