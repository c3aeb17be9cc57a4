/** The aggregator's end of the agent link, as a test plays it: it answers only when told to. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Assignment, emptyAssignment } from '../../contract/check.ts';
import { encode, type FromAgent, type FromAggregator, type Hello, parseFromAgent } from '../../contract/wire.ts';

export type AggregatorLink = {
  readonly url: URL;
  readonly frames: readonly FromAgent[];
  readonly hellos: readonly Hello[];
  /** Resolves with the first frame, past or coming, that holds. */
  seen<F extends FromAgent>(holds: (frame: FromAgent) => frame is F): Promise<F>;
  send(frame: FromAggregator): void;
  closeWith(code: number, reason: string): void;
  /** Resolves with the code that the agent closes with. */
  agentClosed(): Promise<number>;
  close(): Promise<void>;
};

export type LinkOptions = {
  readonly token?: string;
  /** What hello is answered with; `null` for nothing. */
  readonly welcome?: ((hello: Hello) => FromAggregator) | null;
  /** Whether results are acknowledged as they come. */
  readonly acknowledges?: boolean;
};

export function welcomeWith(assignment: Assignment, ackedSeq = 0): FromAggregator {
  return { type: 'welcome', ackedSeq, assignment, pingEveryMs: 1_000 };
}

export async function aggregatorLink(options: LinkOptions = {}): Promise<AggregatorLink> {
  const server: Server = createServer();
  const sockets = new WebSocketServer({ noServer: true });
  const frames: FromAgent[] = [];
  const hellos: Hello[] = [];
  let current: WebSocket | undefined;

  function take(socket: WebSocket, text: string): void {
    const parsed = parseFromAgent(text);
    if (!parsed.ok) throw new Error(`an agent sent: ${parsed.reason}`);
    const { frame } = parsed;
    frames.push(frame);
    if (frame.type === 'hello') {
      hellos.push(frame);
      const welcome = options.welcome === undefined ? () => welcomeWith(emptyAssignment) : options.welcome;
      if (welcome !== null) socket.send(encode(welcome(frame)));
    }
    if (options.acknowledges !== false && (frame.type === 'results' || frame.type === 'gap')) {
      const seq = frame.type === 'gap' ? frame.toSeq : frame.fromSeq + frame.results.length - 1;
      socket.send(encode({ type: 'ack', boot: frame.boot, seq }));
    }
    server.emit('frame', frame);
  }

  server.on('upgrade', (request, socket, head) => {
    if (options.token !== undefined && request.headers.authorization !== `Bearer ${options.token}`) {
      socket.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      current = opened;
      opened.on('message', (data) => take(opened, data.toString()));
      opened.on('close', (code) => server.emit('agent-closed', code));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    frames,
    hellos,
    seen(holds) {
      const past = frames.find(holds);
      if (past !== undefined) return Promise.resolve(past);
      return new Promise((resolve) => {
        server.on('frame', function look(frame: FromAgent) {
          if (!holds(frame)) return;
          server.off('frame', look);
          resolve(frame);
        });
      });
    },
    send: (frame) => current?.send(encode(frame)),
    closeWith: (code, reason) => current?.close(code, reason),
    agentClosed: async () => (await once(server, 'agent-closed'))[0] as number,
    async close() {
      for (const client of sockets.clients) client.terminate();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
