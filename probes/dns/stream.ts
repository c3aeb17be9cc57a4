/** One question and its answer over a connection that is open: TCP, or TLS over it (RFC 7858). */
import type { Socket } from 'node:net';
import type { Ending } from '../ending.ts';
import { describeError, type Failure, failureOfAbort } from '../prober.ts';
import type { PhaseWatch } from '../watch.ts';

export type Streamed =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly failure: Failure };

/**
 * Phases `firstByte` and `transfer`, and the watch is finished. One message is read, of at most the 65,535 bytes that
 * its length can say. The socket stays as it is: the caller closes it.
 */
export function askStream(socket: Socket, message: Buffer, watch: PhaseWatch, signal: Ending): Promise<Streamed> {
  return new Promise((resolve) => {
    watch.enter('firstByte');
    const chunks: Buffer[] = [];
    let held = 0;
    let want: number | undefined;
    function settle(outcome: Streamed): void {
      watch.finish();
      signal.removeEventListener('abort', stop);
      socket.off('data', take).off('end', close).off('close', close).off('error', fail);
      resolve(outcome);
    }
    function settleBad(reason: string): void {
      settle({ ok: false, failure: { failedAt: 'answer', reason } });
    }
    function stop(): void {
      settle({ ok: false, failure: failureOfAbort(signal, watch.current) });
    }
    function take(chunk: Buffer): void {
      if (watch.current === 'firstByte') watch.enter('transfer');
      chunks.push(chunk);
      held += chunk.length;
      if (want === undefined && held >= 2) want = Buffer.concat(chunks, 2).readUInt16BE(0) + 2;
      if (want !== undefined && held >= want) settle({ ok: true, bytes: Buffer.concat(chunks).subarray(2, want) });
    }
    function close(): void {
      settleBad(`answer: got the close after ${held} bytes, want all of them`);
    }
    function fail(error: Error): void {
      settleBad(`answer: ${describeError(error)}`);
    }

    if (signal.aborted) return stop();
    if (socket.destroyed) return close();
    signal.addEventListener('abort', stop, { once: true });
    socket.on('data', take).on('end', close).on('close', close).on('error', fail);
    socket.write(Buffer.concat([Buffer.from([message.length >> 8, message.length & 0xff]), message]));
  });
}
