/** The language of blackbox.yml, by the table of what blackbox_exporter 0.28.0 accepts, refuses and shows. */
import { describe, expect, test } from 'vitest';
import { bytesOf } from '../../../probes/blackbox/config/bytes.ts';
import type { Module } from '../../../probes/blackbox/config/module.ts';
import { parseModules, showModule } from '../../../probes/blackbox/config/parse.ts';
import { files } from './files/all.ts';

const refused = files.filter(({ mistake }) => mistake !== undefined);
const accepted = files.filter(({ mistake }) => mistake === undefined);

test('there are files of either kind, each of its own name', () => {
  expect(refused.length).toBeGreaterThan(100);
  expect(accepted.length).toBeGreaterThan(100);
  expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
});

test.each(refused)('refused, with its line and key: $name', ({ text, mistake }) => {
  const parsed = parseModules(text);
  expect(parsed.ok ? 'accepted' : `${parsed.mistakes[0]?.line} ${parsed.mistakes[0]?.key}`).toBe(mistake);
});

test.each(accepted)('accepted: $name', ({ text }) => {
  expect(parseModules(text)).toMatchObject({ ok: true });
});

test('what is accepted is shown as it shows it, by /config and by debug=true', async () => {
  const shown = accepted.map(({ name, text }) => {
    const parsed = parseModules(text);
    if (!parsed.ok) return `# ${name}: ${parsed.mistake}\n`;
    const debug = [...parsed.modules.values()].map(showModule).join('--\n');
    return `# ${name}\n${parsed.shown}# debug\n${debug}`;
  });
  await expect(shown.join('\n')).toMatchFileSnapshot('../../golden/blackbox/shown.txt');
});

describe('a module', () => {
  test('has what blackbox_exporter takes when its file says nothing', () => {
    expect(moduleOf('modules:\n  a: {prober: http}\n')).toMatchObject({
      name: 'a',
      prober: 'http',
      timeoutMs: 0,
      http: { ipProtocolFallback: true, followRedirects: true, enableHttp2: true, bodySizeLimitBytes: 0, method: '' },
      icmp: { ttl: 64, ipProtocolFallback: true },
      dns: { recursionDesired: true, ipProtocolFallback: true },
    });
  });

  test('of gRPC falls back to the other family only when it has a stanza', () => {
    expect(moduleOf('modules:\n  a: {prober: grpc}\n')?.grpc.ipProtocolFallback).toBe(false);
    expect(moduleOf('modules:\n  a: {prober: grpc, grpc: {}}\n')?.grpc.ipProtocolFallback).toBe(true);
  });

  test('that is null has nothing, not even what others have by themselves', () => {
    expect(moduleOf('modules:\n  a:\n')).toMatchObject({
      prober: '',
      http: { followRedirects: false },
      icmp: { ttl: 0 },
    });
  });

  test('says of files where they are, and of a bearer token that it is one', () => {
    const http = 'bearer_token_file: /run/token, tls_config: {cert_file: c.pem, key_file: k.pem}';
    expect(moduleOf(`modules:\n  a: {http: {${http}}}\n`)?.http).toMatchObject({
      authorization: { type: 'Bearer', credentialsFile: '/run/token' },
      tlsConfig: { certFile: 'c.pem', keyFile: 'k.pem' },
    });
  });

  test('sends the bytes that its file has in base64', () => {
    const read = moduleOf('modules:\n  a: {tcp: {query_response: [{send: !!binary AAAACATSFi8=}]}}\n');
    expect(bytesOf(read?.tcp.queryResponse[0]?.send ?? '').toString('hex')).toBe('0000000804d2162f');
  });
});

test('no secret is shown, and none is said in a mistake', () => {
  const secrets = [
    'basic_auth: {username: u, password: hunter2}',
    'authorization: {credentials: hunter2}',
    'bearer_token: hunter2',
    'oauth2: {client_id: i, client_secret: hunter2, token_url: t, proxy_url: "http://u:hunter2@p"}',
    'proxy_url: "http://u:hunter2@p", proxy_connect_header: {A: [hunter2]}',
    'http_headers: {X-A: {secrets: [hunter2]}}',
    'tls_config: {cert: c, key: hunter2}',
  ];
  const broken = [
    'basic_auth: {password: [hunter2]}',
    'basic_auth: hunter2',
    'bearer_token: {hunter2: hunter2x}',
    'proxy_url: "http://u:hunter2@p:x"',
    'http_headers: {X-A: {secrets: hunter2}}',
    'authorization: {type: basic, credentials: hunter2}',
    'bearer_token: hunter2, bearer_token_file: f',
  ];
  for (const http of secrets) {
    const parsed = parseModules(`modules: {a: {http: {${http}}}}`);
    expect(parsed.ok).toBe(true);
    if (!parsed.ok) continue;
    expect(parsed.shown + [...parsed.modules.values()].map(showModule).join()).not.toContain('hunter2');
  }
  for (const http of broken) {
    const parsed = parseModules(`modules: {a: {http: {${http}}}}`);
    expect(parsed.ok ? 'accepted' : parsed.mistake).not.toContain('hunter2');
    expect(parsed.ok).toBe(false);
  }
});

test.each([
  'bearer_token: *hunter2',
  'bearer_token: @hunter2',
  'bearer_token: a: hunter2',
  'bearer_token: "hunter2',
  'bearer_token: "a" hunter2',
  'bearer_token: !!int hunter2',
  'bearer_token: !!binary "hunter2!"',
  'bearer_token: %hunter2',
  'bearer_token: ]hunter2',
  'bearer_token: a\n    hunter2',
])('no secret is said where the file is no YAML: %s', (http) => {
  const parsed = parseModules(`modules:\n  a:\n    http:\n      ${http}\n`);
  expect(parsed.ok ? 'accepted' : parsed.mistake).toMatch(/^line \d: /);
  expect(parsed.ok ? 'accepted' : parsed.mistake).not.toContain('hunter2');
});

test('every mistake is said at once, with what was meant', () => {
  const parsed = parseModules(
    'modules:\n  a:\n    timeout: 5\n    http:\n      metod: GET\n      fail_if_ssl: maybe\n',
  );
  expect(parsed.ok ? [] : parsed.mistakes).toMatchObject([
    { line: 3, key: 'modules.a.timeout', got: '"5"' },
    { line: 5, key: 'modules.a.http.metod', want: expect.stringMatching(/^one of method,/) },
    { line: 6, key: 'modules.a.http.fail_if_ssl', got: '"maybe"', want: 'true or false' },
  ]);
});

test('bytes that are no text are refused, and UTF-16 is read where its mark says so', () => {
  expect(parseModules(Buffer.from('modules: {a: {prober: "\xff"}}', 'latin1'))).toMatchObject({ ok: false });
  expect(parseModules(Buffer.from('\uFEFFmodules: {a: {prober: tcp}}', 'utf16le'))).toMatchObject({ ok: true });
});

function moduleOf(text: string): Module | undefined {
  const parsed = parseModules(text);
  return parsed.ok ? parsed.modules.get('a') : undefined;
}
