/** What comes on a connection, line by line or byte by byte, to a bound. */
import type { Socket } from 'node:net';
import type { Ending } from '../ending.ts';
import { describeError, type Failure, failureOfAbort } from '../prober.ts';
import type { PhaseWatch } from '../watch.ts';

/** As Go's scanner has it: a line with its end is no longer. */
const maxLineBytes = 65_536;
/** Nobody waits for the right line through more than this. */
export const maxTotalBytes = 1_048_576;
export const maxLines = 10_000;

/** `ended`: the other side closed before. `failed`: anything else, our own time being up included. */
export type Taken =
  | { readonly is: 'read'; readonly bytes: Buffer }
  | { readonly is: 'ended' }
  | { readonly is: 'failed'; readonly failure: Failure };

export type Reader = {
  /** The next line, without its `\n` or `\r\n`; what comes before the close is one too, unless it is empty. */
  line(): Promise<Taken>;
  /** The next so many bytes. They are looked at as they come: `fits` false ends the waiting with those that did not fit. */
  bytes(count: number, fits: (some: Buffer) => boolean): Promise<Taken>;
  /** Bytes, as soon as `whole` says how many are an answer; `undefined` asks for more. */
  answer(whole: (some: Buffer) => number | undefined): Promise<Taken>;
  /** Stops listening, so that TLS can go on where this ends. How many bytes came that nobody took. */
  stop(): number;
};

/** Phase `firstByte`, and `transfer` from the first byte. */
export function reader(socket: Socket, watch: PhaseWatch, signal: Ending): Reader {
  let store = Buffer.allocUnsafe(0);
  let from = 0;
  let to = 0;
  let total = 0;
  let lines = 0;
  let over: Taken | undefined;
  let wake: (() => void) | undefined;

  function keep(chunk: Buffer): void {
    if (watch.current !== 'transfer') watch.enter('transfer');
    total += chunk.length;
    if (total > maxTotalBytes) {
      stopFor(answerFailure(`got more than ${maxTotalBytes} bytes`));
      return;
    }
    if (to + chunk.length > store.length) {
      const roomier = Buffer.allocUnsafe(Math.max(4_096, 2 * (to - from + chunk.length)));
      store.copy(roomier, 0, from, to);
      [store, from, to] = [roomier, 0, to - from];
    }
    chunk.copy(store, to);
    to += chunk.length;
    wake?.();
  }
  function stopFor(taken: Taken): void {
    over ??= taken;
    if (over.is === 'failed') socket.pause();
    wake?.();
  }
  function end(): void {
    stopFor({ is: 'ended' });
  }
  function fail(error: Error): void {
    stopFor(answerFailure(describeError(error)));
  }
  function abort(): void {
    stopFor({ is: 'failed', failure: failureOfAbort(signal, watch.current) });
  }

  socket.on('data', keep).on('end', end).on('close', end).on('error', fail);
  signal.addEventListener('abort', abort, { once: true });
  if (socket.destroyed) end();
  if (signal.aborted) abort();

  /** Waits until `look` finds what it looks for in what there is, or nothing more will come. */
  async function until(look: (some: Buffer, ended: boolean) => number | undefined): Promise<Taken> {
    for (;;) {
      const some = store.subarray(from, to);
      // What came before an error is still an answer; after our own time nothing is.
      const found = signal.aborted ? undefined : look(some, over?.is === 'ended');
      if (found !== undefined) {
        from += found;
        return { is: 'read', bytes: Buffer.from(some.subarray(0, found)) };
      }
      if (over !== undefined) return over;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      wake = undefined;
    }
  }

  return {
    async line() {
      let searched = 0;
      lines += 1;
      if (lines > maxLines) return answerFailure(`got more than ${maxLines} lines`);
      const taken = await until((some, ended) => {
        const at = some.indexOf(0x0a, searched);
        searched = some.length;
        if (at >= 0 && at < maxLineBytes) return at + 1;
        if (some.length >= maxLineBytes) {
          stopFor(answerFailure(`got a line of more than ${maxLineBytes} bytes`));
          return undefined;
        }
        return ended && some.length > 0 ? some.length : undefined;
      });
      return taken.is === 'read' ? { is: 'read', bytes: withoutEnd(taken.bytes) } : taken;
    },
    bytes: (count, fits) =>
      until((some) => {
        const part = some.subarray(0, count);
        return part.length === count || !fits(part) ? part.length : undefined;
      }),
    answer: (whole) => until((some) => (some.length === 0 ? undefined : whole(some))),
    stop() {
      socket.off('data', keep).off('end', end).off('close', end).off('error', fail).pause();
      signal.removeEventListener('abort', abort);
      return to - from;
    },
  };
}

function answerFailure(reason: string): Taken {
  return { is: 'failed', failure: { failedAt: 'answer', reason: `answer: ${reason}` } };
}

function withoutEnd(line: Buffer): Buffer {
  if (line.at(-1) !== 0x0a) return line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
  return line.subarray(0, line.at(-2) === 0x0d ? -2 : -1);
}
