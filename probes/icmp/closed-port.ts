/** A round trip without ICMP's rights: a datagram to a port where nobody listens, and the kernel's word that it came back. */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Ending } from '../ending.ts';
import { describeError, isOwnTrouble } from '../prober.ts';
import type { EchoTerms } from './ping.ts';

/** Where traceroute begins: nothing is registered for it, and firewalls that let traceroute through know it. */
export const closedPort = 33_434;

export type Knocked =
  | { readonly said: 'closed' | 'cut short' }
  /** Somebody listens there after all. */
  | { readonly said: 'open' }
  | { readonly said: 'unreachable' | 'trouble'; readonly words: string };

export type Moments = { readonly sent: () => void; readonly back: () => void };

/** `on.sent` is called when the datagram leaves, `on.back` when it is settled. Resolves when its socket is closed. */
export function knock(terms: EchoTerms, on: Moments, signal: Ending): Promise<Knocked> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve({ said: 'cut short' });
    const socket = createSocket(isIPv6(terms.address) ? 'udp6' : 'udp4');
    let settled = false;
    function settle(knocked: Knocked): void {
      if (settled) return;
      settled = true;
      on.back();
      signal.removeEventListener('abort', stop);
      socket.close(() => resolve(knocked));
    }
    function stop(): void {
      settle({ said: 'cut short' });
    }
    signal.addEventListener('abort', stop, { once: true });
    socket.on('error', (error) => settle(meaningOf(error)));
    socket.once('message', () => settle({ said: 'open' }));
    begin(socket, terms, () => {
      if (settled) return;
      try {
        socket.setTTL(terms.ttl);
        on.sent();
        socket.send(Buffer.alloc(terms.payloadBytes), (error) => error !== null && settle(meaningOf(error)));
      } catch (error) {
        settle(meaningOf(error));
      }
    });
  });
}

/** Only a connected socket hears what ICMP says of its datagrams. */
function begin(socket: Socket, { address, sourceAddress }: EchoTerms, connected: () => void): void {
  const connect = (): void => socket.connect(closedPort, address, connected);
  if (sourceAddress === undefined) connect();
  else socket.bind({ address: sourceAddress, port: 0, exclusive: true }, connect);
}

function meaningOf(error: unknown): Knocked {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return { said: 'closed' };
  const words = describeError(error);
  return { said: isOwnTrouble(error) || !isUnreachable(code) ? 'trouble' : 'unreachable', words };
}

function isUnreachable(code: string | undefined): boolean {
  return code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'EHOSTDOWN';
}
