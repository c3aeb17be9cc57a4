import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { formatHostPort } from '../../contract/address.ts';
import { closedPort } from '../../probes/icmp/closed-port.ts';
import { conforms, type Misbehaving, type Misbehaviour } from '../conformance/probers.ts';
import { answerTo, dnsServer } from '../fakes/dns-server.ts';
import { dnsCheck, grpcCheck, httpCheck, icmpCheck, residencyCheck, tcpCheck, tlsCheck } from '../fakes/probing.ts';
import { deadPort, tcpTarget } from '../fakes/tcp-target.ts';

const serveBadly: { readonly [H in Misbehaviour]: (socket: Socket) => void } = {
  refusal: () => undefined,
  reset: (socket) => socket.once('data', () => socket.resetAndDestroy()),
  silence: () => undefined,
  garbage: (socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n'),
};

async function overTcp(
  how: Misbehaviour,
  checkOf: (url: string) => Misbehaving['check'],
  scheme: string,
): Promise<Misbehaving> {
  const target = await tcpTarget(serveBadly[how]);
  let closed = false;
  const close = async (): Promise<void> => {
    if (!closed) await target.close();
    closed = true;
  };
  if (how === 'refusal') await close();
  return {
    check: checkOf(`${scheme}://${formatHostPort(target.at)}/health`),
    asked: target.connections,
    reached: target.heard,
    quiet: target.quiet,
    close,
  };
}

const answered = { refusal: 'connect', reset: 'answer', silence: 'answer', garbage: 'answer' } as const;
const shaken = { refusal: 'connect', reset: 'tls', silence: 'tls', garbage: 'tls' } as const;

conforms({ kind: 'http', target: (how) => overTcp(how, httpCheck, 'http'), failsAt: answered });
conforms({ kind: 'http over TLS', target: (how) => overTcp(how, httpCheck, 'https'), failsAt: shaken });
const far = (url: string): Misbehaving['check'] => httpCheck(url, { redirects: 3, cookies: true });
conforms({ kind: 'http with redirects', target: (how) => overTcp(how, far, 'http'), failsAt: answered });
conforms({ kind: 'http with redirects over TLS', target: (how) => overTcp(how, far, 'https'), failsAt: shaken });
conforms({ kind: 'residency', target: (how) => overTcp(how, residencyCheck, 'http'), failsAt: answered });

function grpcAt(url: string, more: Parameters<typeof grpcCheck>[1] = {}): Misbehaving['check'] {
  const { hostname, port } = new URL(url);
  return grpcCheck({ host: hostname, port: Number(port) }, more);
}
conforms({ kind: 'grpc', target: (how) => overTcp(how, (url) => grpcAt(url), 'http'), failsAt: answered });
conforms({
  kind: 'grpc over TLS',
  target: (how) => overTcp(how, (url) => grpcAt(url, { tls: {} }), 'https'),
  failsAt: shaken,
});

function placeIn(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}
const greeted = [{ send: 'HELP' }, { expect: '^220 ', refuse: '^SSH-' }];
conforms({
  kind: 'tcp, while a line is expected',
  target: (how) => overTcp(how, (url) => tcpCheck(placeIn(url), { dialogue: greeted }), 'tcp'),
  failsAt: answered,
});
conforms({
  kind: 'tcp, while bytes are expected',
  target: (how) =>
    overTcp(how, (url) => tcpCheck(placeIn(url), { dialogue: [{ sendHex: '00' }, { expectHex: '0102' }] }), 'tcp'),
  failsAt: answered,
});
conforms({
  kind: 'tcp over TLS',
  target: (how) => overTcp(how, (url) => tcpCheck(placeIn(url), { tls: {} }), 'tcp'),
  failsAt: shaken,
});
conforms({ kind: 'tls', target: (how) => overTcp(how, (url) => tlsCheck(placeIn(url)), 'tls'), failsAt: shaken });
conforms({
  kind: 'tls after a question in the clear',
  target: (how) => overTcp(how, (url) => tlsCheck(placeIn(url), { startTls: 'postgres' }), 'tls'),
  failsAt: answered,
});

const noConnection = 'a datagram that comes back is an answer, whatever is in it';
conforms({
  kind: 'icmp',
  failsAt: {
    silence: 'answer',
    refusal: { absent: 'a port where nobody listens is what is asked for' },
    reset: { absent: noConnection },
    garbage: { absent: noConnection },
  },
  async target() {
    // It has the port that should be nobody's, and says nothing.
    const socket = createSocket('udp4');
    let asked = 0;
    socket.on('message', () => {
      asked += 1;
    });
    socket.bind({ address: '127.77.2.1', port: closedPort, exclusive: true });
    await once(socket, 'listening');
    let closed: Promise<unknown> | undefined;
    return {
      check: icmpCheck('127.77.2.1'),
      asked: () => asked,
      reached: () => once(socket, 'message'),
      quiet: async () => undefined,
      async close() {
        closed ??= new Promise<void>((resolve) => socket.close(() => resolve()));
        await closed;
      },
    };
  },
});

conforms({
  kind: 'dns',
  failsAt: { refusal: 'resolve', reset: 'answer', silence: 'resolve', garbage: 'resolve' },
  async target(how) {
    if (how === 'refusal') {
      const at = deadPort;
      const nothing = async (): Promise<void> => undefined;
      return { check: dnsCheck(at), asked: () => 0, reached: nothing, quiet: nothing, close: nothing };
    }
    const server = await dnsServer((query) => {
      if (how === 'silence') return undefined;
      // A datagram knows no reset; a server that will not answer says so.
      if (how === 'reset') return answerTo(query, [], { flags: 0x8185 } as object);
      const id = Buffer.alloc(2);
      id.writeUInt16BE(query.packet.id ?? 0);
      return Buffer.concat([id, Buffer.from('8180ffffffffffffffffc0ffc0ff', 'hex')]);
    });
    return {
      check: dnsCheck(server.at),
      asked: () => server.queries.length,
      reached: server.asked,
      quiet: async () => undefined,
      close: server.close,
    };
  },
});
