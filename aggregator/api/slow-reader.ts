import type { Clock } from '../../contract/clock.ts';

export type Reading = { readonly sinceMs: number; cutOff(): void };

/** Readers at the same time: each holds what it reads in memory until it is done. */
export function readers(clock: Clock, limits: { readonly most: number; readonly slowAfterMs: number }) {
  const open = new Set<Reading>();
  return {
    open,
    /** Whether there is room for one more; who has been reading for too long makes room. */
    hasRoom(onCutOff: () => void): boolean {
      if (open.size < limits.most) return true;
      const [oldest] = open;
      if (oldest === undefined || clock.nowMs() - oldest.sinceMs < limits.slowAfterMs) return false;
      oldest.cutOff();
      onCutOff();
      return true;
    },
  };
}

/** A body made piece by piece as it is read. A reader that is not done in time is cut off; as long as it reads it is among `reading`. */
export function bodyOf(
  pieces: AsyncGenerator<string | Uint8Array, void, undefined>,
  clock: Clock,
  limitMs: number,
  reading: Set<Reading>,
): ReadableStream<Uint8Array> {
  let ended = false;
  let cancelTimer = (): void => undefined;
  const end = (): void => {
    if (ended) return;
    ended = true;
    cancelTimer();
    reading.delete(own);
  };
  let own: Reading = { sinceMs: clock.nowMs(), cutOff: end };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const cutOff = (): void => {
        if (ended) return;
        controller.error(new Error('the reader is too slow'));
        end();
      };
      own = { ...own, cutOff };
      reading.add(own);
      cancelTimer = clock.after(limitMs, cutOff);
    },
    async pull(controller) {
      const piece = await pieces.next();
      if (ended) return;
      if (piece.done !== true) {
        controller.enqueue(typeof piece.value === 'string' ? Buffer.from(piece.value) : piece.value);
        return;
      }
      end();
      controller.close();
    },
    async cancel() {
      end();
      await pieces.return();
    },
  });
}
