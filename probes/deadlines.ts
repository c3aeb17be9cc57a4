/** The time-outs of all attempts, with one timer for each length: a timer of its own for each would cost more than its end. */
import type { Cancel, Clock } from '../contract/clock.ts';

export type Deadlines = Pick<Clock, 'after'> & {
  /** Nothing that waits is run any more. */
  stop(): void;
};

type Waiting = { readonly atMs: number; run: (() => void) | undefined };
/** In the order of their ends, as all take equally long. */
type Line = { readonly waiting: Waiting[]; first: number; cancel: Cancel | undefined };

export function deadlines(clock: Clock): Deadlines {
  const lines = new Map<number, Line>();

  function passOver(line: Line): Waiting | undefined {
    while (line.first < line.waiting.length && line.waiting[line.first]?.run === undefined) line.first += 1;
    if (line.first > 512 || line.first === line.waiting.length) {
      line.waiting.splice(0, line.first);
      line.first = 0;
    }
    return line.waiting[line.first];
  }

  /** What was called off costs one look when the timer fires, and none when it is called off. */
  function look(limitMs: number, line: Line): void {
    line.cancel = undefined;
    const nowMs = clock.nowMs();
    for (let next = passOver(line); next !== undefined; next = passOver(line)) {
      if (next.atMs > nowMs) {
        line.cancel = clock.after(Math.ceil(next.atMs - nowMs), () => look(limitMs, line));
        return;
      }
      const { run } = next;
      next.run = undefined;
      run?.();
    }
    // Another length may never come again.
    if (line.cancel === undefined && line.waiting.length === 0) lines.delete(limitMs);
  }

  return {
    after(limitMs, run) {
      let line = lines.get(limitMs);
      if (line === undefined) {
        line = { waiting: [], first: 0, cancel: undefined };
        lines.set(limitMs, line);
      }
      const entry: Waiting = { atMs: clock.nowMs() + limitMs, run };
      line.waiting.push(entry);
      const its = line;
      line.cancel ??= clock.after(Math.ceil(limitMs), () => look(limitMs, its));
      return () => {
        entry.run = undefined;
      };
    },
    stop() {
      for (const line of lines.values()) line.cancel?.();
      lines.clear();
    },
  };
}
