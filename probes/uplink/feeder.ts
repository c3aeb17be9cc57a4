import type { WebSocket } from 'ws';
import { encode, type FromAgent, type Hello, type Mark } from '../../contract/wire.ts';
import { type Pump, type PumpSpool, pump } from './pump.ts';

/** The last number given, and how old what follows can be at most. */
export type MarkNow = () => Pick<Mark, 'seq' | 'roundsThroughMs'>;

/** Sends what is spooled over one connection, once that is welcome, and marks behind it. */
export type Feeder = {
  begin(ackedSeq: number): void;
  /** Sends as much as may be on its way. */
  flow(): void;
  /** Says, as soon as all that it speaks of is sent, that nothing older will follow. */
  mark(): void;
  acknowledged(boot: string, seq: number): void;
  send(frame: FromAgent): void;
  readonly begun: boolean;
  readonly drained: boolean;
};

const maxBufferedBytes = 1_048_576;

export function feeder(socket: WebSocket, spool: PumpSpool, hello: Hello, markNow: MarkNow): Feeder {
  let feeding: Pump | undefined;
  let pendingMark: ReturnType<MarkNow> | undefined;

  function send(frame: FromAgent): void {
    if (socket.readyState === socket.OPEN) socket.send(encode(frame));
  }
  function flow(): void {
    if (feeding === undefined || socket.readyState !== socket.OPEN) return;
    while (socket.bufferedAmount < maxBufferedBytes) {
      const frame = feeding.take();
      if (frame === undefined) break;
      socket.send(frame.text);
    }
    if (pendingMark !== undefined && feeding.sentSeq >= pendingMark.seq) {
      send({ type: 'mark', boot: hello.boot, ...pendingMark });
      pendingMark = undefined;
    }
  }
  return {
    begin(ackedSeq) {
      feeding = pump(spool, hello.boot, ackedSeq);
    },
    flow,
    mark() {
      if (feeding === undefined) return;
      pendingMark ??= markNow();
      flow();
    },
    acknowledged(boot, seq) {
      feeding?.acknowledged(boot, seq);
      flow();
    },
    send,
    get begun() {
      return feeding !== undefined;
    },
    get drained() {
      return feeding?.drained ?? false;
    },
  };
}
