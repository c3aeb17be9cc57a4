/** The targets, in a process of their own: every address of 127.1.0.0/16 answers 1 KB, over TLS with a certificate of its own. */
import { createServer, type Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { systemClock } from '../../contract/clock.ts';
import { certificateAuthority } from '../../lab/certificates.ts';

const body = 'x'.repeat(1_024);
const answer = `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;

function serve(socket: Socket): void {
  socket.on('error', () => undefined);
  socket.once('data', () => socket.end(answer));
}

/** The address of target number `index`. */
export function addressOf(index: number): string {
  return `127.1.${Math.floor(index / 250)}.${1 + (index % 250)}`;
}

async function main(): Promise<void> {
  const [, , scheme, count = '0'] = process.argv;
  const authority = await certificateAuthority(systemClock());
  const contexts = new Map<string, SecureContext>();
  for (let index = 0; scheme === 'https' && index < Number(count); index += 1) {
    const { certPem, keyPem } = await authority.issue({ names: [], addresses: [addressOf(index)] });
    contexts.set(addressOf(index), createSecureContext({ cert: certPem, key: keyPem, ecdhCurve: 'X25519' }));
  }
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    const secureContext = contexts.get(socket.localAddress ?? '');
    serve(secureContext === undefined ? socket : new TLSSocket(socket, { isServer: true, secureContext }));
  });
  server.listen({ port: 0, host: '0.0.0.0', backlog: 4_096 }, () => {
    const at = server.address();
    process.send?.({ port: typeof at === 'object' ? at?.port : 0, ca: authority.caPem });
  });
  process.once('disconnect', () => process.exit(0));
}

if (process.argv[1] === import.meta.filename) await main();
