/** `WS /api/v1/stream`: results, verdict changes and drill events as they happen. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { StreamEvent } from '../../contract/api.ts';
import { type Clock, every } from '../../contract/clock.ts';
import { closeCodes } from '../../contract/wire.ts';

export const streamTypes = ['result', 'verdict', 'drill'] as const;
type StreamType = (typeof streamTypes)[number];

export type Stream = {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, types: ReadonlySet<StreamType>): void;
  /** Whether anybody wants it: making the event can be spared. */
  wanted(type: StreamType): boolean;
  publish(event: Exclude<StreamEvent, { readonly type: 'lost' }>): void;
  stop(): Promise<void>;
};
type Reader = { readonly socket: WebSocket; readonly types: ReadonlySet<StreamType>; lost: number; answers: boolean };

/** What waits for one reader; beyond it events are left out and counted, until it has read everything. */
const maxBufferedBytes = 4 * 1_048_576;
const maxReaders = 64;
/** A reader that has not answered by the next ping is gone, whatever TCP thinks, or reads nothing. */
const pingEveryMs = 30_000;

export function eventStream(clock: Clock, onLost: (events: number) => void): Stream {
  const server = new WebSocketServer({ noServer: true, maxPayload: 1_024, perMessageDeflate: false });
  const readers = new Set<Reader>();
  const cancelPings = every(
    clock,
    pingEveryMs,
    () => {
      for (const reader of readers) {
        if (!reader.answers) reader.socket.terminate();
        reader.answers = false;
        reader.socket.ping();
      }
    },
    () => undefined,
  );

  function tell(reader: Reader, text: string): void {
    const { socket } = reader;
    if (socket.readyState !== socket.OPEN) return;
    if (reader.lost === 0 && socket.bufferedAmount <= maxBufferedBytes) {
      socket.send(text, () => catchUp(reader));
      return;
    }
    reader.lost += 1;
    onLost(1);
    catchUp(reader);
  }

  /** Says how much was left out, as soon as the reader has read all before it. */
  function catchUp(reader: Reader): void {
    const { socket } = reader;
    if (reader.lost === 0 || socket.bufferedAmount > 0 || socket.readyState !== socket.OPEN) return;
    const { lost } = reader;
    reader.lost = 0;
    socket.send(JSON.stringify({ type: 'lost', count: lost } satisfies StreamEvent), () => catchUp(reader));
  }

  return {
    upgrade(request, socket, head, types) {
      server.handleUpgrade(request, socket, head, (peer) => {
        peer.on('error', () => undefined);
        if (readers.size >= maxReaders) {
          peer.close(closeCodes.overloaded, 'too many readers');
          return;
        }
        const reader: Reader = { socket: peer, types, lost: 0, answers: true };
        readers.add(reader);
        peer.on('pong', () => {
          reader.answers = true;
        });
        peer.on('close', () => readers.delete(reader));
      });
    },
    wanted: (type) => [...readers].some((reader) => reader.types.has(type)),
    publish(event) {
      const listening = [...readers].filter((reader) => reader.types.has(event.type));
      if (listening.length === 0) return;
      const text = JSON.stringify(event);
      for (const reader of listening) tell(reader, text);
    },
    async stop() {
      cancelPings();
      const gone = [...server.clients].map((peer) => {
        const closed = new Promise<void>((resolve) => peer.once('close', () => resolve()));
        const cancel = clock.after(1_000, () => peer.terminate());
        peer.once('close', cancel);
        peer.close(closeCodes.goingAway, 'going away');
        return closed;
      });
      await Promise.all(gone);
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The types that `?types=` names, all without it; a text for one that is unknown. */
export function readTypes(parameter: string | null): ReadonlySet<StreamType> | string {
  if (parameter === null || parameter === '') return new Set(streamTypes);
  const named = parameter.split(',').map((name) => name.trim());
  const unknown = named.filter((name) => !(streamTypes as readonly string[]).includes(name));
  if (unknown.length === 0) return new Set(named as StreamType[]);
  return `types: got ${JSON.stringify(unknown.join(','))}, want some of ${streamTypes.join(', ')}`;
}
