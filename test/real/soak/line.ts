/** The network between an agent and its aggregator: a TCP proxy on loopback that stalls, cuts and refuses when told to. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export type Line = {
  readonly port: number;
  /** What was sent stays where it is; who connects is taken and hears nothing. */
  stall(): void;
  /** Ends what is open, as a reset. */
  cut(): void;
  /** Ends what is open, and takes nobody. */
  refuse(): Promise<void>;
  /** As it was at first. */
  mend(): Promise<void>;
  close(): Promise<void>;
};

/** `to` is asked with every connection: an aggregator that comes back listens elsewhere. */
export async function lineTo(to: () => number | undefined): Promise<Line> {
  const pairs = new Map<Socket, Socket | undefined>();
  const server = createServer({ allowHalfOpen: false }, take);
  let stalled = false;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  function take(near: Socket): void {
    pairs.set(near, undefined);
    near.on('error', () => near.destroy());
    near.on('close', () => {
      pairs.get(near)?.destroy();
      pairs.delete(near);
    });
    near.pause();
    if (!stalled) join(near);
  }
  function join(near: Socket): void {
    const upstream = to();
    if (upstream === undefined) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(upstream, '127.0.0.1');
    pairs.set(near, far);
    far.on('error', () => near.resetAndDestroy());
    far.on('close', () => near.destroy());
    near.pipe(far);
    far.pipe(near);
  }
  function cut(): void {
    for (const near of pairs.keys()) near.resetAndDestroy();
  }
  async function refuse(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    cut();
    await closed;
  }
  return {
    port,
    stall() {
      stalled = true;
      for (const [near, far] of pairs) {
        near.unpipe().pause();
        far?.unpipe().pause();
      }
    },
    cut,
    refuse,
    async mend() {
      if (!server.listening) {
        server.listen(port, '127.0.0.1');
        await once(server, 'listening');
      }
      if (!stalled) return;
      stalled = false;
      for (const [near, far] of pairs) {
        if (far === undefined) {
          join(near);
          continue;
        }
        near.pipe(far);
        far.pipe(near);
      }
    },
    close: refuse,
  };
}
