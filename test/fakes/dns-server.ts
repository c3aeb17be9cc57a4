/** A DNS server on loopback that answers as a test tells it, over UDP and TCP on one port. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, isIP, type Server } from 'node:net';
import { type DecodedPacket, decode, encode, type Packet } from 'dns-packet';
import type { HostPort } from '../../contract/address.ts';

export type DnsQuery = {
  readonly packet: DecodedPacket;
  readonly over: 'udp' | 'tcp' | 'tls' | 'https';
  readonly from: { readonly address: string; readonly port: number };
};
/** What to send back: a message, bytes as they are, `reset` to close a TCP connection; `undefined` for silence. */
export type DnsReply = Packet | Buffer | 'reset' | undefined;

export type DnsServer = {
  readonly at: HostPort;
  readonly queries: readonly DnsQuery[];
  /** Resolves with the next query. */
  asked(): Promise<DnsQuery>;
  close(): Promise<void>;
};

export type Answering = (query: DnsQuery) => DnsReply | readonly DnsReply[];

export async function dnsServer(reply: Answering, host = '127.0.0.1'): Promise<DnsServer> {
  const { tcp, udp, port } = await pair(host);
  const queries: DnsQuery[] = [];

  function answer(query: DnsQuery): readonly DnsReply[] {
    queries.push(query);
    const replies = reply(query);
    udp.emit('asked', query);
    return Array.isArray(replies) ? replies : [replies as DnsReply];
  }
  udp.on('message', (bytes: Buffer, from: RemoteInfo) => {
    for (const one of answer({ packet: decode(bytes), over: 'udp', from })) {
      if (one !== undefined && one !== 'reset') udp.send(bytesOf(one), from.port, from.address);
    }
  });
  tcp.on('connection', (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (bytes) => {
      const from = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
      for (const one of answer({ packet: decode(bytes.subarray(2)), over: 'tcp', from })) {
        if (one === 'reset') socket.resetAndDestroy();
        else if (one !== undefined) socket.write(framed(bytesOf(one)));
      }
    });
  });
  return {
    at: { host, port },
    queries,
    asked: async () => (await once(udp, 'asked'))[0] as DnsQuery,
    async close() {
      udp.close();
      tcp.close();
      await once(tcp, 'close');
    },
  };
}

/** On one port; what is free for TCP may be somebody's for UDP, and then another is taken. */
async function pair(host: string): Promise<{ readonly tcp: Server; readonly udp: Socket; readonly port: number }> {
  for (let left = 20; ; left -= 1) {
    const tcp = createServer();
    tcp.listen(0, host);
    await once(tcp, 'listening');
    const address = tcp.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const udp = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4');
    try {
      udp.bind(port, host);
      await once(udp, 'listening');
      return { tcp, udp, port };
    } catch (error) {
      udp.close();
      tcp.close();
      if (left === 0) throw error;
    }
  }
}

/** An ordinary answer to a query. */
export function answerTo(query: DnsQuery, answers: Packet['answers'] = [], more: Partial<Packet> = {}): Packet {
  return {
    type: 'response',
    id: query.packet.id ?? 0,
    flags: 0x0180,
    questions: query.packet.questions ?? [],
    answers: answers ?? [],
    ...more,
  };
}

export function bytesOf(reply: Packet | Buffer): Buffer {
  return Buffer.isBuffer(reply) ? reply : encode(reply);
}
export function framed(bytes: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
