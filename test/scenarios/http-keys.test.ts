/** Keys by which an http check says how it asks and what it expects. */
import { describe, expect, test } from 'vitest';
import type { Check } from '../../contract/check.ts';
import { assignmentOf } from '../../scenarios/compile.ts';
import { parseScenario } from '../../scenarios/define.ts';
import { broken, mistakesOf, type Source } from './sound.ts';

const withCheck = (more: Source): Source =>
  broken(['checks', 0], { name: 'home', kind: 'http', to: 'regions', every: '10s', ...more });

function compiled(more: Source): Check<'http'> {
  const found = assignmentOf(parseScenario(withCheck(more)), 1).checks.find(({ id }) => id === 'home/us-east-1');
  if (found?.kind !== 'http') throw new Error('no such check');
  return found;
}

const pem = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';

describe('an http check', () => {
  test('says nothing that is not written', () => {
    expect(Object.keys(compiled({}))).toEqual([
      ...['id', 'name', 'target', 'region', 'entry', 'vantages', 'everyMs', 'timeoutMs', 'kind'],
      ...['url', 'method', 'headers', 'body', 'resolveWith', 'expect', 'identity'],
    ]);
  });

  test('says how it asks', () => {
    const more = {
      redirects: 3,
      cookies: true,
      httpVersions: ['2', '1.1'],
      family: 'prefer-ip6',
      compression: 'br',
      bodyLimitBytes: 1024,
      proxy: {
        url: 'http://proxy.internal:3128',
        username: 'u',
        password: { file: 'proxy' },
        connectHeaders: { 'X-A': 'b' },
      },
      tls: {
        ca: pem,
        cert: { file: 'cert' },
        key: { env: 'KEY' },
        serverName: 'shop',
        minVersion: 'TLS12',
        maxVersion: 'TLS13',
        verify: false,
      },
    };
    expect(compiled(more)).toMatchObject({ ...more });
  });

  test.each([
    [{ basic: { username: 'u', password: { file: 'p' } } }, { kind: 'basic', username: 'u', password: { file: 'p' } }],
    [{ bearer: { credentials: { env: 'T' } } }, { kind: 'bearer', credentials: { env: 'T' } }],
    [
      { oauth2: { clientId: 'c', clientSecret: { file: 's' }, tokenUrl: 'https://auth.example/token' } },
      {
        kind: 'oauth2',
        clientId: 'c',
        clientSecret: { file: 's' },
        tokenUrl: 'https://auth.example/token',
        scopes: [],
        parameters: {},
      },
    ],
  ])('says who it is: %j', (written, want) => {
    expect(compiled({ authorization: written }).authorization).toEqual(want);
  });

  test('says what it expects', () => {
    const wanted = {
      status: 200,
      headers: { 'X-Region': '{region}' },
      versions: '2',
      headerMatches: [{ header: 'Server', notMatches: '\\d' }],
      bodyMatches: 'well',
      json: [{ path: '$.note', equals: null }],
      cel: 'body.ready',
      certificate: { minDaysLeft: 14, ciphers: 'TLS_AES_128_GCM_SHA256' },
    };
    expect(compiled({ expect: wanted }).expect).toEqual({
      status: [200],
      headers: { 'x-region': 'us-east-1' },
      bodyContains: [],
      versions: ['2'],
      headerMatches: [{ header: 'server', notMatches: '\\d' }],
      bodyMatches: ['well'],
      json: [{ path: '$.note', equals: null }],
      cel: ['body.ready'],
      certificate: { minDaysLeft: 14, ciphers: ['TLS_AES_128_GCM_SHA256'] },
    });
  });
});

test('who served may be told by Server-Timing or a certificate', () => {
  const servedBy = { serverTiming: 'region', fingerprints: { ['a'.repeat(64)]: 'us-east-1' } };
  expect(parseScenario(broken(['identity', 'servedBy'], servedBy)).identity).toEqual({
    servedBy: null,
    storedIn: null,
    ...servedBy,
  });
});

const mistakes: readonly (readonly [string, Source, string])[] = [
  [
    'redirects without end',
    { redirects: 50 },
    'checks[0].redirects: got 50, want how many redirects are followed from 1 to 20',
  ],
  [
    'half a redirect',
    { redirects: 1.5 },
    'checks[0].redirects: got 1.5, want how many redirects are followed, a whole number',
  ],
  ['cookies that are false', { cookies: false }, 'checks[0].cookies: got false, want true, or no such key'],
  ['HTTP/3', { httpVersions: ['3'] }, 'checks[0].httpVersions[0]: got "3", want one of 1.1, 2 (nearest: 2)'],
  [
    'two ways to say who it is',
    { authorization: { basic: { username: 'u', password: { file: 'p' } }, bearer: { credentials: { file: 't' } } } },
    'checks[0].authorization: got ["basic","bearer"], want one of basic, bearer and oauth2',
  ],
  [
    'a password in the scenario',
    { authorization: { basic: { username: 'u', password: 'hunter2' } } },
    'checks[0].authorization.basic.password: got a secret in the scenario, or nothing that says where it is, want { file: PATH } or { env: NAME }',
  ],
  [
    'a user in the URL of a proxy',
    { proxy: { url: 'http://u:p@proxy:1' } },
    'checks[0].proxy.url: got a user in it, want username and password beside it',
  ],
  [
    'a certificate without its key',
    { tls: { cert: { file: 'c' } } },
    'checks[0].tls.key: got nothing, want the key of the certificate',
  ],
  [
    'a least version above the most',
    { tls: { minVersion: 'TLS13', maxVersion: 'TLS12' } },
    'checks[0].tls.minVersion: got TLS13, want at most maxVersion, TLS12',
  ],
  [
    'a pattern that RE2 has not',
    { expect: { bodyMatches: '(?=a)' } },
    'checks[0].expect.bodyMatches: got error parsing regexp: invalid or unsupported Perl syntax: `(?=`, want a regular expression of RE2',
  ],
  [
    'a header without a pattern',
    { expect: { headerMatches: [{ header: 'a' }] } },
    'checks[0].expect.headerMatches[0]: got nothing, want matches or notMatches',
  ],
  [
    'an expression over what nobody knows',
    { expect: { cel: 'answer.ready' } },
    'checks[0].expect.cel: got Unknown variable: answer, want an expression of CEL over body, status and headers',
  ],
  [
    'an expression that is a number',
    { expect: { cel: '1 + 1' } },
    'checks[0].expect.cel: got an expression of type int, want an expression of CEL over body, status and headers',
  ],
  [
    'a fingerprint with colons',
    { expect: { certificate: { fingerprints: ['AA:BB'] } } },
    'checks[0].expect.certificate.fingerprints[0]: got "AA:BB", want a SHA-256 of 64 hexadecimal digits, in lower case',
  ],
];

test.each(mistakes)('%s is a mistake', (_what, more, want) => {
  expect(mistakesOf(withCheck(more))).toEqual([want]);
});

test('a path that is none is a mistake, and says so where it is', () => {
  const [mistake] = mistakesOf(withCheck({ expect: { json: [{ path: '$..[' }] } }));
  expect(mistake).toMatch(
    /^checks\[0\]\.expect\.json\[0\]\.path: got .+, want a JSON path of RFC 9535, such as \$\.status$/,
  );
});
