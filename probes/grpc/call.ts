/**
 * One unary gRPC call over HTTP/2, on a connection that is open already and that ends with the call. It is not made with
 * node:http2, which a server can end our process with: headers that are begun and not ended, and then an error, leave
 * memory behind that Node finds when it collects the session, and aborts (nodejs/node#39951).
 */
import type { Socket } from 'node:net';
import type { Ending } from '../ending.ts';
import { describeError, type Failure, failureOfAbort } from '../prober.ts';
import type { PhaseWatch } from '../watch.ts';
import { flag, frameTypes, writeFrame, writeHeaders } from './frames.ts';
import { type Header, packHeaders } from './hpack.ts';
import { type Answer, ourStream, type Progress, reading } from './reading.ts';

export type Call = { readonly headers: readonly Header[]; readonly message: Buffer };

export type Called = { readonly ok: true; readonly answer: Answer } | { readonly ok: false; readonly failure: Failure };

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
/** No promises; and room for the longest message and more, so that no window has to be opened again. */
const windowBytes = 262_144;
const settings = Buffer.alloc(12);
settings.writeUInt16BE(0x2, 0);
settings.writeUInt32BE(0, 2);
settings.writeUInt16BE(0x4, 6);
settings.writeUInt32BE(windowBytes, 8);
const window = Buffer.alloc(4);
window.writeUInt32BE(windowBytes);
/** A frame of data may have so much, and every server takes as much before it has said anything. */
const maxRequestBytes = 16_384;

const opening = Buffer.concat([
  preface,
  writeFrame(frameTypes.settings, 0, 0, settings),
  writeFrame(frameTypes.windowUpdate, 0, 0, window),
]);

/** Phases `firstByte` and `transfer`. The socket is closed when it resolves, or about to be. Never rejects. */
export function unary(socket: Socket, call: Call, watch: PhaseWatch, signal: Ending): Promise<Called> {
  watch.enter('firstByte');
  return new Promise((resolve) => {
    const read = reading();
    function settle(called: Called): void {
      watch.finish();
      signal.removeEventListener('abort', stop);
      socket.off('data', take).off('end', close).off('close', close).off('error', fail);
      socket.destroy();
      resolve(called);
    }
    function stop(): void {
      settle({ ok: false, failure: failureOfAbort(signal, watch.current) });
    }
    function close(): void {
      settle(failed('answer: the connection was closed by the other side, want a response'));
    }
    function fail(error: Error): void {
      settle(failed(`answer: got ${describeError(error)}, want a response`));
    }
    function take(bytes: Buffer): void {
      const progress: Progress = read.feed(bytes, (reply) => socket.write(reply));
      if (read.hasBegun && watch.current === 'firstByte') watch.enter('transfer');
      if (progress === 'more') return;
      settle('mistake' in progress ? failed(progress.mistake) : { ok: true, answer: progress.answer });
    }

    if (signal.aborted) return stop();
    if (socket.destroyed) return close();
    if (call.message.length > maxRequestBytes) {
      const reason = `request: got a message of ${call.message.length} bytes, want at most ${maxRequestBytes}`;
      return settle({ ok: false, failure: { failedAt: 'agent', reason } });
    }
    signal.addEventListener('abort', stop, { once: true });
    socket.on('data', take).on('end', close).on('close', close).on('error', fail);
    socket.write(
      Buffer.concat([
        opening,
        writeHeaders(ourStream, packHeaders(call.headers)),
        writeFrame(frameTypes.data, flag.endStream, ourStream, call.message),
      ]),
    );
  });
}

function failed(reason: string): Called {
  return { ok: false, failure: { failedAt: 'answer', reason } };
}
