/** Sockets that have a path in place of an address. */
import { connect } from 'node:net';
import type { Dialed } from '../dialer.ts';
import type { Ending } from '../ending.ts';
import { describeError, failureOfAbort } from '../prober.ts';
import type { PhaseWatch } from '../watch.ts';

/** Phase `connect`. As `Dialer.dial`, and without TLS: what it opens can be upgraded. */
export function dialPath(path: string, watch: PhaseWatch, signal: Ending): Promise<Dialed> {
  watch.enter('connect');
  return new Promise((resolve) => {
    if (signal.aborted) return resolve({ ok: false, failure: failureOfAbort(signal, 'connect') });
    const socket = connect({ path });
    function settle(dialed: Dialed): void {
      signal.removeEventListener('abort', stop);
      socket.off('connect', open).off('error', fail);
      socket.on('error', () => undefined);
      if (!dialed.ok) socket.destroy();
      resolve(dialed);
    }
    function stop(): void {
      settle({ ok: false, failure: failureOfAbort(signal, 'connect') });
    }
    function open(): void {
      settle({ ok: true, socket });
    }
    function fail(error: Error): void {
      settle({ ok: false, failure: { failedAt: 'connect', reason: `connection to ${path}: ${describeError(error)}` } });
    }
    signal.addEventListener('abort', stop, { once: true });
    socket.once('connect', open).once('error', fail);
  });
}
