/** Frames about the connection, or the end of the stream. */
import { shown } from '../prober.ts';
import { errorName, type Frame, flag, frameTypes, ourStream, writeFrame } from './frames.ts';
import { mistake, type Progress, unsound } from './progress.ts';
import type { Sending } from './sending.ts';

/** `reply`: what HTTP/2 wants to be answered to. Frames of a type that nobody knows are passed over (RFC 9113 §5.5). */
export function control(frame: Frame, sending: Sending, reply: (bytes: Buffer) => void): Progress {
  const { type, flags, stream, payload } = frame;
  const isAck = (flags & flag.ack) !== 0;
  switch (type) {
    case frameTypes.rstStream:
      return resetBy(frame);
    case frameTypes.goaway:
      return goneBy(frame);
    case frameTypes.settings: {
      if (stream !== 0 || payload.length % 6 !== 0 || (isAck && payload.length > 0))
        return unsound('settings that are none');
      const wrong = sending.settle(payload);
      if (wrong !== undefined) return unsound(wrong);
      if (!isAck) reply(writeFrame(frameTypes.settings, flag.ack, 0, Buffer.alloc(0)));
      return 'more';
    }
    case frameTypes.ping:
      if (stream !== 0 || payload.length !== 8) return unsound('a ping that is none');
      if (!isAck) reply(writeFrame(frameTypes.ping, flag.ack, 0, payload));
      return 'more';
    case frameTypes.windowUpdate:
      return widenedBy(frame, sending);
    case frameTypes.priority:
      return stream !== 0 && payload.length === 5 ? 'more' : unsound('a priority that is none');
    case frameTypes.pushPromise:
      return unsound('a promise that nobody asked for');
    default:
      return 'more';
  }
}

function widenedBy({ stream, payload }: Frame, sending: Sending): Progress {
  const bytes = payload.length === 4 ? payload.readUInt32BE() & 0x7fff_ffff : 0;
  const wrong = bytes === 0 ? 'a window of nothing' : sending.widen(stream, bytes);
  return wrong === undefined ? 'more' : unsound(wrong);
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
