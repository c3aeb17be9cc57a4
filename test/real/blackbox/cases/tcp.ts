/** `prober: tcp` and `prober: unix`: connections and dialogues. */
import { join } from 'node:path';
import type { Case, Places, Servers, Yaml } from '../cases.ts';
import type { Certificates } from '../servers/certificates.ts';
import { type LineServer, lineServer } from '../servers/lines.ts';

type Keys = { readonly [key: string]: Yaml };
function tcp(keys: Keys = {}, timeout = '5s'): Keys {
  return { prober: 'tcp', timeout, tcp: keys };
}
function says(...steps: readonly Keys[]): Keys {
  return tcp({ query_response: steps });
}
const at =
  (name: string) =>
  (places: Places): string =>
    places[name] ?? '';
const secured =
  (tls: Keys = {}, keys: Keys = {}) =>
  ({ ca = '' }: Places): Keys =>
    tcp({ tls: true, tls_config: { ca_file: ca, ...tls }, ...keys });

/** As a module writes it. */
const group = (name: string): string => `\${${name}}`;

const connections: readonly Case[] = [
  { name: 'a connection', module: tcp(), target: at('silent') },
  { name: 'nobody listens', module: tcp(), target: at('closed') },
  { name: 'a target without a port', module: tcp(), target: '127.0.0.1' },
  { name: 'a target with too many colons', module: tcp(), target: '::1:80' },
  { name: 'a port that is none', module: tcp(), target: '127.0.0.1:99999' },
  { name: 'an empty host', module: tcp(), target: ':80' },
  { name: 'IPv6', module: tcp(), target: at('silent6') },
  {
    name: 'IPv6 where IPv4 is demanded',
    module: tcp({ preferred_ip_protocol: 'ip4', ip_protocol_fallback: false }),
    target: at('silent6'),
  },
  {
    name: 'a name',
    module: tcp({ preferred_ip_protocol: 'ip4' }),
    target: ({ silent = '' }) => `localhost:${silent.split(':')[1]}`,
  },
  { name: 'a name that nobody has', module: tcp(), target: 'no-such-host.invalid:80' },
  { name: 'a source address', module: tcp({ source_ip_address: '127.0.0.1' }), target: at('silent') },
  { name: 'a source address that is none', module: tcp({ source_ip_address: 'here' }), target: at('silent') },
  { name: 'a source address of nobody here', module: tcp({ source_ip_address: '192.0.2.1' }), target: at('silent') },
];

const dialogues: readonly Case[] = [
  { name: 'a line that comes', module: says({ expect: '^220 ' }), target: at('mail') },
  { name: 'a line that comes after others', module: says({ expect: '^third' }), target: at('three') },
  { name: 'a line that does not come before the close', module: says({ expect: '^fourth' }), target: at('three') },
  {
    name: 'a line that does not come in time',
    module: tcp({ query_response: [{ expect: 'never' }] }, '300ms'),
    target: at('mail'),
  },
  {
    name: 'a question and its answer',
    module: says({ expect: '^220' }, { send: 'EHLO me' }, { expect: '^250 (\\w+)' }, { send: 'QUIT' }),
    target: at('mail'),
  },
  {
    name: 'a group that is sent back',
    module: says({ expect: '^challenge (\\d+)', send: `answer ${group('1')}` }, { expect: '^right' }),
    target: at('challenge'),
  },
  {
    name: 'a group by its name',
    module: says({ expect: '^challenge (?P<number>\\d+)', send: `answer ${group('number')}` }, { expect: '^right' }),
    target: at('challenge'),
  },
  {
    name: 'a group that is not there',
    module: says({ expect: '^challenge', send: `answer ${group('7')}` }, { expect: '^wrong' }),
    target: at('challenge'),
  },
  {
    name: 'labels of what came',
    module: says({
      expect: '^220 (\\S+) (\\S+)',
      labels: [
        { name: 'host', value: group('1') },
        { name: 'speaks', value: group('2') },
        { name: 'fixed', value: 'x"y\\z' },
      ],
    }),
    target: at('mail'),
  },
  { name: 'bytes that come', module: says({ expect_bytes: '220 ' }), target: at('mail') },
  { name: 'bytes that are others', module: says({ expect_bytes: '221 ' }), target: at('mail') },
  { name: 'fewer bytes than wanted', module: says({ expect_bytes: 'abcdef' }), target: at('short') },
  { name: 'bytes where the connection is closed', module: says({ expect_bytes: 'abc' }), target: at('closing') },
  { name: 'a line where the connection is closed', module: says({ expect: 'abc' }), target: at('closing') },
  { name: 'a last line without its end', module: says({ expect: '^no end$' }), target: at('endless') },
  { name: 'a line with a carriage return', module: says({ expect: '^220 mail.example ESMTP$' }), target: at('mail') },
  {
    name: 'one regexp that matches and one that does not',
    module: says({ expect: '^first' }, { expect: '^fourth' }),
    target: at('three'),
  },
  { name: 'something sent to who closes', module: says({ send: 'hello' }), target: at('closing') },
];

