/** A request's body, frame by frame, as fast as the other side's windows open (RFC 9113 §5.2 and §6.9). */
import { flag, frameTypes, maxPayloadBytes, ourStream, writeFrame } from './frames.ts';

/** Of a connection, and of a stream before any settings. */
const firstWindowBytes = 65_535;
const maxWindowBytes = 0x7fff_ffff;
const settingIds = { enablePush: 0x2, initialWindow: 0x4, maxFrame: 0x5 } as const;

export type Sending = {
  /** The next frame; `undefined` where there is none, or no room for it yet. */
  next(): Buffer | undefined;
  /** Those that came, six bytes each. What is wrong with them, in a few words. */
  settle(settings: Buffer): string | undefined;
  /** More room on the stream, or on the connection (0). What is wrong with it, in a few words. */
  widen(stream: number, bytes: number): string | undefined;
  readonly sentBytes: number;
};

export function sending(body: Buffer | null): Sending {
  let sentBytes = 0;
  let isOver = body === null;
  let initial = firstWindowBytes;
  let ofConnection = firstWindowBytes;
  /** Below nothing, where the settings took back what had been used. */
  let ofStream = firstWindowBytes;

  function widenStream(bytes: number): string | undefined {
    ofStream += bytes;
    return ofStream > maxWindowBytes ? 'a window that overflows' : undefined;
  }
  return {
    next() {
      if (body === null || isOver) return undefined;
      const left = body.length - sentBytes;
      const room = Math.min(left, ofConnection, ofStream, maxPayloadBytes);
      if (room <= 0 && left > 0) return undefined;
      const part = body.subarray(sentBytes, sentBytes + room);
      sentBytes += room;
      ofConnection -= room;
      ofStream -= room;
      isOver = sentBytes === body.length;
      return writeFrame(frameTypes.data, isOver ? flag.endStream : 0, ourStream, part);
    },
    settle(settings) {
      for (let at = 0; at + 6 <= settings.length; at += 6) {
        const id = settings.readUInt16BE(at);
        const value = settings.readUInt32BE(at + 2);
        if (isOutOfRange(id, value)) return `the setting ${id} of ${value}`;
        if (id !== settingIds.initialWindow) continue;
        const wrong = widenStream(value - initial);
        initial = value;
        if (wrong !== undefined) return wrong;
      }
      return undefined;
    },
    widen(stream, bytes) {
      if (stream === ourStream) return widenStream(bytes);
      if (stream !== 0) return undefined;
      ofConnection += bytes;
      return ofConnection > maxWindowBytes ? 'a window that overflows' : undefined;
    },
    get sentBytes() {
      return sentBytes;
    },
  };
}

/**
 * RFC 9113 §6.5.2. Nothing else that can be set concerns us: our headers are packed without a table, before any settings
 * come, and no frame of ours is longer than the least that may be asked for.
 */
function isOutOfRange(id: number, value: number): boolean {
  switch (id) {
    case settingIds.enablePush:
      return value > 1;
    case settingIds.initialWindow:
      return value > maxWindowBytes;
    case settingIds.maxFrame:
      return value < maxPayloadBytes || value > 0xff_ffff;
    default:
      return false;
  }
}
