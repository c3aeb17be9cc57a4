/** The way into a region, for its users: 200 while it has ready endpoints, 503 while it has none. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { HostPort } from '../../../contract/address.ts';

export type Door = { readonly at: HostPort; close(): Promise<void> };

export async function openDoor(at: HostPort, region: string, isReady: () => boolean): Promise<Door> {
  const server = createServer((_request, response) => {
    response.statusCode = isReady() ? 200 : 503;
    response.setHeader('x-region', region);
    response.end(isReady() ? 'ok\n' : 'no endpoints\n');
  });
  server.listen(at.port, at.host);
  await once(server, 'listening');
  return {
    at,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
