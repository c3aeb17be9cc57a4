/** Servers over each transport, and questions to them. */
import { afterEach, beforeAll } from 'vitest';
import { systemClock } from '../../../contract/clock.ts';
import { type Inquired, type Inquiry, inquire, type Transport } from '../../../probes/dns/inquiry.ts';
import type { ProbeContext } from '../../../probes/prober.ts';
import { type Answering, answerTo, type DnsServer, dnsServer } from '../../fakes/dns-server.ts';
import { type Authority, newAuthority } from '../../fakes/pki.ts';
import { passingClock, probing } from '../../fakes/probing.ts';
import { type SecureOptions, secureDnsServer } from '../../fakes/secure-dns-server.ts';

export let authority: Authority;
beforeAll(async () => {
  authority = await newAuthority('dns tests', systemClock().wallMs());
});
const servers: DnsServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

type Serving = Partial<Pick<SecureOptions, 'clientCa' | 'respond' | 'host'>>;
export async function serve(over: Transport, reply: Answering, options: Serving = {}): Promise<DnsServer> {
  const host = options.host ?? '127.0.0.1';
  const pem = (): Promise<SecureOptions['pem']> =>
    authority.issue({ commonName: 'dns', dns: ['dns.test'], addresses: [host], usage: 'server' });
  const server =
    over === 'udp' || over === 'tcp'
      ? await dnsServer(reply, host)
      : await secureDnsServer(reply, { over, pem: await pem(), ...options });
  servers.push(server);
  return server;
}
export function ask(
  server: Pick<DnsServer, 'at'>,
  transport: Transport,
  more: Partial<Inquiry> = {},
  context: Partial<ProbeContext> = {},
): Promise<Inquired> {
  return inquire(
    {
      server: server.at,
      transport,
      tls: {},
      name: 'api.agent.test',
      type: 'A',
      class: 'IN',
      recursionDesired: true,
      subnet: null,
      nsid: false,
      ...more,
    },
    { ...probing(passingClock(), { ca: authority.caPem }), ending: new AbortController().signal, ...context },
  );
}
export const a = (data: string, name = 'api.agent.test') => ({ type: 'A' as const, name, ttl: 60, data });
export const good: Answering = (query) => answerTo(query, [a('192.0.2.1')]);
