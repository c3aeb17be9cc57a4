/** One address, one port, UDP and TCP: what every DNS server listens on. */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import type { Cancel, Clock } from '../../contract/clock.ts';

/** The packet to send back, or `null` to say nothing. Must not throw. */
export type Respond = (packet: Buffer, from: Asker) => Buffer | null | Promise<Buffer | null>;
export type Asker = { readonly address: string; readonly transport: 'udp' | 'tcp' };
export type SocketPair = { readonly address: string; readonly port: number; close(): Promise<void> };

const idleLimitMs = 10_000;
const mostConnections = 256;
/** Answers of one connection that may be under way at once; what comes beyond waits in the kernel. */
const mostPipelined = 64;
const portTries = 50;

/** Listens on one port of all addresses; with port 0 on one that is free on each of them, for both transports. */
export async function listenOnAll(
  addresses: readonly string[],
  port: number,
  respond: (address: string) => Respond,
  clock: Clock,
): Promise<readonly SocketPair[]> {
  for (let attempt = 1; ; attempt += 1) {
    const opened: SocketPair[] = [];
    try {
      for (const address of addresses) {
        opened.push(await listen(address, opened[0]?.port ?? port, respond(address), clock));
      }
      return opened;
    } catch (error) {
      await Promise.all(opened.map((pair) => pair.close()));
      if (port !== 0 || attempt === portTries) throw error;
    }
  }
}

async function listen(address: string, port: number, respond: Respond, clock: Clock): Promise<SocketPair> {
  const connections = new Set<Socket>();
  const server = createServer((socket) => serve(socket, respond, connections, clock));
  server.maxConnections = mostConnections;
  const bound = await bindTcp(server, address, port);
  let udp: UdpSocket;
  try {
    udp = await bindUdp(address, bound);
  } catch (error) {
    server.close();
    throw error;
  }
  udp.on('message', (packet, from) => void answerUdp(udp, packet, from, respond));
  return {
    address,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        for (const socket of connections) socket.destroy();
        udp.close(() => server.close(() => resolve()));
      }),
  };
}

async function answerUdp(udp: UdpSocket, packet: Buffer, from: RemoteInfo, respond: Respond): Promise<void> {
  const reply = await respond(packet, { address: from.address, transport: 'udp' });
  if (reply === null) return;
  try {
    udp.send(reply, from.port, from.address, () => undefined);
  } catch {
    // Closed meanwhile, or an address that cannot be answered: the asker asks again.
  }
}

/** Length-prefixed messages, each answered in the order of arrival. */
function serve(socket: Socket, respond: Respond, connections: Set<Socket>, clock: Clock): void {
  let held: Buffer = Buffer.alloc(0);
  let queue: Promise<void> = Promise.resolve();
  let waiting = 0;
  let stopWaiting: Cancel = () => undefined;
  const waitForMore = (): void => {
    stopWaiting();
    stopWaiting = clock.after(idleLimitMs, () => socket.destroy());
  };
  connections.add(socket);
  waitForMore();
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    stopWaiting();
    connections.delete(socket);
  });
  const from: Asker = { address: socket.remoteAddress ?? '', transport: 'tcp' };

  async function answerOne(packet: Buffer): Promise<void> {
    const reply = await respond(packet, from);
    waiting -= 1;
    if (waiting < mostPipelined) socket.resume();
    if (reply === null || socket.destroyed) return;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(reply.length);
    socket.write(Buffer.concat([length, reply]));
  }

  socket.on('data', (chunk) => {
    waitForMore();
    held = Buffer.concat([held, chunk]);
    while (held.length >= 2 && held.length >= 2 + held.readUInt16BE(0)) {
      const end = 2 + held.readUInt16BE(0);
      const packet = held.subarray(2, end);
      held = held.subarray(end);
      waiting += 1;
      queue = queue.then(() => answerOne(packet));
    }
    if (waiting >= mostPipelined) socket.pause();
  });
}

function bindTcp(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => {
      server.off('error', reject);
      server.on('error', () => undefined);
      const at = server.address();
      resolve(typeof at === 'object' && at !== null ? at.port : port);
    });
  });
}

function bindUdp(address: string, port: number): Promise<UdpSocket> {
  const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  return new Promise((resolve, reject) => {
    udp.once('error', (error) => {
      udp.close();
      reject(error);
    });
    udp.bind(port, address, () => {
      udp.removeAllListeners('error');
      // A refused packet of an earlier answer is reported here; it concerns nobody any more.
      udp.on('error', () => undefined);
      resolve(udp);
    });
  });
}
