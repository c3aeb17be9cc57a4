// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of dialogues.
/** Keys of checks of connections, of dialogues over them, and of TLS. */
import { describe, expect, test } from 'vitest';
import type { Check } from '../../contract/check.ts';
import { assignmentOf } from '../../scenarios/compile.ts';
import { parseScenario } from '../../scenarios/define.ts';
import { broken, mistakesOf, type Source } from './sound.ts';

const tcp = (more: Source): Source => ({ name: 'home', kind: 'tcp', to: 'regions', every: '10s', ...more });
const tls = (more: Source): Source => ({ name: 'home', kind: 'tls', to: 'regions', every: '10s', ...more });

function compiled(check: Source, regions: Source = {}): readonly Check[] {
  const source = broken(['checks', 0], check);
  Object.assign(source['regions'] as Source, regions);
  return assignmentOf(parseScenario(source), 1).checks.filter(({ name }) => name === 'home');
}

const common = { name: 'home', target: 'shop', vantages: null, everyMs: 10_000, timeoutMs: 10_000 };
const plain = { family: 'ip4', resolveWith: 'resolver' };

describe('a tcp check', () => {
  test('asks for a connection to the host and port of each region', () => {
    expect(compiled(tcp({}))).toEqual([
      {
        ...{ ...common, id: 'home/us-east-1', region: 'us-east-1', entry: null, kind: 'tcp' },
        ...{ ...plain, host: 'us.shop.example', port: 443, dialogue: [] },
      },
      {
        ...{ ...common, id: 'home/eu-west-1', region: 'eu-west-1', entry: null, kind: 'tcp' },
        ...{ ...plain, host: 'eu.shop.example', port: 443, dialogue: [] },
      },
    ]);
  });

  test('goes to the port that it says, or that of the URL', () => {
    const six = { jurisdiction: 'EU', share: 0, endpoint: 'http://[2001:db8::9]:8080/' };
    expect(compiled(tcp({ to: ['six'] }), { six })).toMatchObject([{ host: '2001:db8::9', port: 8080 }]);
    expect(compiled(tcp({ to: ['six'], port: 25 }), { six })).toMatchObject([{ port: 25 }]);
    expect(compiled(tcp({ to: 'entry.api', port: 5432 }))).toMatchObject([
      { id: 'home', region: null, entry: 'api', host: 'api.shop.example', port: 5432 },
    ]);
    expect(
      compiled(tcp({ to: undefined, host: '192.0.2.7', port: 22, family: 'ip6', resolveWith: 'system' })),
    ).toMatchObject([
      { id: 'home', region: null, entry: null, host: '192.0.2.7', port: 22, family: 'ip6', resolveWith: 'system' },
    ]);
  });

  test('says its lines with the end that they are to have', () => {
    const dialogue = [{ expect: '^220 ', refuse: '^5', send: 'EHLO ${1}', labels: { host: '$1' } }, { sendHex: '00' }];
    const crlf = [{ ...dialogue[0], send: 'EHLO ${1}\r' }, { sendHex: '00' }];
    expect(compiled(tcp({ dialogue }))[0]).toMatchObject({ dialogue: crlf });
    expect(compiled(tcp({ dialogue, lineEnd: 'lf' }))[0]).toMatchObject({ dialogue });
    expect(compiled(tcp({ dialogue }))[0]).not.toHaveProperty('lineEnd');
  });

  test('speaks TLS where it says so, and in a dialogue that asks for it', () => {
    expect(compiled(tcp({}))[0]).not.toHaveProperty('tls');
    expect(compiled(tcp({ tls: true }))[0]).toMatchObject({ tls: {} });
    expect(compiled(tcp({ tls: { serverName: 'db.internal' } }))[0]).toMatchObject({
      tls: { serverName: 'db.internal' },
    });
    expect(compiled(tcp({ dialogue: [{ expect: '^go', startTls: true }] }))[0]).toMatchObject({ tls: {} });
    expect(compiled(tcp({ startTls: 'imap' }))[0]).toMatchObject({ tls: {}, startTls: 'imap' });
  });

  test('names the secret that it sends', () => {
    const dialogue = [{ send: 'PASS {secret}', secret: { file: 'pop3' } }];
    expect(compiled(tcp({ dialogue, lineEnd: 'lf' }))[0]).toMatchObject({ dialogue });
  });
});

