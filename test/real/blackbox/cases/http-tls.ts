/** `prober: http` over TLS. */
import type { Case, Places, Servers, Yaml } from '../cases.ts';
import type { Certificates } from '../servers/certificates.ts';
import { type SecureServer, secureWebServer } from '../servers/secure-web.ts';

type Keys = { readonly [key: string]: Yaml };

const trusted =
  (keys: Keys = {}, tls: Keys = {}) =>
  ({ ca = '' }: Places): Keys => ({
    prober: 'http',
    timeout: '5s',
    http: { ...keys, tls_config: { ca_file: ca, ...tls } },
  });
const untrusted: Keys = { prober: 'http', timeout: '5s', http: {} };
const at =
  (server: string, path = '/text') =>
  (places: Places): string =>
    `https://${places[server]}${path}`;
const careless = { insecure_skip_verify: true };

const certificates: readonly Case[] = [
  { name: 'a certificate of a trusted authority', module: trusted(), target: at('right') },
  { name: 'a certificate of nobody who is trusted', module: untrusted, target: at('right') },
  { name: 'a certificate that is over', module: trusted(), target: at('expired') },
  { name: 'a certificate for another name', module: trusted(), target: at('otherName') },
  { name: 'a certificate that vouches for itself', module: trusted(), target: at('own') },
  { name: 'a certificate of another authority', module: trusted(), target: at('stranger') },
  { name: 'an authority between that is sent', module: trusted(), target: at('below') },
  { name: 'an authority between that is not sent', module: trusted(), target: at('belowAlone') },
  { name: 'a certificate that vouches for itself, and nobody looks', module: trusted({}, careless), target: at('own') },
  { name: 'a certificate that is over, and nobody looks', module: trusted({}, careless), target: at('expired') },
  { name: 'a chain, and nobody looks', module: trusted({}, careless), target: at('below') },
  { name: 'a name of the module', module: trusted({}, { server_name: 'other.example' }), target: at('otherName') },
  { name: 'hostname= as the name', module: trusted(), target: at('right'), hostname: 'shop.example' },
  { name: 'hostname= that is not on the certificate', module: trusted(), target: at('right'), hostname: 'no.example' },
  { name: 'a Host header as the name', module: trusted({ headers: { Host: 'shop.example' } }), target: at('right') },
  {
    name: 'a name of the host',
    module: trusted({ preferred_ip_protocol: 'ip4' }),
    target: ({ right = '' }) => `https://localhost:${right.split(':')[1]}/text`,
  },
];

const sides: readonly Case[] = [
  {
    name: 'a client certificate',
    module: ({ ca = '', clientCert = '', clientKey = '' }) =>
      trusted({}, { cert_file: clientCert, key_file: clientKey })({ ca }),
    target: at('asking'),
  },
  {
    name: 'a client certificate of another authority',
    module: ({ ca = '', wrongCert = '', wrongKey = '' }) =>
      trusted({}, { cert_file: wrongCert, key_file: wrongKey })({ ca }),
    target: at('asking'),
  },
  { name: 'no client certificate', module: trusted(), target: at('asking') },
  { name: 'an authority that is not there', module: () => trusted()({ ca: '/nowhere' }), target: at('right') },
  { name: 'an authority that is no PEM', module: ({ noPem = '' }) => trusted()({ ca: noPem }), target: at('right') },
  {
    name: 'a client key that is not there',
    module: ({ ca = '', clientCert = '' }) => trusted({}, { cert_file: clientCert, key_file: '/nowhere' })({ ca }),
    target: at('right'),
  },
];

