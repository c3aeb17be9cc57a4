/**
 * The targets, in a process of their own: addresses of 127.1.0.0/16, each of which answers 1 KB over HTTP, over TLS with
 * a certificate of its own, takes a connection, or answers an A record; and when each of them was asked.
 */
import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { systemClock } from '../../contract/clock.ts';
import { certificateAuthority } from '../../lab/certificates.ts';
import type { Kind } from './kinds.ts';

export type Serving = { readonly port: number; readonly ca: string };
/** Asked by the bench: forget all, or tell all arrivals since, by address, on the targets' clock. */
export type Asking = 'forget' | 'tell';
export type Arrivals = Readonly<Record<string, readonly number[]>>;

const clock = systemClock();
const body = 'x'.repeat(1_024);
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
);
/** With what follows the question of a message of one. */
const answerRecord = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 127, 0, 0, 1]);

/** The address of target number `index`. */
export function addressOf(index: number): string {
  return `127.1.${Math.floor(index / 250)}.${1 + (index % 250)}`;
}

let arrivals: { [address: string]: number[] } = {};
function arrived(address: string): void {
  arrivals[address] ??= [];
  arrivals[address].push(clock.nowMs());
}

function serve(socket: Socket): void {
  socket.on('error', () => undefined);
  socket.once('data', () => socket.end(answer));
}

function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    arrived(socket.localAddress ?? '');
    onConnection(socket);
  });
  return new Promise((resolve) => {
    server.listen({ port: 0, host: '0.0.0.0', backlog: 4_096 }, () => {
      const at = server.address();
      resolve(typeof at === 'object' && at !== null ? at.port : 0);
    });
  });
}

async function listenTls(count: number): Promise<Serving> {
  const authority = await certificateAuthority(clock);
  const contexts = new Map<string, SecureContext>();
  for (let index = 0; index < count; index += 1) {
    const { certPem, keyPem } = await authority.issue({ names: [], addresses: [addressOf(index)] });
    contexts.set(addressOf(index), createSecureContext({ cert: certPem, key: keyPem, ecdhCurve: 'X25519' }));
  }
  const port = await listen((socket) => {
    socket.on('error', () => undefined);
    const secureContext = contexts.get(socket.localAddress ?? '');
    if (secureContext !== undefined) serve(new TLSSocket(socket, { isServer: true, secureContext }));
  });
  return { port, ca: authority.caPem };
}

/** A socket for each address, all on the port that the first was given. */
async function answerQuestions(count: number): Promise<number> {
  let port = 0;
  for (let index = 0; index < count; index += 1) {
    const socket = createSocket('udp4');
    const address = addressOf(index);
    socket.on('message', (question, from) => {
      arrived(address);
      // Up to the end of the first question: what follows, such as EDNS, is not repeated.
      const end = question.indexOf(0, 12) + 5;
      const reply = Buffer.concat([question.subarray(0, end), answerRecord]);
      reply.set([0x85, 0x80, 0, 1, 0, 1, 0, 0, 0, 0], 2);
      socket.send(reply, from.port, from.address);
    });
    await new Promise<void>((resolve) => socket.bind({ address, port, exclusive: true }, resolve));
    port = socket.address().port;
  }
  return port;
}

const listeners: { readonly [N in Kind['name']]: (count: number) => Promise<Serving> } = {
  http: async () => ({ port: await listen(serve), ca: '' }),
  https: listenTls,
  tcp: async () => ({ port: await listen((socket) => socket.on('error', () => undefined).resume()), ca: '' }),
  dns: async (count) => ({ port: await answerQuestions(count), ca: '' }),
};

async function main(): Promise<void> {
  const [, , kind = 'http', count = '0'] = process.argv;
  process.on('message', (asking: Asking) => {
    if (asking === 'tell') process.send?.(arrivals);
    else arrivals = {};
  });
  process.once('disconnect', () => process.exit(0));
  process.send?.(await listeners[kind as Kind['name']](Number(count)));
}

if (process.argv[1] === import.meta.filename) await main();
