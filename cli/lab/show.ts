/** What a lab says while it runs: lines, and on a terminal one more that is redrawn. */
import type { Clock } from '../../contract/clock.ts';
import type { Output } from '../io.ts';

export type Show = {
  line(text: string): void;
  /** Replaces the line at the bottom of a terminal; elsewhere it is said only when it starts. */
  progress(text: string): void;
  /** Runs `work` under a line that counts the seconds. */
  during<T>(text: string, work: Promise<T>): Promise<T>;
};

const redrawMs = 200;

export function show(output: Output, live: boolean, clock: Clock): Show {
  let drawn = false;
  const clear = (): void => {
    if (drawn) output.write('\r\u001b[K');
    drawn = false;
  };
  const line = (text: string): void => {
    clear();
    output.write(`${text}\n`);
  };
  const progress = (text: string): void => {
    if (!live) return;
    clear();
    output.write(text.slice(0, (output.columns ?? 80) - 1));
    drawn = true;
  };
  return {
    line,
    progress,
    async during(text, work) {
      if (!live) line(text);
      const startedMs = clock.nowMs();
      let over = false;
      const tick = (): void => {
        if (over) return;
        progress(`${text} ${((clock.nowMs() - startedMs) / 1_000).toFixed(0)} s`);
        clock.after(redrawMs, tick);
      };
      if (live) tick();
      try {
        return await work;
      } finally {
        over = true;
        clear();
      }
    },
  };
}
