import type { WebSocket } from 'ws';
import type { Cancel } from '../../contract/clock.ts';
import type { Gap, Hold, Mark, ResultsFrame } from '../../contract/wire.ts';
import type { LinkHost } from './host.ts';
import type { Link } from './link.ts';
import type { Agent } from './roster.ts';

export type Timed<T> = { readonly frame: T; readonly text: string; readonly atMs: number };
export type Counting = ResultsFrame | Gap | Mark | Hold;

export type Session = {
  readonly socket: WebSocket;
  readonly host: LinkHost;
  readonly link: Link;
  readonly cancels: Set<Cancel>;
  greeted: boolean;
  /** From the welcome on. */
  agent: Agent | undefined;
  heardAtMs: number;
  /** Frames that wait for the clocks to be compared; `undefined` once they are. */
  early: Timed<Counting>[] | undefined;
  paused: boolean;
};

/** A timer that ends with the connection. */
export function later(session: Session, delayMs: number, run: () => void): void {
  const cancel = session.host.clock.after(delayMs, () => {
    session.cancels.delete(cancel);
    run();
  });
  session.cancels.add(cancel);
}

/** Closes the connection because of what came over it. */
export function end(session: Session, code: number, reason: string): void {
  const { socket, host, link, agent } = session;
  host.counts.refused(code);
  host.log.warn({ code, reason, agent: agent?.agent ?? null }, 'an agent connection was closed');
  socket.removeAllListeners('message');
  link.close(code, reason);
}