const secure: readonly Case[] = [
  { name: 'TLS', module: secured(), target: at('tlsLines') },
  { name: 'TLS and a dialogue', module: secured({}, { query_response: [{ expect: '^220' }] }), target: at('tlsLines') },
  { name: 'TLS that nobody trusts', module: tcp({ tls: true }), target: at('tlsLines') },
  { name: 'TLS that nobody looks at', module: secured({ insecure_skip_verify: true }), target: at('tlsOwn') },
  { name: 'TLS for another name', module: secured({ server_name: 'no.example' }), target: at('tlsLines') },
  { name: 'hostname= as the name in TLS', module: secured(), target: at('tlsLines'), hostname: 'shop.example' },
  {
    name: 'hostname= that is not on the certificate',
    module: secured(),
    target: at('tlsLines'),
    hostname: 'no.example',
  },
  {
    name: 'hostname= beside a name of the module',
    module: secured({ server_name: 'localhost' }),
    target: at('tlsLines'),
    hostname: 'no.example',
  },
  { name: 'hostname= without TLS', module: tcp(), target: at('silent'), hostname: 'no.example' },
  {
    name: 'TLS where there is none',
    module: ({ ca = '' }) => ({ ...secured()({ ca }), timeout: '500ms' }),
    target: at('mail'),
  },
  { name: 'an authority that is not there', module: () => secured()({ ca: '/nowhere' }), target: at('tlsLines') },
  {
    name: 'STARTTLS',
    module: ({ ca = '' }) =>
      tcp({
        query_response: [
          { expect: '^220' },
          { send: 'STARTTLS' },
          { expect: '^220 ready', starttls: true },
          { send: 'EHLO me' },
          { expect: '^250' },
        ],
        tls_config: { ca_file: ca },
      }),
    target: at('mail'),
  },
  {
    name: 'STARTTLS that nobody trusts',
    module: says({ expect: '^220' }, { send: 'STARTTLS' }, { expect: '^220 ready', starttls: true }),
    target: at('mail'),
  },
  {
    name: 'STARTTLS with a name of the module',
    module: ({ ca = '' }) =>
      tcp({
        query_response: [{ expect: '^220' }, { send: 'STARTTLS' }, { expect: '^220 ready', starttls: true }],
        tls_config: { ca_file: ca, server_name: 'no.example' },
      }),
    target: at('mail'),
  },
];

function unix(keys: Keys = {}, timeout = '5s'): Keys {
  return { prober: 'unix', timeout, unix: keys };
}
const paths: readonly Case[] = [
  { name: 'a connection', module: unix(), target: at('path') },
  { name: 'nothing there', module: unix(), target: '/nowhere/at/all.sock' },
  {
    name: 'a dialogue',
    module: unix({ query_response: [{ expect: '^220' }, { send: 'EHLO me' }, { expect: '^250' }] }),
    target: at('path'),
  },
  {
    name: 'a line that does not come',
    module: unix({ query_response: [{ expect: 'never' }] }, '300ms'),
    target: at('path'),
  },
  {
    name: 'TLS',
    module: ({ ca = '' }) => unix({ tls: true, tls_config: { ca_file: ca, server_name: 'localhost' } }),
    target: at('tlsPath'),
  },
  {
    name: 'TLS without a name',
    module: ({ ca = '' }) => unix({ tls: true, tls_config: { ca_file: ca } }),
    target: at('tlsPath'),
  },
  {
    name: 'TLS that nobody looks at',
    module: unix({ tls: true, tls_config: { insecure_skip_verify: true } }),
    target: at('tlsPath'),
  },
];

export const tcpCases: readonly Case[] = [...connections, ...dialogues, ...secure];
export const unixCases: readonly Case[] = paths;

export async function tcpServers(dir: string, { right, own }: Certificates): Promise<Servers> {
  const servers: Record<string, LineServer> = {
    silent: await lineServer('silent'),
    silent6: await lineServer('silent', { host: '::1' }),
    mail: await lineServer('mail', { startTls: right }),
    three: await lineServer('three'),
    challenge: await lineServer('challenge'),
    short: await lineServer('short'),
    closing: await lineServer('closing'),
    endless: await lineServer('endless'),
    tlsLines: await lineServer('mail', { tls: right }),
    tlsOwn: await lineServer('mail', { tls: own }),
    path: await lineServer('mail', { path: join(dir, 'mail.sock') }),
    tlsPath: await lineServer('mail', { path: join(dir, 'tls.sock'), tls: right }),
  };
  return {
    places: Object.fromEntries(Object.entries(servers).map(([name, { at: where }]) => [name, where])),
    async close() {
      await Promise.all(Object.values(servers).map((server) => server.close()));
    },
  };
}
