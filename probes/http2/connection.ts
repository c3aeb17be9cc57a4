/**
 * One request and its answer in HTTP/2, on a connection that is open already and that ends with them. It is not made with
 * node:http2, which a server can end our process with: headers that are begun and not ended, and then an error, leave
 * memory behind that Node finds when it collects the session, and aborts (nodejs/node#39951).
 */
import type { Socket } from 'node:net';
import type { Ending } from '../ending.ts';
import { describeError, type Failure, failureOfAbort } from '../prober.ts';
import type { PhaseWatch } from '../watch.ts';
import { frameTypes, ourStream, uint32, writeFrame, writeHeaders } from './frames.ts';
import { type Header, packHeaders } from './hpack.ts';
import type { Progress } from './progress.ts';
import { type Hearer, type ReadingBounds, reading } from './reading.ts';
import { sending } from './sending.ts';

export type Request = {
  /** Pseudo-headers first; names in lower case. */
  readonly headers: readonly Header[];
  /** `null`: the headers end it. */
  readonly body: Buffer | null;
};

export type Terms = ReadingBounds & {
  /** Whether the server is told (SETTINGS_MAX_HEADER_LIST_SIZE). */
  readonly saysMaxListBytes: boolean;
};

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
/** Of replies and of a body that the server does not read. */
const maxUnreadBytes = 1_048_576;

/**
 * Enters no phase: `hearer` does, when the answer begins. The socket is closed when it resolves, or about to be, and
 * `watch` is finished. Never rejects; `null`: the hearer had enough.
 */
export function ask(
  socket: Socket,
  request: Request,
  hearer: Hearer,
  terms: Terms,
  { watch, signal }: { readonly watch: PhaseWatch; readonly signal: Ending },
): Promise<Failure | null> {
  return new Promise((resolve) => {
    const body = sending(request.body);
    const read = reading(terms, hearer, body, (bytes) => socket.write(bytes));

    function settle(failure: Failure | null): void {
      watch.finish();
      signal.removeEventListener('abort', stop);
      socket.off('data', take).off('drain', pump).off('end', close).off('close', close).off('error', fail);
      socket.destroy();
      resolve(failure);
    }
    function settleBad(reason: string): void {
      settle({ failedAt: 'answer', reason });
    }
    function stop(): void {
      settle(failureOfAbort(signal, watch.current));
    }
    function close(): void {
      settleBad('answer: the connection was closed by the other side, want a response');
    }
    function fail(error: Error): void {
      settleBad(`answer: got ${describeError(error)}, want a response`);
    }
    function take(bytes: Buffer): void {
      const progress: Progress = read.feed(bytes);
      if (progress === 'done') settle(null);
      else if (progress !== 'more') settleBad(progress.mistake);
      else if (socket.writableLength > maxUnreadBytes)
        settleBad('answer: got a server that reads nothing, want one that does');
      else pump();
    }
    /** As much of the body as there is room for, there and in the socket. */
    function pump(): void {
      while (!socket.writableNeedDrain) {
        const frame = body.next();
        if (frame === undefined) return;
        socket.write(frame);
      }
    }

    if (signal.aborted) return stop();
    if (socket.destroyed) return close();
    signal.addEventListener('abort', stop, { once: true });
    socket.on('data', take).on('drain', pump).on('end', close).on('close', close).on('error', fail);
    const headers = writeHeaders(ourStream, packHeaders(request.headers), request.body === null);
    socket.write(Buffer.concat([opening(terms), headers, body.next() ?? Buffer.alloc(0)]));
    pump();
  });
}

/** No promises; and the room that a body has. */
function opening({ windowBytes, maxListBytes, saysMaxListBytes }: Terms): Buffer {
  const settings = [setting(0x2, 0), setting(0x4, windowBytes)];
  if (saysMaxListBytes) settings.push(setting(0x6, maxListBytes));
  return Buffer.concat([
    preface,
    writeFrame(frameTypes.settings, 0, 0, Buffer.concat(settings)),
    writeFrame(frameTypes.windowUpdate, 0, 0, uint32(windowBytes)),
  ]);
}

function setting(id: number, value: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUInt16BE(id, 0);
  bytes.writeUInt32BE(value, 2);
  return bytes;
}
