/** Keys of checks that are no requests over HTTP: grpc and icmp. */
import { describe, expect, test } from 'vitest';
import type { Check } from '../../contract/check.ts';
import { assignmentOf } from '../../scenarios/compile.ts';
import { parseScenario } from '../../scenarios/define.ts';
import { broken, mistakesOf, type Source } from './sound.ts';

const grpc = (more: Source): Source => ({
  name: 'home',
  kind: 'grpc',
  to: 'regions',
  port: 8443,
  every: '10s',
  ...more,
});
const icmp = (more: Source): Source => ({ name: 'home', kind: 'icmp', to: 'regions', every: '10s', ...more });

function compiled(check: Source, regions: Source = {}): readonly Check[] {
  const source = broken(['checks', 0], check);
  Object.assign(source['regions'] as Source, regions);
  return assignmentOf(parseScenario(source), 1).checks.filter(({ name }) => name === 'home');
}

const common = { name: 'home', target: 'shop', vantages: null, everyMs: 10_000, timeoutMs: 10_000 };

describe('a grpc check', () => {
  test('asks the host of each region, at its own port', () => {
    const asked = { ...common, kind: 'grpc', port: 8443, family: 'ip4', resolveWith: 'resolver', service: '' };
    const identity = { servedBy: 'x-region', storedIn: null };
    expect(compiled(grpc({}))).toEqual([
      {
        ...asked,
        ...{ id: 'home/us-east-1', region: 'us-east-1', entry: null, host: 'us.shop.example', metadata: {}, identity },
      },
      {
        ...asked,
        ...{ id: 'home/eu-west-1', region: 'eu-west-1', entry: null, host: 'eu.shop.example', metadata: {}, identity },
      },
    ]);
  });

  test('asks the host of an entry name, or one of its own', () => {
    expect(compiled(grpc({ to: 'entry.api' }))).toMatchObject([
      { id: 'home', region: null, entry: 'api', host: 'api.shop.example' },
    ]);
    expect(compiled(grpc({ to: undefined, host: '2001:db8::7' }))).toMatchObject([
      { id: 'home', region: null, entry: null, host: '2001:db8::7' },
    ]);
  });

  test('knows an IPv6 endpoint without its brackets', () => {
    const six = { jurisdiction: 'EU', share: 0, endpoint: 'https://[2001:db8::9]:8443/' };
    expect(compiled(grpc({ to: ['six'] }), { six })).toMatchObject([{ id: 'home/six', host: '2001:db8::9' }]);
  });

  test('says which service, how and with what', () => {
    const metadata = { 'X-Team': 'shop', authorization: { file: 'token' }, 'x-hop': ['a', { env: 'B' }] };
    const more = { service: 'shop.Cart', tls: { serverName: 'cart.internal', minVersion: 'TLS12' }, quorum: 1 };
    const [check] = compiled(grpc({ ...more, metadata, family: 'prefer-ip6', resolveWith: 'system' }));
    expect(check).toMatchObject({ ...more, family: 'prefer-ip6', resolveWith: 'system' });
    expect(check).toMatchObject({
      metadata: { 'x-team': ['shop'], authorization: [{ file: 'token' }], 'x-hop': ['a', { env: 'B' }] },
    });
  });

  test('speaks TLS as the agent has it where it says no more', () => {
    expect(compiled(grpc({ tls: true }))).toMatchObject([{ tls: {} }, { tls: {} }]);
    expect(compiled(grpc({}))[0]).not.toHaveProperty('tls');
  });
});

test('an icmp check sends what ping sends unless it says otherwise', () => {
  const packet = { payloadBytes: 56, ttl: 64, dontFragment: false };
  expect(compiled(icmp({ to: ['eu-west-1'] }))).toEqual([
    {
      ...{ ...common, id: 'home/eu-west-1', region: 'eu-west-1', entry: null, kind: 'icmp' },
      ...{ host: 'eu.shop.example', family: 'ip4', resolveWith: 'resolver', ...packet },
    },
  ]);
  const more = { payloadBytes: 1_400, ttl: 9, dontFragment: true, family: 'ip6' };
  expect(compiled(icmp({ to: undefined, host: 'router.shop.example', ...more }))).toMatchObject([
    { id: 'home', host: 'router.shop.example', ...more },
  ]);
});

const mistakes: readonly (readonly [string, Source, string])[] = [
  ['no port', grpc({ port: undefined }), 'checks[0].port: got nothing, want a port from 1 to 65535'],
  ['a port that is none', grpc({ port: 70_000 }), 'checks[0].port: got 70000, want a port from 1 to 65535'],
  ['half a port', grpc({ port: 1.5 }), 'checks[0].port: got 1.5, want a port from 1 to 65535'],
  ['nowhere to go', grpc({ to: undefined }), 'checks[0]: got neither to nor host, want to, or a host'],
  ['two places to go', icmp({ host: 'a.example' }), 'checks[0].host: got "a.example", want to or host, not both'],
  [
    'a host with a port',
    icmp({ to: undefined, host: 'a.example:80' }),
    'checks[0].host: got "a.example:80", want a host name, such as api.agent.example',
  ],
  [
    'a name that is gRPC’s own',
    grpc({ metadata: { 'Grpc-Timeout': '1S' } }),
    'checks[0].metadata.Grpc-Timeout: got "Grpc-Timeout", want a name of your own: this one is gRPC’s or HTTP’s',
  ],
  [
    'a name that HTTP/2 has not',
    grpc({ metadata: { 'x team': 'a' } }),
    'checks[0].metadata["x team"]: got "x team", want a name of letters, digits, dots, dashes and underscores',
  ],
  [
    'a value on two lines',
    grpc({ metadata: { team: 'a\nb: c' } }),
    'checks[0].metadata.team: got "a\\nb: c", want a text of printable ASCII, or { file: PATH } or { env: NAME } of a secret',
  ],
  [
    'a secret that says nothing of where it is',
    grpc({ metadata: { token: { value: 'x' } } }),
    'checks[0].metadata.token: got a secret in the scenario, or nothing that says where it is, want { file: PATH } or { env: NAME }',
  ],
  [
    'a key of TLS alone',
    grpc({ tls: { key: { file: 'k' } } }),
    'checks[0].tls.cert: got nothing, want the certificate of the key',
  ],
  ['no hops', icmp({ ttl: 0 }), 'checks[0].ttl: got 0, want a number of hops from 1 to 255'],
  [
    'too little to time',
    icmp({ payloadBytes: 8 }),
    'checks[0].payloadBytes: got 8, want a number of bytes from 16 to 65507',
  ],
  ['a flag in words', icmp({ dontFragment: 'yes' }), 'checks[0].dontFragment: got "yes", want true or false'],
  [
    'a port where there are none',
    icmp({ port: 7 }),
    'checks[0].port: got the unknown key "port", want one of name, kind, every, timeout, from, quorum, to, host, family, resolveWith, payloadBytes, ttl, dontFragment',
  ],
];

test.each(mistakes)('%s is a mistake', (_what, check, want) => {
  expect(mistakesOf(broken(['checks', 0], check))).toEqual([want]);
});
