import { createServer, type Server, type Socket } from 'node:net';
import { formatHostPort, type HostPort } from '../../contract/address.ts';
import { messageOf } from '../../contract/failure.ts';
import type { Log } from '../../contract/log.ts';
import { listenAt } from './listen.ts';

export type ShutterOptions = {
  readonly at: HostPort;
  /** For messages: `the door of us-east-1`. */
  readonly name: string;
  /** At this many open connections further ones are dropped as soon as they are accepted. */
  readonly maxConnections: number;
  /** Gets each connection paused: nothing has been read from it. */
  readonly accept: (socket: Socket) => void;
};

/** A listening socket that can be taken away, so that connects are refused, and put back. */
export type Shutter = {
  /** Begins to listen again where it does not; a port lost meanwhile is logged. */
  raise(): void;
  lower(): void;
  /** Waits for the connections that are open. */
  close(): Promise<void>;
};

/** Resolves once it listens. */
export async function shutter(options: ShutterOptions, log: Log): Promise<Shutter> {
  const { at, name, maxConnections, accept } = options;
  let current: Server | undefined;

  async function listen(): Promise<void> {
    const server = createServer({ pauseOnConnect: true, noDelay: true }, accept);
    server.maxConnections = maxConnections;
    current = server;
    await listenAt(server, at, name);
    if (current !== server) server.close(); // lowered before it was up
  }

  await listen();
  return {
    raise() {
      if (current !== undefined) return;
      listen().catch((error: unknown) => {
        current = undefined;
        log.error({ at: formatHostPort(at), error: messageOf(error) }, `${name} cannot open again`);
      });
    },
    lower() {
      current?.close();
      current = undefined;
    },
    close() {
      const last = current;
      current = undefined;
      return new Promise((resolve) => {
        if (last === undefined) resolve();
        else last.close(() => resolve());
      });
    },
  };
}
