import type { Socket } from 'node:net';
import type { ProbeContext } from './prober.ts';

/** Connections that are done with, closed together: each close alone wakes its target, and the kernel for it. */
export type Farewell = {
  letGo(socket: Socket): void;
  /** Closes all that were let go. */
  close(): void;
};

/** More are not kept waiting: descriptors have an end. */
const maxWaiting = 256;

export function farewell(): Farewell {
  let waiting: Socket[] = [];

  function close(): void {
    const closing = waiting;
    waiting = [];
    for (const socket of closing) socket.destroy();
  }
  return {
    letGo(socket) {
      waiting.push(socket);
      if (waiting.length >= maxWaiting) close();
    },
    close,
  };
}

/** Closes it together with others where the attempt is told how, else at once. */
export function letGo(socket: Socket, { letGo: together }: Pick<ProbeContext, 'letGo'>): void {
  if (together === undefined) socket.destroy();
  else together(socket);
}
