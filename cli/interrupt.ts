/** Ctrl-C and its like. Needs nothing else, so that it is heard from the first moments of a process on. */

/** Why `signal` aborted. */
export class Interrupted extends Error {
  readonly by: NodeJS.Signals;
  constructor(by: NodeJS.Signals) {
    super(`interrupted by ${by}`);
    this.name = 'Interrupted';
    this.by = by;
  }
}

export type Interrupt = {
  /** Aborts at the first SIGINT or SIGTERM, with an `Interrupted`. Later ones change nothing: mending goes on. */
  readonly signal: AbortSignal;
  close(): void;
};

export function listenForInterrupt(): Interrupt {
  const interrupt = new AbortController();
  const onSignal = (by: NodeJS.Signals): void => interrupt.abort(new Interrupted(by));
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: interrupt.signal,
    close() {
      process.removeListener('SIGINT', onSignal);
      process.removeListener('SIGTERM', onSignal);
    },
  };
}
