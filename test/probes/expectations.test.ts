import { describe, expect, test } from 'vitest';
import type { Expectation } from '../../contract/check.ts';
import { type AnswerSeen, needsWholeAnswer, unmet } from '../../probes/http/expectations.ts';
import { servedByOf } from '../../probes/http/served-by.ts';
import type { CertificateFacts, TlsFacts } from '../../probes/tls/facts.ts';

const nowMs = Date.UTC(2026, 0, 1);
const dayMs = 86_400_000;

function certificate(daysLeft: number, sha256: string): CertificateFacts {
  return {
    subject: 'CN=shop',
    issuer: 'CN=ca',
    notBeforeMs: nowMs - dayMs,
    notAfterMs: nowMs + daysLeft * dayMs,
    dnsNames: ['shop.example'],
    subjectAlternative: 'shop.example',
    serialNumber: '1',
    sha256,
  };
}

const tls: TlsFacts = {
  version: 'TLS 1.3',
  cipher: 'TLS_AES_128_GCM_SHA256',
  peers: [certificate(30, 'aa'), certificate(10, 'bb')],
  chains: [],
  alpn: 'http/1.1',
};

type Answer = {
  readonly status?: number;
  readonly version?: string;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  readonly body?: string;
  readonly whole?: boolean;
  readonly tls?: TlsFacts | null;
};

function seen({ headers = {}, body = '', ...answer }: Answer): AnswerSeen {
  return {
    status: 200,
    version: '1.1',
    whole: true,
    tls: null,
    header: (name) => headers[name] ?? [],
    headerNames: () => Object.keys(headers),
    ...answer,
    body: Buffer.from(body),
  };
}

const any: Expectation = { status: [200], headers: {}, bodyContains: [] };
const json = '{"ready":true,"replicas":3,"regions":[{"name":"eu-west-1"},{"name":"us-east-1"}],"note":null}';

type Row = readonly [string, Partial<Expectation>, Answer, string | undefined];
const rows: readonly Row[] = [
  ['any of several statuses', { status: [200, 204] }, { status: 204 }, undefined],
  ['another status', { status: [200, 201, 202, 451] }, { status: 500 }, 'status: got 500, want 200 to 202 or 451'],
  ['a version that is wanted', { versions: ['1.1', '2'] }, { version: '2' }, undefined],
  ['another version', { versions: ['2'] }, { version: '1.1' }, 'version: got HTTP/1.1, want HTTP/2'],
  ['a header as it should be', { headers: { 'x-a': 'b' } }, { headers: { 'x-a': ['b'] } }, undefined],
  [
    'a header of another value',
    { headers: { 'x-a': 'b' } },
    { headers: { 'x-a': ['c'] } },
    'header x-a: got c, want b',
  ],
  ['a header that is not there', { headers: { 'x-a': 'b' } }, {}, 'header x-a: got none, want b'],
  [
    'a header of which one value matches',
    { headerMatches: [{ header: 'vary', matches: '^acc' }] },
    { headers: { vary: ['origin', 'accept'] } },
    undefined,
  ],
  [
    'a header of which none matches',
    { headerMatches: [{ header: 'vary', matches: '^acc' }] },
    { headers: { vary: ['origin'] } },
    'header vary: got origin, want /^acc/',
  ],
  [
    'a header that must not match and does',
    { headerMatches: [{ header: 'server', notMatches: '\\d' }] },
    { headers: { server: ['x/1.2'] } },
    'header server: got x/1.2, want it without /\\d/',
  ],
  [
    'a header to match that is absent',
    { headerMatches: [{ header: 'a', matches: 'b' }] },
    {},
    'header a: got none, want one',
  ],
  [
    'an optional header that is absent',
    { headerMatches: [{ header: 'a', matches: 'b', optional: true }] },
    {},
    undefined,
  ],
  [
    'an optional header that is there and wrong',
    { headerMatches: [{ header: 'a', matches: 'b', optional: true }] },
    { headers: { a: ['c'] } },
    'header a: got c, want /b/',
  ],
  ['a body with the text', { bodyContains: ['well'] }, { body: 'all is well' }, undefined],
  [
    'a body without the text',
    { bodyContains: ['well'] },
    { body: 'no' },
    'body: got 2 bytes without "well", want it among the first 64 KiB',
  ],
  ['a body that matches', { bodyMatches: ['(?i)WELL$'] }, { body: 'all is well' }, undefined],
  [
    'a body that does not match',
    { bodyMatches: ['^well'] },
    { body: 'no' },
    'body: got 2 bytes without a match of /^well/, want one',
  ],
  [
    'a body that must not match and does',
    { bodyNotMatches: ['err'] },
    { body: 'error' },
    'body: got 5 bytes with a match of /err/, want none',
  ],
  ['a path that finds what is wanted', { json: [{ path: '$.replicas', equals: 3 }] }, { body: json }, undefined],
  [
    'a path of which one value is wanted',
    { json: [{ path: '$.regions[*].name', equals: 'us-east-1' }] },
    { body: json },
    undefined,
  ],
  [
    'an object that equals, whatever the order of its keys',
    { json: [{ path: '$.a', equals: { x: 1, y: 2 } }] },
    { body: '{"a":{"y":2,"x":1}}' },
    undefined,
  ],
  [
    'a path that finds another value',
    { json: [{ path: '$.replicas', equals: 4 }] },
    { body: json },
    'body at $.replicas: got 3, want 4',
  ],
  ['null, which is a value', { json: [{ path: '$.note', equals: null }] }, { body: json }, undefined],
  [
    'a path that finds nothing',
    { json: [{ path: '$.nope' }] },
    { body: json },
    'body at $.nope: got nothing, want a value',
  ],
  ['a path that shall find nothing', { json: [{ path: '$.nope', exists: false }] }, { body: json }, undefined],
  [
    'a path that shall find nothing and does',
    { json: [{ path: '$.ready', exists: false }] },
    { body: json },
    'body at $.ready: got true, want nothing',
  ],
  ['a number that matches', { json: [{ path: '$.replicas', matches: '^[1-9]$' }] }, { body: json }, undefined],
  [
    'an object, which matches no pattern',
    { json: [{ path: '$.regions', matches: 'eu' }] },
    { body: json },
    'body at $.regions: got [{"name":"eu-west-1"},{"name":"us-east-1"}], want /eu/',
  ],
  ['a body that is no JSON', { json: [{ path: '$.a' }] }, { body: '<html>' }, 'body: got "<html>", want JSON'],
  [
    'a body of which not all is there',
    { json: [{ path: '$.a' }] },
    { body: '{', whole: false },
    'body: got more than 1 bytes, want JSON',
  ],
  ['an expression that is true', { cel: ['body.ready && body.replicas >= 3'] }, { body: json }, undefined],
  [
    'an expression over status and headers',
    { cel: ['status == 200 && headers["x-a"] == "b"'] },
    { body: json, headers: { 'x-a': ['b'] } },
    undefined,
  ],
  [
    'an expression that is false',
    { cel: ['body.replicas > 3'] },
    { body: json },
    'answer: got false, want body.replicas > 3',
  ],
  [
    'an expression over what is not there',
    { cel: ['body.nope == 1'] },
    { body: json },
    'answer: cannot be judged (No such key: nope), want body.nope == 1',
  ],
  ['a certificate with days enough', { certificate: { minDaysLeft: 10 } }, { tls }, undefined],
  [
    'a chain of which one ends too soon',
    { certificate: { minDaysLeft: 14 } },
    { tls },
    'certificate: got 10.0 days until 2026-01-11T00:00:00.000Z, want at least 14',
  ],
  ['a known fingerprint', { certificate: { fingerprints: ['aa'] } }, { tls }, undefined],
  [
    'a fingerprint of another of the chain',
    { certificate: { fingerprints: ['bb'] } },
    { tls },
    'certificate: got SHA-256 aa, want bb',
  ],
  ['a version of TLS', { certificate: { versions: ['TLS12', 'TLS13'] } }, { tls }, undefined],
  ['another version of TLS', { certificate: { versions: ['TLS12'] } }, { tls }, 'TLS: got TLS 1.3, want TLS12'],
  ['another cipher', { certificate: { ciphers: ['TLS_X'] } }, { tls }, 'TLS: got TLS_AES_128_GCM_SHA256, want TLS_X'],
  ['no TLS where a certificate is wanted', { certificate: { minDaysLeft: 1 } }, {}, 'certificate: got none, want one'],
];

