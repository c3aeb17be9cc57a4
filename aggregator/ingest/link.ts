/** One agent's connection: what is sent and closed, and the exchange of time stamps. What frames mean is not its business. */
import type { WebSocket } from 'ws';
import type { Cancel, Clock } from '../../contract/clock.ts';
import { closeCodes, encode, type FromAggregator, type Pong } from '../../contract/wire.ts';
import type { Exchange } from '../clock-offset.ts';

export type Link = {
  readonly open: boolean;
  send(frame: FromAggregator): void;
  /** Closes the connection; if the peer does not close its side soon, it is cut. */
  close(code: number, reason: string): void;
  /** Asks the agent what time it is. */
  ask(): void;
  /** An answer to one of our questions, or `undefined` for an answer to none. */
  answered(pong: Pong, receivedMs: number): Exchange | undefined;
  /** Whether a question asked now is answered within the limit. */
  answers(withinMs: number): Promise<boolean>;
  /** Holds back what the agent sends, as long as we cannot take it. */
  pause(): void;
  resume(): void;
};

/** Questions without an answer that are remembered. */
const maxAsked = 32;
/** A peer that does not read is cut when so much waits for it. */
const maxBufferedBytes = 8_388_608;
const closeWithinMs = 1_000;

export function linkOver(socket: WebSocket, clock: Clock): Link {
  let asked: readonly number[] = [];
  let lastAsked = 0;
  const waiting = new Set<(answers: boolean) => void>();
  socket.once('close', () => {
    for (const tell of waiting) tell(false);
  });

  function send(frame: FromAggregator): void {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > maxBufferedBytes) {
      socket.terminate();
      return;
    }
    socket.send(encode(frame));
  }

  function ask(): void {
    // Two questions in the same instant must be told apart by their stamps.
    const t1 = Math.max(clock.nowMs(), lastAsked + 0.001);
    lastAsked = t1;
    asked = [...asked, t1].slice(-maxAsked);
    send({ type: 'ping', t1 });
  }

  return {
    get open() {
      return socket.readyState === socket.OPEN;
    },
    send,
    ask,
    close(code, reason) {
      cut(socket, clock, code, reason);
    },
    answered(pong, receivedMs) {
      if (!asked.includes(pong.t1)) return undefined;
      asked = asked.filter((t1) => t1 !== pong.t1);
      for (const tell of waiting) tell(true);
      return { t1: pong.t1, t2: pong.t2, t3: pong.t3, t4: receivedMs };
    },
    answers(withinMs) {
      return new Promise((resolve) => {
        let cancel: Cancel = () => undefined;
        const tell = (answers: boolean): void => {
          cancel();
          waiting.delete(tell);
          resolve(answers);
        };
        waiting.add(tell);
        cancel = clock.after(withinMs, () => tell(false));
        // An answer to an older question would not show that it still answers.
        asked = [];
        ask();
      });
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
}

function cut(socket: WebSocket, clock: Clock, code: number, reason: string): void {
  if (socket.readyState === socket.CLOSED) return;
  const cancel = clock.after(closeWithinMs, () => socket.terminate());
  socket.once('close', cancel);
  socket.resume();
  socket.close(code, printable(reason));
}

/** A close reason is at most 123 bytes long, and it ends up in other people's logs. */
function printable(reason: string): string {
  return reason.replace(/[^\x20-\x7e]/g, '?').slice(0, 120);
}

/** Refuses a connection that never became a link. */
export function refuse(socket: WebSocket, clock: Clock, reason: string): void {
  cut(socket, clock, closeCodes.notAllowed, reason);
}
