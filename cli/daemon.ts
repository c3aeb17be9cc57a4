/** What all daemons have in common: the first line, and an orderly end. */
import type { Io } from './io.ts';

/** A daemon's first line on stderr: where it really listens. INTERFACES fixes its form. */
export function announce(io: Io, url: string): void {
  io.stderr.write(`${JSON.stringify({ level: 'info', msg: 'listening', url })}\n`);
}

/** Resolves at the first SIGINT or SIGTERM, or when the daemon ended by itself (rejecting as it did). */
export function untilEnd(signal: AbortSignal, ended: Promise<void>): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    ended.then(resolve, reject);
  });
}

/** A promise that never settles: for daemons that only a signal ends. */
export const never: Promise<void> = new Promise(() => undefined);

/** Calls `run` at every SIGHUP, until what it returns is called; without it that signal ends the process. */
export function onHangup(run: () => void): () => void {
  process.on('SIGHUP', run);
  return () => void process.removeListener('SIGHUP', run);
}
