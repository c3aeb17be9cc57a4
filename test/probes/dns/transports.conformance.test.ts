/** What every prober promises, of kind dns over each of its transports. */
import type { Check } from '../../../contract/check.ts';
import { systemClock } from '../../../contract/clock.ts';
import type { Transport } from '../../../probes/dns/inquiry.ts';
import { conforms, type Misbehaving, type Misbehaviour } from '../../conformance/probers.ts';
import { answerTo, type DnsQuery, type DnsReply, dnsServer, framed } from '../../fakes/dns-server.ts';
import { newAuthority } from '../../fakes/pki.ts';
import { dnsCheck } from '../../fakes/probing.ts';
import { secureDnsServer } from '../../fakes/secure-dns-server.ts';
import { deadPort, tcpTarget } from '../../fakes/tcp-target.ts';

const authority = await newAuthority('dns conformance', systemClock().wallMs());
const pem = await authority.issue({ commonName: 'dns', addresses: ['127.0.0.1'], usage: 'server' });

/** Headers of an answer to this id, and behind them names that point at themselves. */
function garbage(id: number): Buffer {
  return Buffer.from(`${id.toString(16).padStart(4, '0')}8180ffffffffffffffffc00cc00c`, 'hex');
}
function badly(how: Misbehaviour): (query: DnsQuery) => DnsReply {
  return (query) => {
    if (how === 'silence') return undefined;
    if (how === 'garbage') return garbage(query.packet.id ?? 0);
    // A datagram knows no reset; a server that will not answer says so.
    return query.over === 'udp' ? answerTo(query, [], { flags: 0x0105 }) : 'reset';
  };
}
function over(transport: Transport, at: { host: string; port: number }): Check<'dns'> {
  const tls = transport === 'tls' || transport === 'https' ? { tls: { ca: authority.caPem } } : {};
  return dnsCheck(at, { transport, ...tls });
}
async function nobody(transport: Transport): Promise<Misbehaving> {
  const nothing = async (): Promise<void> => undefined;
  return { check: over(transport, deadPort), asked: () => 0, reached: nothing, quiet: nothing, close: nothing };
}

conforms({
  kind: 'dns, one message over udp',
  failsAt: { refusal: 'resolve', reset: 'answer', silence: 'resolve', garbage: 'resolve' },
  async target(how) {
    if (how === 'refusal') return nobody('udp');
    const { at, queries, asked, close } = await dnsServer(badly(how));
    const quiet = async (): Promise<void> => undefined;
    return { check: over('udp', at), asked: () => queries.length, reached: asked, quiet, close };
  },
});

conforms({
  kind: 'dns over tcp',
  failsAt: { refusal: 'connect', reset: 'answer', silence: 'answer', garbage: 'answer' },
  async target(how) {
    if (how === 'refusal') return nobody('tcp');
    const target = await tcpTarget((socket) => {
      socket.once('data', (bytes) => {
        if (how === 'reset') socket.resetAndDestroy();
        if (how === 'garbage') socket.write(framed(garbage(bytes.readUInt16BE(2))));
      });
    });
    const { at, connections, heard, quiet, close } = target;
    return { check: over('tcp', at), asked: connections, reached: heard, quiet, close };
  },
});

for (const transport of ['tls', 'https'] as const) {
  conforms({
    kind: `dns over ${transport}`,
    failsAt: { refusal: 'connect', reset: 'answer', silence: 'answer', garbage: 'answer' },
    async target(how) {
      if (how === 'refusal') return nobody(transport);
      const { at, connections, asked, quiet, close } = await secureDnsServer(badly(how), { over: transport, pem });
      return { check: over(transport, at), asked: connections, reached: asked, quiet, close };
    },
  });
}
