import type { WebSocket } from 'ws';
import type { Cancel } from '../../contract/clock.ts';
import type { Gap, Hold, Mark, ResultsFrame } from '../../contract/wire.ts';
import type { Admission } from './admission.ts';
import type { LinkHost } from './host.ts';
import type { Link } from './link.ts';
import type { Agent } from './roster.ts';

export type Timed<T> = { readonly frame: T; readonly text: string; readonly atMs: number };
export type Counting = ResultsFrame | Gap | Mark | Hold;

/** Who opened the connection, as far as can be known before the hello. `from`: the address that it came from. */
export type Visitor = { readonly from: string; readonly admission: Admission };

export type Session = {
  readonly socket: WebSocket;
  readonly host: LinkHost;
  readonly link: Link;
  readonly visitor: Visitor;
  readonly cancels: Set<Cancel>;
  greeted: boolean;
  /** From the welcome on. */
  agent: Agent | undefined;
  heardAtMs: number;
  /** Frames that wait for the clocks to be compared; `undefined` once they are. */
  early: Timed<Counting>[] | undefined;
  earlyBytes: number;
  paused: boolean;
};

export const closedSentence = 'an agent connection was closed';

/** Something came from the agent: it is there. */
export function heard(session: Session): void {
  session.heardAtMs = session.host.clock.nowMs();
  if (session.agent?.link === session.link) session.agent.lastSeenMs = session.heardAtMs;
}

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
  const { socket, host, link, agent, visitor } = session;
  host.counts.refused(code);
  const { from } = visitor;
  const named = agent?.agent ?? null;
  host.complain(named ?? from, String(code), { code, reason, agent: named, from }, closedSentence);
  socket.removeAllListeners('message');
  link.close(code, reason);
}
