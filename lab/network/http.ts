/** An API of the lab over HTTP. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { formatHostPort, type HostPort } from '../../contract/address.ts';
import { listenAt } from './listen.ts';

/** `close` ends the connections that are open, too. */
export type HttpApi = { readonly url: string; close(): Promise<void> };

/** Resolves once it listens; `what` names it where it cannot. `answer` never rejects. */
export async function httpApi(
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  at: HostPort,
  what: string,
): Promise<HttpApi> {
  const server = createServer((request, response) => void answer(request, response));
  await listenAt(server, at, what);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : at.port;
  return {
    url: `http://${formatHostPort({ host: at.host, port })}`,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}
