/** The time-outs of all attempts, with one timer for each length: a timer of its own for each would cost more than its end. */
import type { Cancel, Clock } from '../contract/clock.ts';
import { takeOut } from './under-way.ts';

export type Deadlines = Pick<Clock, 'after'> & {
  /** Nothing that waits is run any more. */
  stop(): void;
};

type Waiting = { readonly atMs: number; readonly run: () => void };
/**
 * In the order of their ends, as all take equally long. What is called off leaves at once: if it stayed until its time,
 * it would outlive its attempt by far and grow old in the heap.
 */
type Line = { readonly waiting: Waiting[]; cancel: Cancel | undefined };

export function deadlines(clock: Clock): Deadlines {
  const lines = new Map<number, Line>();

  /** Until it is over the line counts as waiting for its timer: what asks for another meanwhile sets none beside it. */
  function look(limitMs: number, line: Line): void {
    const nowMs = clock.nowMs();
    for (let [next] = line.waiting; next !== undefined; [next] = line.waiting) {
      if (next.atMs > nowMs) {
        line.cancel = clock.after(Math.ceil(next.atMs - nowMs), () => look(limitMs, line));
        return;
      }
      line.waiting.shift();
      next.run();
    }
    // Another length may never come again.
    lines.delete(limitMs);
  }

  return {
    after(limitMs, run) {
      let line = lines.get(limitMs);
      if (line === undefined) {
        line = { waiting: [], cancel: undefined };
        lines.set(limitMs, line);
      }
      const entry: Waiting = { atMs: clock.nowMs() + limitMs, run };
      const its = line;
      its.waiting.push(entry);
      its.cancel ??= clock.after(Math.ceil(limitMs), () => look(limitMs, its));
      return () => takeOut(its.waiting, entry);
    },
    stop() {
      for (const line of lines.values()) line.cancel?.();
      lines.clear();
    },
  };
}
