/** What a stopped process looks like from outside: everything waits, nothing is refused, and it all goes on at once. */
export type Gate = {
  /** Now, or in order as soon as the gate opens. */
  whenOpen(run: () => void): void;
  close(): void;
  open(): void;
};

export function gate(): Gate {
  let isOpen = true;
  let waiting: (() => void)[] = [];
  return {
    whenOpen(run) {
      if (isOpen) run();
      else waiting.push(run);
    },
    close() {
      isOpen = false;
    },
    open() {
      isOpen = true;
      const all = waiting;
      waiting = [];
      for (const run of all) run();
    },
  };
}
