import type { Socket } from 'node:net';
import type { Ending } from '../ending.ts';
import type { Hearing } from '../hearing.ts';
import { describeError, type Failure, failureOfAbort } from '../prober.ts';
import type { PhaseWatch } from '../watch.ts';
import { type HttpResponse, type Progress, type ResponseReader, responseReader } from './response.ts';

export type Exchanged =
  | { readonly ok: true; readonly response: HttpResponse }
  | { readonly ok: false; readonly failure: Failure };

/**
 * Writes one request on an open connection and reads its response: phases `firstByte` and `transfer`, and the watch is
 * finished. The socket stays as it is; a caller that gets a failure has to destroy it. What comes is heard through
 * `hearing`, where the connection was dialled with one.
 */
export function exchange(
  socket: Socket,
  request: { readonly method: string; readonly bytes: Buffer; readonly reader?: ResponseReader },
  watch: PhaseWatch,
  signal: Ending,
  hearing?: Hearing,
): Promise<Exchanged> {
  return new Promise((resolve) => {
    watch.enter('firstByte');
    const reader = request.reader ?? responseReader(request.method);

    function settle(outcome: Exchanged): void {
      watch.finish();
      signal.removeEventListener('abort', stop);
      if (hearing === undefined) socket.off('data', take).off('end', end).off('close', close).off('error', fail);
      else hearing.leave();
      resolve(outcome);
    }
    function settleBad(reason: string): void {
      settle({ ok: false, failure: { failedAt: 'answer', reason } });
    }
    function stop(): void {
      settle({ ok: false, failure: failureOfAbort(signal, watch.current) });
    }
    function advance(progress: Progress): void {
      if (progress === 'more') return;
      if ('mistake' in progress) settleBad(progress.mistake);
      else settle({ ok: true, response: progress.response });
    }
    function take(chunk: Buffer): void {
      if (watch.current === 'firstByte') watch.enter('transfer');
      advance(reader.feed(chunk));
    }
    function end(): void {
      const progress = reader.end();
      // A reader that still wants more has no end to wait for.
      if (progress === 'more') settleBad('got the close before the end of the answer');
      else advance(progress);
    }
    function fail(error: Error): void {
      settleBad(`answer: ${describeError(error)}`);
    }
    function close(): void {
      settleBad('answer: got the close before it');
    }

    if (signal.aborted) return stop();
    if (socket.destroyed) return close();
    signal.addEventListener('abort', stop, { once: true });
    if (hearing === undefined) socket.on('data', take).on('end', end).on('close', close).on('error', fail);
    socket.write(request.bytes);
    hearing?.listen({ take, end, close, fail });
  });
}
