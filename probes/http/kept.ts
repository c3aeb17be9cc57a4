/** The one connection that a pooled check keeps between its attempts. */
import type { Socket } from 'node:net';

/** An open connection with its number (1, 2, 3, … per check) and the moment it opened, on the agent's clock. */
export type Line = {
  readonly socket: Socket;
  readonly address: string;
  readonly number: number;
  readonly openedAtMs: number;
};

export type KeptConnection = {
  /** The open connection; `undefined` before the first and after one broke. */
  readonly line: Line | undefined;
  /** Tells that an attempt uses the line: what comes on it now is its answer. */
  busy(using: boolean): void;
  /** Keeps a new connection, in place of one that broke. */
  hold(socket: Socket, address: string, openedAtMs: number): Line;
  /** Closes what is kept. The next attempt opens a new one. */
  drop(): void;
  /** Closes as soon as no attempt uses it: our own end must not look like the target's. */
  retire(): void;
};

/** Between attempts the kernel pings so often, and so notices a peer that vanished; the attempts are pings themselves. */
const keepAliveAfterMs = 1_000;

export function keptConnection(): KeptConnection {
  let line: Line | undefined;
  let inUse = false;
  let retired = false;
  let opened = 0;

  function drop(): void {
    line?.socket.destroy();
    line = undefined;
  }
  return {
    get line() {
      return line;
    },
    busy(using) {
      inUse = using;
      if (retired && !inUse) drop();
    },
    hold(socket, address, openedAtMs) {
      drop();
      opened += 1;
      const held: Line = { socket, address, number: opened, openedAtMs };
      line = held;
      socket.setKeepAlive(true, keepAliveAfterMs);
      // Closed by the other side, or sent what nobody asked for: no attempt of ours may be answered by that.
      const broke = (): void => {
        if (!inUse && line === held) drop();
      };
      socket.on('data', broke).on('end', broke).on('close', broke);
      return held;
    },
    drop,
    retire() {
      retired = true;
      if (!inUse) drop();
    },
  };
}