describe('an answer and what is expected of it', () => {
  test.each(rows)('%s', (_what, expected, answer, want) => {
    expect(unmet({ ...any, ...expected }, seen(answer), nowMs)).toBe(want);
  });

  test('the first that does not hold is told', () => {
    const expected = { ...any, headers: { a: 'b' }, bodyContains: ['c'] };
    expect(unmet(expected, seen({ status: 503 }), nowMs)).toBe('status: got 503, want 200');
  });

  test('a pattern that takes others time without end takes this one none', () => {
    const body = `${'a'.repeat(50_000)}!`;
    expect(unmet({ ...any, bodyNotMatches: ['^(a+)+$'] }, seen({ body }), nowMs)).toBeUndefined();
  });

  test('a document nested without end is a value too', () => {
    const body = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect(unmet({ ...any, json: [{ path: '$..name' }] }, seen({ body }), nowMs)).toMatch(/^body/);
  });

  test('status, headers and texts need no more than the beginning of the body', () => {
    const plain = { ...any, headers: { a: 'b' }, headerMatches: [{ header: 'a', matches: 'b' }], bodyContains: ['c'] };
    expect(needsWholeAnswer({ expect: plain })).toBe(false);
    expect(needsWholeAnswer({ expect: { ...any, cel: ['true'] } })).toBe(true);
  });
});

describe('who served', () => {
  const answer = seen({
    headers: {
      'x-region': ['us-east-1'],
      'server-timing': ['db;dur=53', 'region;desc="eu, \\"west\\""', 'zone;desc=a1'],
    },
    tls,
  });

  test.each([
    ['a header', { servedBy: 'X-Region' }, 'us-east-1'],
    ['a metric of Server-Timing in quotes', { servedBy: null, serverTiming: 'region' }, 'eu, "west"'],
    ['a metric of Server-Timing without quotes', { servedBy: null, serverTiming: 'Zone' }, 'a1'],
    ['a metric without words', { servedBy: null, serverTiming: 'db' }, null],
    ['a certificate', { servedBy: null, fingerprints: { aa: 'eu-west-1' } }, 'eu-west-1'],
    ['a certificate that nobody knows', { servedBy: null, fingerprints: { cc: 'eu-west-1' } }, null],
    ['the first that says so', { servedBy: 'x-nobody', serverTiming: 'zone', fingerprints: { aa: 'x' } }, 'a1'],
    ['nobody', { servedBy: null }, null],
  ])('%s', (_what, identity, want) => {
    expect(servedByOf({ storedIn: null, ...identity }, answer)).toBe(want);
  });

  test('a header made to be read slowly is read in no time', () => {
    const slow = seen({ headers: { 'server-timing': [`${'a;'.repeat(100_000)}"`, '\\'.repeat(100_000)] } });
    expect(servedByOf({ servedBy: null, storedIn: null, serverTiming: 'x' }, slow)).toBeNull();
  });
});