describe('a tls check', () => {
  test('asks for a handshake with the host of each region', () => {
    expect(compiled(tls({ to: ['eu-west-1'] }))).toEqual([
      {
        ...{ ...common, id: 'home/eu-west-1', region: 'eu-west-1', entry: null, kind: 'tls' },
        ...{ ...plain, host: 'eu.shop.example', port: 443, tls: {}, expect: {} },
      },
    ]);
  });

  test.each([
    ['smtp', 25],
    ['imap', 143],
    ['pop3', 110],
    ['ftp', 21],
    ['ldap', 389],
    ['postgres', 5432],
  ])('goes to the usual port of a protocol that asks for TLS itself: %s', (startTls, port) => {
    expect(compiled(tls({ startTls }))[0]).toMatchObject({ startTls, port });
    expect(compiled(tls({ startTls, port: 2525 }))[0]).toMatchObject({ startTls, port: 2525 });
  });

  test('goes to 443 of a host of its own', () => {
    expect(compiled(tls({ to: undefined, host: 'shop.example' }))).toMatchObject([{ host: 'shop.example', port: 443 }]);
  });

  test('says what it expects, one or several of each', () => {
    const expectation = {
      minDaysLeft: 14,
      versions: 'TLS13',
      ciphers: ['TLS_AES_128_GCM_SHA256'],
      fingerprints: 'ab'.repeat(32),
      names: ['shop.example', 'eu.shop.example'],
      issuer: "O=Let's Encrypt",
    };
    const [check] = compiled(tls({ expect: expectation, tls: { minVersion: 'TLS12', verify: false } }));
    expect(check).toMatchObject({
      tls: { minVersion: 'TLS12', verify: false },
      expect: { ...expectation, versions: ['TLS13'], fingerprints: ['ab'.repeat(32)] },
    });
  });
});

describe('a mistake is told with its place', () => {
  const step = (more: Source): Source => tcp({ dialogue: [{ expect: '^ok' }, more] });
  test.each<readonly [string, Source, string, RegExp]>([
    ['no place', tcp({ to: undefined }), 'checks[0]', /to, or a host/],
    ['no port', tcp({ to: undefined, host: 'a.example' }), 'checks[0].port', /the port of the host/],
    ['a port that is none', tcp({ port: 70_000 }), 'checks[0].port', /a port from 1 to 65535/],
    ['a protocol', tcp({ startTls: 'smtps' }), 'checks[0].startTls', /nearest: smtp/],
    ['a line end', tcp({ lineEnd: 'cr' }), 'checks[0].lineEnd', /one of crlf, lf/],
    ['an unknown key', tcp({ expect: '^ok' }), 'checks[0].expect', /one of name, kind/],
    ['an unknown key of a step', step({ expects: 'a' }), 'checks[0].dialogue[1].expects', /nearest: expect/],
    ['a pattern', step({ expect: '(' }), 'checks[0].dialogue[1].expect', /a regular expression of RE2/],
    ['bytes', step({ expectHex: '0' }), 'checks[0].dialogue[1].expectHex', /pairs of hexadecimal digits/],
    ['nothing', step({}), 'checks[0].dialogue[1]', /expect, expectHex, send, sendHex or startTls/],
    ['two answers', step({ expect: 'a', expectHex: '00' }), 'checks[0].dialogue[1].expectHex', /expect or expectHex/],
    ['two questions', step({ send: 'a', sendHex: '00' }), 'checks[0].dialogue[1].sendHex', /send or sendHex/],
    ['a refusal of nothing', step({ send: 'a', refuse: '^5' }), 'checks[0].dialogue[1].refuse', /expect beside it/],
    ['labels of nothing', step({ send: 'a', labels: { a: '$1' } }), 'checks[0].dialogue[1].labels', /expect beside it/],
    ['a label', step({ expect: 'a', labels: { 'a-b': '$1' } }), 'checks[0].dialogue[1].labels.a-b', /letters/],
    ['a secret that is not said', step({ send: '{secret}' }), 'checks[0].dialogue[1].secret', /the secret that/],
    [
      'a secret that is not sent',
      step({ send: 'a', secret: { env: 'A' } }),
      'checks[0].dialogue[1].secret',
      /\{secret\}/,
    ],
    [
      'TLS twice',
      tcp({ startTls: 'smtp', dialogue: [{ startTls: true }] }),
      'checks[0].dialogue[0].startTls',
      /only one/,
    ],
    [
      'an endless dialogue',
      tcp({ dialogue: Array(101).fill({ send: 'a' }) }),
      'checks[0].dialogue',
      /at most 100 steps/,
    ],
    ['TLS without verification of tls', tls({ tls: { verify: true } }), 'checks[0].tls.verify', /false/],
    ['days', tls({ expect: { minDaysLeft: -1 } }), 'checks[0].expect.minDaysLeft', /a number of days/],
    ['an issuer', tls({ expect: { issuer: '[' } }), 'checks[0].expect.issuer', /RE2/],
    ['a name', tls({ expect: { names: ['*.a'] } }), 'checks[0].expect.names[0]', /a host name/],
  ])('%s', (_, check, place, want) => {
    const mistakes = mistakesOf(broken(['checks', 0], check));
    const told = mistakes.find((line) => line.startsWith(`${place}: got `));
    expect(told, mistakes.join('\n')).toMatch(want);
  });
});
