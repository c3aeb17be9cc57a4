import type { Clock } from '../../contract/clock.ts';

/** A body made piece by piece as it is read. A reader that is not done in time is cut off; `onEnd` is called once. */
export function bodyOf(
  pieces: AsyncGenerator<string | Uint8Array, void, undefined>,
  clock: Clock,
  limitMs: number,
  onEnd: () => void,
): ReadableStream<Uint8Array> {
  let ended = false;
  let cancelTimer = (): void => undefined;
  const end = (): void => {
    if (ended) return;
    ended = true;
    cancelTimer();
    onEnd();
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      cancelTimer = clock.after(limitMs, () => {
        if (ended) return;
        controller.error(new Error(`the reader took more than ${limitMs} ms`));
        end();
      });
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
