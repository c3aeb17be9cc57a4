/** `prober: http`: what is expected of an answer, compression, authorization, proxies. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case, Places, Servers, Yaml } from '../cases.ts';
import { type ProxyServer, proxyServer } from '../servers/proxy.ts';

type Keys = { readonly [key: string]: Yaml };
function http(keys: Keys = {}, timeout = '5s'): Keys {
  return { prober: 'http', timeout, http: keys };
}
const at =
  (path: string) =>
  ({ web }: Places): string =>
    `http://${web}${path}`;

function row(name: string, keys: Keys, path: string): Case {
  return { name, module: http(keys), target: at(path) };
}

const gzip = { compression: 'gzip', headers: { 'Accept-Encoding': 'gzip' } };
const compression: readonly Case[] = [
  row('gzip that nobody asked for', {}, '/gzip'),
  row('gzip that nobody asked for, and an expression', { fail_if_body_not_matches_regexp: ['^the quick'] }, '/gzip'),
  row('gzip that is none, unasked', {}, '/brokenGzip'),
  row('gzip that is cut short, unasked', {}, '/cutGzip'),
  row('gzip with HEAD', { method: 'HEAD' }, '/gzip'),
  row('an Accept-Encoding of the module', { headers: { 'Accept-Encoding': 'gzip' } }, '/gzip'),
  row('gzip', gzip, '/gzip'),
  row('gzip, and an expression', { ...gzip, fail_if_body_not_matches_regexp: ['^the quick'] }, '/gzip'),
  row('gzip that is none', gzip, '/text'),
  row('gzip of nothing', gzip, '/empty'),
  row('gzip that is cut short', gzip, '/cutGzip'),
  row('gzip that the client undid already', { compression: 'gzip' }, '/gzip'),
  row('br', { compression: 'br', headers: { 'Accept-Encoding': 'br' } }, '/br'),
  row('br that is none', { compression: 'br', headers: { 'Accept-Encoding': 'br' } }, '/text'),
  row('deflate', { compression: 'deflate', headers: { 'Accept-Encoding': 'deflate' } }, '/deflate'),
  row('deflate in the frame of zlib', { compression: 'deflate', headers: { 'Accept-Encoding': 'deflate' } }, '/zlib'),
  row('identity', { compression: 'identity', headers: { 'Accept-Encoding': 'identity' } }, '/text'),
  row('a body within its limit', { body_size_limit: '100KB' }, '/large'),
  row('a body over its limit', { body_size_limit: '10KB' }, '/large'),
  row('a body of exactly its limit', { body_size_limit: '44B' }, '/text'),
  row(
    'a body over its limit, and an expression',
    { body_size_limit: '10KB', fail_if_body_matches_regexp: ['y'] },
    '/large',
  ),
  row('an unpacked body over its limit', { ...gzip, body_size_limit: '20B' }, '/gzip'),
];

const body: readonly Case[] = [
  row('a text that is not to be there, and is', { fail_if_body_matches_regexp: ['lazy', 'quick'] }, '/text'),
  row('a text that is not to be there, and is not', { fail_if_body_matches_regexp: ['slow'] }, '/text'),
  row('a text that is to be there, and is', { fail_if_body_not_matches_regexp: ['(?i)QUICK'] }, '/text'),
  row('one of two texts that are to be there', { fail_if_body_not_matches_regexp: ['quick', 'slow'] }, '/text'),
  row('an expression and a status that is not wanted', { fail_if_body_not_matches_regexp: ['slow'] }, '/status/500'),
  row('an expression on an empty body', { fail_if_body_not_matches_regexp: ['.'] }, '/empty'),
];

const header = (name: string, regexp: string, more: Keys = {}): Yaml => [{ header: name, regexp, ...more }];
const headers: readonly Case[] = [
  row('a header that is not to match, and does', { fail_if_header_matches: header('X-Side', 'left') }, '/text'),
  row('a header that is not to match, and does not', { fail_if_header_matches: header('X-Side', 'right') }, '/text'),
  row('a header that is not to match, and is missing', { fail_if_header_matches: header('X-None', 'a') }, '/text'),
  row('one that may be missing', { fail_if_header_matches: header('X-None', 'a', { allow_missing: true }) }, '/text'),
  row('a header that is to match, and does', { fail_if_header_not_matches: header('x-side', '^left$') }, '/text'),
  row('a header that is to match, and does not', { fail_if_header_not_matches: header('x-side', 'right') }, '/text'),
  row('a header that is to match, and is missing', { fail_if_header_not_matches: header('x-none', 'right') }, '/text'),
  row('one of two values that is not to match', { fail_if_header_matches: header('X-Word', 'two') }, '/twice'),
  row('one of two values that is to match', { fail_if_header_not_matches: header('X-Word', 'two') }, '/twice'),
  row(
    'a header that matches and a body that does not',
    { fail_if_header_not_matches: header('x-side', 'left'), fail_if_body_not_matches_regexp: ['slow'] },
    '/text',
  ),
];

const cel = (expression: string): Keys => ({ fail_if_body_json_not_matches_cel: expression });
const facts: readonly Case[] = [
  row('CEL that holds', cel('body.status == "up"'), '/json'),
  row('CEL over a list of several kinds', cel('body.status in [1, "up", null]'), '/json'),
  row('CEL that does not hold', cel('body.status == "down"'), '/json'),
  row('CEL that is not to hold, and does', { fail_if_body_json_matches_cel: 'body.status == "up"' }, '/json'),
  row('CEL that is not to hold, and does not', { fail_if_body_json_matches_cel: 'body.status == "down"' }, '/json'),
  row('CEL over numbers', cel('body.load < 0.75 && body.count == 3.0'), '/json'),
  row('CEL over whole numbers', cel('body.count == 3'), '/json'),
  row('CEL over a list', cel('body.nested.list.exists(x, x > 2.0)'), '/json'),
  row('CEL over the size of a list', cel('size(body.nested.list) == 3'), '/json'),
  row('CEL over a key that is not there', cel('body.absent == "up"'), '/json'),
  row('CEL that asks whether a key is there', cel('has(body.absent)'), '/json'),
  row('CEL over null', cel('body.nothing == null'), '/json'),
  row('CEL that is no truth', cel('body.status'), '/json'),
  row('CEL over what is no JSON', cel('body.status == "up"'), '/text'),
  row('CEL where the status is not wanted', cel('body.status == "up"'), '/status/500'),
  row(
    'CEL behind an expression that read the body',
    { ...cel('body.status == "up"'), fail_if_body_not_matches_regexp: ['up'] },
    '/json',
  ),
  row('a version that is wanted', { valid_http_versions: ['HTTP/1.1', 'HTTP/2.0'] }, '/text'),
  row('a version that is not wanted', { valid_http_versions: ['HTTP/2.0'] }, '/text'),
  row('TLS that is not to be there', { fail_if_ssl: true }, '/text'),
  row('TLS that is to be there, and is not', { fail_if_not_ssl: true }, '/text'),
];

const basic = `Basic ${Buffer.from('anna:s3cret word').toString('base64')}`;
const privately = (wanted: string): string => `/private/${encodeURIComponent(wanted)}`;
const authorization: readonly Case[] = [
  row('nobody who is known', {}, privately(basic)),
  row('a user and a password', { basic_auth: { username: 'anna', password: 's3cret word' } }, privately(basic)),
  row('a wrong password', { basic_auth: { username: 'anna', password: 'guessed' } }, privately(basic)),
  {
    name: 'a password in a file',
    module: ({ password = '' }) => http({ basic_auth: { username: 'anna', password_file: password } }),
    target: at(privately(basic)),
  },
  row(
    'a password in a file that is not there',
    { basic_auth: { username: 'anna', password_file: '/nowhere' } },
    privately(basic),
  ),
  row('a bearer token', { bearer_token: 'abc' }, privately('Bearer abc')),
  row('credentials of another kind', { authorization: { type: 'Token', credentials: 'abc' } }, privately('Token abc')),
  row('a header of its own', { headers: { Authorization: 'Own way' } }, privately('Own way')),
  row(
    'injected headers',
    { http_headers: { 'X-Word': { values: ['fox'] } }, fail_if_body_not_matches_regexp: ['^x-word: fox$'] },
    '/word',
  ),
  row(
    'secret injected headers',
    { http_headers: { 'X-Word': { secrets: ['fox'] } }, fail_if_body_not_matches_regexp: ['^x-word: fox$'] },
    '/word',
  ),
  {
    name: 'a user and a password in the URL',
    module: http(),
    target: ({ web }) => `http://anna:s3cret%20word@${web}${privately(basic)}`,
  },
  {
    name: 'OAuth 2',
    module: ({ web }) => http({ oauth2: { client_id: 'me', client_secret: 'mine', token_url: `http://${web}/token` } }),
    target: at(privately('Bearer from-the-token-page')),
  },
  {
    name: 'OAuth 2 without a token',
    module: ({ web }) =>
      http({ oauth2: { client_id: 'me', client_secret: 'mine', token_url: `http://${web}/status/403` } }),
    target: at('/text'),
  },
];

const proxied =
  (keys: Keys) =>
  ({ proxy }: Places): Keys =>
    http({ proxy_url: `http://${proxy}`, ...keys });
const proxies: readonly Case[] = [
  { name: 'through a proxy', module: proxied({}), target: at('/text') },
  {
    name: 'through a proxy that looks names up',
    module: proxied({ skip_resolve_phase_with_proxy: true }),
    target: ({ port }) => `http://localhost:${port}/text`,
  },
  { name: 'through a proxy to where nobody listens', module: proxied({}), target: ({ closed = '' }) => closed },
  {
    name: 'a proxy that is not there',
    module: ({ closed }) => http({ proxy_url: `http://${closed}` }),
    target: at('/text'),
  },
  {
    name: 'past the proxy',
    module: ({ closed }) => http({ proxy_url: `http://${closed}`, no_proxy: '127.0.0.1' }),
    target: at('/text'),
  },
  {
    name: 'a proxy for others, and this machine',
    module: ({ closed }) => http({ proxy_url: `http://${closed}`, no_proxy: 'other.example' }),
    target: at('/text'),
  },
  row('a proxy of an environment that has none', { proxy_from_environment: true }, '/text'),
  row(
    'a proxy of an environment that looks names up',
    { proxy_from_environment: true, skip_resolve_phase_with_proxy: true },
    '/text',
  ),
  { name: 'a proxy that nobody names', module: http({ skip_resolve_phase_with_proxy: true }), target: at('/text') },
];

export const moreHttpCases: readonly Case[] = [
  ...compression,
  ...body,
  ...headers,
  ...facts,
  ...authorization,
  ...proxies,
];

export async function moreHttpServers(dir: string): Promise<Servers> {
  const proxy: ProxyServer = await proxyServer();
  const password = join(dir, 'password');
  writeFileSync(password, 's3cret word\n');
  return { places: { proxy: `127.0.0.1:${proxy.port}`, password }, close: () => proxy.close() };
}
