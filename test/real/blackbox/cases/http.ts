/** `prober: http` without TLS. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case, Places, Servers, Yaml } from '../cases.ts';
import { closedPort } from '../servers/closed.ts';
import { type WebServer, webServer } from '../servers/web.ts';

function http(keys: { readonly [key: string]: Yaml } = {}, timeout = '5s') {
  return { prober: 'http', timeout, http: keys };
}
const at =
  (path: string) =>
  ({ web }: Places): string =>
    `http://${web}${path}`;
const plain = http();
const regexp = { fail_if_body_matches_regexp: ['quick'] };

const answers: readonly Case[] = [
  { name: 'an answer with a length', module: plain, target: at('/text') },
  { name: 'a target without a scheme', module: plain, target: ({ web = '' }) => web },
  { name: 'a target with a query and a fragment', module: plain, target: at('/text?a=b&c=d%20e#f') },
  { name: 'a status that is not 2xx', module: plain, target: at('/status/404') },
  { name: 'a server error', module: plain, target: at('/status/503') },
  {
    name: 'a status that the module wants',
    module: http({ valid_status_codes: [200, 503] }),
    target: at('/status/503'),
  },
  { name: 'a status that the module does not want', module: http({ valid_status_codes: [503] }), target: at('/text') },
  { name: 'no content', module: plain, target: at('/status/204') },
  { name: 'an empty body', module: plain, target: at('/empty') },
  { name: 'a body in chunks', module: plain, target: at('/chunked') },
  { name: 'an answer in HTTP/1.0, ended by the close', module: plain, target: at('/old') },
  { name: 'an answer in HTTP/1.0 with a length', module: plain, target: at('/oldLength') },
  { name: 'an interim answer before the answer', module: plain, target: at('/interim') },
  { name: 'HEAD', module: http({ method: 'HEAD' }), target: at('/text') },
  { name: 'POST with a body', module: http({ method: 'POST', body: '{"a":1}', ...regexp }), target: at('/echo') },
  {
    name: 'a body from a file',
    module: ({ body = '' }) => http({ method: 'POST', body_file: body, ...regexp }),
    target: at('/echo'),
  },
  {
    name: 'a body from a file that is not there',
    module: http({ method: 'POST', body_file: '/nowhere/at/all' }),
    target: at('/echo'),
  },
  {
    name: 'headers of the module',
    module: http({ headers: { 'X-Word': 'fox' }, fail_if_body_not_matches_regexp: ['^x-word: fox$'] }),
    target: at('/word'),
  },
  { name: 'who asks', module: http({ fail_if_body_not_matches_regexp: ['^Blackbox-Exporter'] }), target: at('/agent') },
  { name: 'a large body', module: plain, target: at('/large') },
  { name: 'a date of the last change', module: plain, target: at('/modified') },
  { name: 'a last change that is no date', module: plain, target: at('/modifiedOdd') },
  { name: 'a date as asctime writes it', module: plain, target: at('/modifiedAsctime') },
  { name: 'a date as RFC 850 writes it', module: plain, target: at('/modified850') },
  {
    name: 'a body that is no text',
    module: http({ fail_if_body_not_matches_regexp: ['^....$'] }),
    target: at('/latin'),
  },
];

const failures: readonly Case[] = [
  { name: 'nobody listens', module: plain, target: ({ closed = '' }) => closed },
  { name: 'a connection that is closed at once', module: plain, target: at('/close') },
  { name: 'an answer that is not HTTP', module: plain, target: at('/garbage') },
  { name: 'a length that is no number', module: plain, target: at('/badLength') },
  { name: 'a body that is cut short', module: plain, target: at('/cut') },
  { name: 'a body that is cut short, and an expression', module: http(regexp), target: at('/cut') },
  { name: 'a chunk that does not come', module: plain, target: at('/cutChunk') },
  { name: 'no answer within the time of the module', module: http({}, '300ms'), target: at('/silence') },
  { name: 'no whole answer within the time of the module', module: http({}, '300ms'), target: at('/half') },
  { name: 'no time left of the scrape', module: { prober: 'http' }, target: at('/text'), within: '0.1' },
  { name: 'a name that nobody has', module: plain, target: 'no-such-host.invalid' },
  { name: 'a URL with a blank in its host', module: plain, target: 'http://a b/' },
  { name: 'a URL with a port that is none', module: plain, target: 'http://127.0.0.1:many/' },
  { name: 'a URL without a host', module: plain, target: 'http:///path' },
  { name: 'a URL with a broken escape', module: plain, target: at('/%zz') },
];

const addresses: readonly Case[] = [
  { name: 'IPv6', module: plain, target: ({ web6 }) => `http://${web6}/text` },
  {
    name: 'IPv6 where IPv4 is preferred',
    module: http({ preferred_ip_protocol: 'ip4' }),
    target: ({ web6 }) => `http://${web6}/text`,
  },
  {
    name: 'IPv6 where IPv4 is demanded',
    module: http({ preferred_ip_protocol: 'ip4', ip_protocol_fallback: false }),
    target: ({ web6 }) => `http://${web6}/text`,
  },
  { name: 'IPv4 where IPv6 is demanded', module: http({ ip_protocol_fallback: false }), target: at('/text') },
  {
    name: 'a name, by IPv4',
    module: http({ preferred_ip_protocol: 'ip4' }),
    target: ({ port }) => `http://localhost:${port}/host`,
  },
  {
    name: 'a name, by IPv4 alone',
    module: http({ preferred_ip_protocol: 'ip4', ip_protocol_fallback: false }),
    target: ({ port }) => `http://localhost:${port}/host`,
  },
  {
    name: 'the Host header is the name',
    module: http({
      preferred_ip_protocol: 'ip4',
      fail_if_header_not_matches: [{ header: 'X-Host', regexp: '^localhost:' }],
    }),
    target: ({ port }) => `http://localhost:${port}/host`,
  },
  {
    name: 'hostname= is the Host header',
    module: http({ fail_if_header_not_matches: [{ header: 'X-Host', regexp: '^shop.example$' }] }),
    target: at('/host'),
    hostname: 'shop.example',
  },
  {
    name: 'hostname= against the Host header of the module',
    module: http({ headers: { host: 'other.example' } }),
    target: at('/host'),
    hostname: 'shop.example',
  },
  {
    name: 'hostname= as the Host header of the module',
    module: http({ headers: { host: 'shop.example' } }),
    target: at('/host'),
    hostname: 'shop.example',
  },
  {
    name: 'a Host header of the module',
    module: http({
      headers: { Host: 'shop.example' },
      fail_if_header_not_matches: [{ header: 'x-host', regexp: '^shop.example$' }],
    }),
    target: at('/host'),
  },
];

const redirects: readonly Case[] = [
  { name: 'one redirect', module: plain, target: at('/redirect/1') },
  { name: 'ten redirects', module: plain, target: at('/redirect/10') },
  { name: 'eleven redirects', module: plain, target: at('/redirect/11') },
  { name: 'redirects without an end', module: plain, target: at('/loop') },
  { name: 'a redirect that is not followed', module: http({ follow_redirects: false }), target: at('/redirect/1') },
  {
    name: 'a redirect that is not followed, and wanted',
    module: http({ follow_redirects: false, valid_status_codes: [302] }),
    target: at('/redirect/1'),
  },
  {
    name: 'no_follow_redirects',
    module: http({ no_follow_redirects: true, valid_status_codes: [302] }),
    target: at('/redirect/1'),
  },
  {
    name: 'a redirect that is not followed, and an expression',
    module: http({
      follow_redirects: false,
      valid_status_codes: [302],
      fail_if_body_matches_regexp: ['nothing like it'],
    }),
    target: at('/redirect/1'),
  },
  { name: 'a redirect without a place', module: plain, target: at('/nowhere') },
  {
    name: 'a redirect to where nobody listens',
    module: plain,
    target: ({ web, closed }) => `http://${web}/to/${encodeURIComponent(`http://${closed}/`)}`,
  },
  { name: 'a redirect to what is no URL', module: plain, target: at(`/to/${encodeURIComponent('http://[::1')}`) },
  { name: 'a redirect to another scheme', module: plain, target: at(`/to/${encodeURIComponent('ftp://127.0.0.1/')}`) },
  {
    name: 'a redirect to another host',
    module: plain,
    target: ({ web, web6 }) => `http://${web}/to/${encodeURIComponent(`http://${web6}/text`)}`,
  },
  {
    name: 'a POST that becomes a GET',
    module: http({ method: 'POST', body: 'x', fail_if_body_not_matches_regexp: ['^it was GET$'] }),
    target: at('/moved/303'),
  },
  {
    name: 'a POST that stays one',
    module: http({ method: 'POST', body: 'x', fail_if_body_not_matches_regexp: ['^it was POST$'] }),
    target: at('/moved/307'),
  },
  { name: 'cookies over redirects', module: plain, target: at('/cookie') },
];

export const httpCases: readonly Case[] = [...answers, ...failures, ...addresses, ...redirects];

export async function httpServers(dir: string): Promise<Servers> {
  const servers: readonly WebServer[] = await Promise.all([webServer(), webServer('::1')]);
  const [web, web6] = servers;
  const closed = await closedPort();
  const body = join(dir, 'body.txt');
  writeFileSync(body, 'a quick body');
  return {
    places: {
      web: `127.0.0.1:${web?.port}`,
      web6: `[::1]:${web6?.port}`,
      port: String(web?.port),
      closed: `127.0.0.1:${closed}`,
      body,
    },
    async close() {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