const versions: readonly Case[] = [
  { name: 'TLS 1.3 where 1.2 is all there is', module: trusted({}, { min_version: 'TLS13' }), target: at('only12') },
  { name: 'TLS 1.2', module: trusted(), target: at('only12') },
  { name: 'at most TLS 1.2', module: trusted({}, { max_version: 'TLS12' }), target: at('right') },
  { name: 'at least TLS 1.3', module: trusted({}, { min_version: 'TLS13' }), target: at('right') },
  { name: 'HTTP/2', module: trusted(), target: at('h2') },
  { name: 'HTTP/2 that is not to be spoken', module: trusted({ enable_http2: false }), target: at('h2') },
  { name: 'HTTP/2 where it is wanted', module: trusted({ valid_http_versions: ['HTTP/2.0'] }), target: at('h2') },
  { name: 'HTTP/2 where it is not wanted', module: trusted({ valid_http_versions: ['HTTP/1.1'] }), target: at('h2') },
  { name: 'HTTP/2 and a redirect', module: trusted(), target: at('h2', '/redirect/2') },
  { name: 'HTTP/2 and no content', module: trusted(), target: at('h2', '/status/204') },
  { name: 'HTTP/2 and a body without a length', module: trusted(), target: at('h2', '/chunked') },
  { name: 'HTTP/2 and HEAD', module: trusted({ method: 'HEAD' }), target: at('h2') },
  {
    name: 'HTTP/2 and POST',
    module: trusted({ method: 'POST', body: 'quick', fail_if_body_not_matches_regexp: ['^quick$'] }),
    target: at('h2', '/echo'),
  },
  {
    name: 'HTTP/2 and its Host',
    module: trusted({ fail_if_body_not_matches_regexp: ['host'] }),
    target: at('h2', '/host'),
    hostname: 'shop.example',
  },
];

const ways: readonly Case[] = [
  { name: 'TLS that is not to be there, and is', module: trusted({ fail_if_ssl: true }), target: at('right') },
  { name: 'TLS that is to be there', module: trusted({ fail_if_not_ssl: true }), target: at('right') },
  { name: 'TLS where there is none', module: trusted(), target: ({ web }) => `https://${web}/text` },
  { name: 'no TLS where there is some', module: trusted(), target: ({ right }) => `http://${right}/text` },
  {
    name: 'a redirect to TLS',
    module: trusted(),
    target: ({ web, right }) => `http://${web}/to/${encodeURIComponent(`https://${right}/text`)}`,
  },
  {
    name: 'a redirect to TLS that nobody trusts',
    module: untrusted,
    target: ({ web, right }) => `http://${web}/to/${encodeURIComponent(`https://${right}/text`)}`,
  },
  {
    name: 'a redirect away from TLS',
    module: trusted(),
    target: ({ right, web }) => `https://${right}/to/${encodeURIComponent(`http://${web}/text`)}`,
  },
  {
    name: 'a redirect to a host that is called otherwise',
    module: trusted({}, { server_name: 'localhost' }),
    target: ({ right, below }) => `https://${right}/to/${encodeURIComponent(`https://${below}/text`)}`,
  },
  {
    name: 'TLS through a proxy',
    module: ({ ca = '', proxy }) => trusted({ proxy_url: `http://${proxy}` })({ ca }),
    target: at('right'),
  },
  {
    name: 'a proxy that is not there, for TLS',
    module: ({ ca = '', closed }) => trusted({ proxy_url: `http://${closed}` })({ ca }),
    target: at('right'),
  },
  {
    name: 'a proxy that cannot reach the host',
    module: ({ ca = '', proxy }) => trusted({ proxy_url: `http://${proxy}` })({ ca }),
    target: ({ closed }) => `https://${closed}/`,
  },
  { name: 'a status that is not wanted, over TLS', module: trusted(), target: at('right', '/status/500') },
  { name: 'a connection closed after the handshake', module: trusted(), target: at('right', '/close') },
  {
    name: 'no answer within the time, over TLS',
    module: ({ ca = '' }) => ({ ...trusted()({ ca }), timeout: '400ms' }),
    target: at('right', '/silence'),
  },
];

export const httpTlsCases: readonly Case[] = [...certificates, ...sides, ...versions, ...ways];

export async function httpTlsServers(certs: Certificates): Promise<Servers> {
  const { right, expired, otherName, own, below, belowAlone, stranger, caPem } = certs;
  const wished = {
    ...{ right, expired, otherName, own, below, belowAlone, stranger },
    asking: { ...right, ca: caPem, requestCert: true },
    only12: { ...right, maxVersion: 'TLSv1.2' },
  } as const;
  const servers: Record<string, SecureServer> = {};
  for (const [name, options] of Object.entries(wished)) servers[name] = await secureWebServer(options, 'http/1.1');
  servers['h2'] = await secureWebServer(right, 'h2');
  return {
    places: Object.fromEntries(Object.entries(servers).map(([name, { port }]) => [name, `127.0.0.1:${port}`])),
    async close() {
      await Promise.all(Object.values(servers).map((server) => server.close()));
    },
  };
}
