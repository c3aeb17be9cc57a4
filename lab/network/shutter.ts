import { createServer, type Server, type Socket } from 'node:net';
import { formatHostPort, type HostPort } from '../../contract/address.ts';
import { messageOf } from '../../contract/failure.ts';
import type { Log } from '../../contract/log.ts';
import { type BlackHole, blackHole } from './black-hole.ts';
import { listenAt } from './listen.ts';

export type ShutterOptions = {
  readonly at: HostPort;
  /** For messages: `the door of us-east-1`. */
  readonly name: string;
  /** At this many open connections further ones are dropped as soon as they are accepted. */
  readonly maxConnections: number;
  /** Gets each connection paused: nothing has been read from it. */
  readonly accept: (socket: Socket) => void;
  /** How a black hole is made; by default one of the kernel's. */
  readonly dig?: typeof blackHole;
};

/** A listening socket that can be taken away, so that connects are refused, or hang, and put back. */
export type Shutter = {
  /** Begins to listen again where it does not; a port lost meanwhile is logged. */
  raise(): void;
  lower(): void;
  /**
   * Connects hang as soon as a black hole stands in its place; until then, and where there can be none, which is logged,
   * they are accepted as before.
   */
  swallow(): void;
  /** Waits for the connections that are open, and for the end of a black hole. */
  close(): Promise<void>;
};

type Position = 'raised' | 'lowered' | 'black-hole';

/** Resolves once it listens. */
export async function shutter(options: ShutterOptions, log: Log): Promise<Shutter> {
  const { at, name, maxConnections, accept, dig = blackHole } = options;
  let wanted: Position = 'raised';
  let current: Server | undefined;
  let hole: BlackHole | undefined;
  let cannotSwallow = false;
  let isMoving = false;
  let moved: Promise<void> = Promise.resolve();

  async function listen(): Promise<void> {
    const server = createServer({ pauseOnConnect: true, noDelay: true }, accept);
    server.maxConnections = maxConnections;
    await listenAt(server, at, name);
    current = server;
  }

  function drop(): void {
    current?.close();
    current = undefined;
  }

  async function enterHole(): Promise<void> {
    try {
      const entered = await dig({ at, makeRoom: drop });
      hole = entered;
      void entered.over.then(() => {
        if (hole !== entered) return;
        hole = undefined;
        swallowingFailed(new Error('its thread has ended'));
        moveOn();
      });
    } catch (error) {
      swallowingFailed(error);
    }
  }

  function swallowingFailed(error: unknown): void {
    cannotSwallow = true;
    const facts = { at: formatHostPort(at), error: messageOf(error) };
    log.warn(facts, `${name} is no black hole: it accepts connections and stays silent instead`);
  }

  async function leave(from: BlackHole): Promise<void> {
    hole = undefined;
    await from.end();
  }

  /** The next step towards what is wanted; `undefined`: it is there. */
  function step(): Promise<void> | undefined {
    if (wanted !== 'black-hole') cannotSwallow = false;
    if (wanted === 'lowered') drop();
    if (hole !== undefined) return wanted === 'black-hole' ? undefined : leave(hole);
    if (wanted === 'black-hole' && !cannotSwallow) return enterHole();
    return wanted === 'lowered' || current !== undefined ? undefined : listen();
  }

  async function move(): Promise<void> {
    isMoving = true;
    try {
      for (let next = step(); next !== undefined; next = step()) await next;
    } catch (error) {
      log.error({ at: formatHostPort(at), error: messageOf(error) }, `${name} cannot open again`);
    } finally {
      isMoving = false;
    }
  }

  /** One step after the other: nobody listens here before a black hole has left the port, or the other way round. */
  function moveOn(): void {
    if (!isMoving) moved = move();
  }

  function want(position: Position): void {
    wanted = position;
    if (position === 'lowered') drop();
    moveOn();
  }

  await listen();
  return {
    raise: () => want('raised'),
    lower: () => want('lowered'),
    swallow: () => want('black-hole'),
    async close() {
      const last = current;
      current = undefined;
      const ended = new Promise<void>((resolve) => {
        if (last === undefined) resolve();
        else last.close(() => resolve());
      });
      want('lowered');
      await moved;
      await ended;
    },
  };
}
