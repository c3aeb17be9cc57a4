/** Where the bytes of a body go: counted all, kept up to a bound, and refused behind another. */
import type { Keeper } from '../body.ts';

/** Nobody's body takes more of this process's memory, whatever a check allows. */
export const maxKeptBytes = 16 * 1024 * 1024;

export type Sink = Keeper & {
  /** All that came; behind `stopBytes` nothing is counted. */
  readonly bytes: number;
};

/** Keeps the first `keepBytes`; is `cut` as soon as there are more than `stopBytes`. */
export function sink(keepBytes: number, stopBytes: number): Sink {
  // One piece that grows, not a list: an answer of one-byte chunks would make millions of buffers.
  let room: Buffer = Buffer.alloc(0);
  let used = 0;
  let bytes = 0;
  let cut = false;

  function keep(piece: Buffer): void {
    if (used + piece.length > room.length) {
      const larger = Buffer.allocUnsafe(Math.min(keepBytes, Math.max(4_096, 2 * (used + piece.length))));
      room.copy(larger, 0, 0, used);
      room = larger;
    }
    piece.copy(room, used);
    used += piece.length;
  }
  return {
    add(piece) {
      if (cut) return;
      const counted = Math.min(piece.length, stopBytes - bytes);
      if (counted < piece.length) cut = true;
      bytes += counted;
      const kept = piece.subarray(0, Math.min(counted, keepBytes - used));
      if (kept.length > 0) keep(kept);
    },
    get kept() {
      return room.subarray(0, used);
    },
    get cut() {
      return cut;
    },
    get bytes() {
      return bytes;
    },
  };
}
