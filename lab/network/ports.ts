import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { codeOf } from '../../contract/failure.ts';
import { listenAt, listenFailure } from './listen.ts';

type Release = () => Promise<void>;
type Kinds = { readonly udp?: boolean; readonly tcp?: boolean };

/** Ports that were free on one address and taken on another before giving up: each try is another port. */
const maxTries = 50;

/**
 * A port that is free on every one of the addresses, for TCP unless `tcp` is false, and for UDP too if `udp` is true.
 * It is free again when this resolves: whoever wants it has to be quick, and may still find it taken.
 */
export async function sharedPort(addresses: readonly string[], kinds: Kinds = {}): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const held: Release[] = [];
    try {
      return await holdAll(addresses, kinds, held);
    } catch (error) {
      if (tries === maxTries || !isTaken(error)) throw error;
    } finally {
      await Promise.all(held.map((release) => release()));
    }
  }
}

/** Messages carry the system's code; a mistake has none of its own. */
function isTaken(error: unknown): boolean {
  return codeOf(error) === 'EADDRINUSE' || (error instanceof Error && error.message.includes('EADDRINUSE'));
}

async function holdAll(addresses: readonly string[], kinds: Kinds, held: Release[]): Promise<number> {
  let port = 0;
  for (const address of addresses) {
    for (const hold of [...(kinds.tcp === false ? [] : [holdTcp]), ...(kinds.udp === true ? [holdUdp] : [])]) {
      const taken = await hold(address, port);
      held.push(taken.release);
      port = taken.port;
    }
  }
  return port;
}

async function holdTcp(host: string, port: number): Promise<{ readonly port: number; readonly release: Release }> {
  const server = createServer();
  await listenAt(server, { host, port }, 'a port for all doors or name servers');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    release: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function holdUdp(host: string, port: number): Promise<{ readonly port: number; readonly release: Release }> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(listenFailure(error, { host, port }, 'a port for all name servers'));
    });
    socket.bind({ address: host, port, exclusive: true }, () =>
      resolve({ port: socket.address().port, release: () => new Promise((done) => socket.close(() => done())) }),
    );
  });
}
