/** Keys by which a dns check says what it asks, over what, and what it expects. */
import { describe, expect, test } from 'vitest';
import type { Check } from '../../contract/check.ts';
import { assignmentOf } from '../../scenarios/compile.ts';
import { parseScenario } from '../../scenarios/define.ts';
import { broken, mistakesOf, type Source } from './sound.ts';

const server = '192.0.2.53:53';
const withCheck = (more: Source): Source =>
  broken(['checks', 1], { name: 'geo', kind: 'dns', hostname: 'api.shop.example', every: '30s', ...more });

function compiled(more: Source): readonly Check<'dns'>[] {
  const { checks } = assignmentOf(parseScenario(withCheck(more)), 1);
  return checks.filter((check) => check.kind === 'dns');
}

describe('a dns check', () => {
  test('says nothing that is not written', () => {
    expect(compiled({}).map((check) => Object.keys(check))).toEqual([
      [
        ...['id', 'name', 'target', 'region', 'entry', 'vantages', 'everyMs', 'timeoutMs', 'kind'],
        ...['hostname', 'recordType', 'server', 'subnet', 'place', 'expectRegions'],
      ],
    ]);
  });

  test('says what it asks, and over what', () => {
    const more = {
      transport: 'https',
      server: 'dns.shop.example:443',
      tls: { serverName: 'dns.shop.example', minVersion: 'TLS13' },
      family: 'prefer-ip6',
      path: '/q',
      class: 'CH',
      recursion: false,
      nsid: true,
    };
    expect(compiled({ ...more, type: 'TXT' })).toMatchObject([{ ...more, recordType: 'TXT' }]);
  });

  test('says what it expects, one or several of each', () => {
    const validate = { answer: { matchAll: '\\tMX\\t', matchNone: ['a', 'b'] }, authority: { matchAny: 'x' } };
    const [check] = compiled({ type: 'MX', rcodes: 'NOERROR', validate, server });
    expect(check).toMatchObject({
      rcodes: ['NOERROR'],
      validate: { answer: { matchAll: ['\\tMX\\t'], matchNone: ['a', 'b'] }, authority: { matchAny: ['x'] } },
    });
    expect(check?.validate).not.toHaveProperty('additional');
  });

  test('is one for each place and server, each with all of it', () => {
    const found = compiled({ subnets: ['london', 'tokyo'], server: 'authorities', nsid: true });
    expect(found.map(({ id, nsid }) => [id, nsid])).toEqual([
      ['geo/london@192.0.2.53:53', true],
      ['geo/tokyo@192.0.2.53:53', true],
    ]);
  });

  const type = 'a type of records, such as A, MX, SOA or TYPE65280';
  test.each<readonly [Source, string]>([
    [{ type: 'mx' }, `type: got "mx", want ${type} (nearest: MX)`],
    [{ type: 'AXFR' }, `type: got "AXFR", want ${type}`],
    [{ type: 'TYPE70000' }, `type: got "TYPE70000", want ${type}`],
    [{ transport: 'quic' }, 'transport: got "quic", want one of udp, tcp, tls, https'],
    [{ transport: 'tls' }, 'server: got resolver, want an address and a port, to ask over tls'],
    [
      { transport: 'https', server: 'authorities' },
      'server: got authorities, want an address and a port, to ask over https',
    ],
    [{ tls: {} }, 'tls: got a check over udp, want transport tls or https beside it'],
    [{ transport: 'tls', server, path: '/q' }, 'path: got a check over tls, want transport https beside it'],
    [{ transport: 'https', server, path: 'q' }, 'path: got "q", want a path that begins with /'],
    [{ server, family: 'ip6' }, 'family: got server 192.0.2.53:53, want a server that has a name'],
    [{ family: 'ip6' }, 'family: got server resolver, want a server that has a name'],
    [{ class: 'in' }, 'class: got "in", want one of IN, CH, HS, ANY (nearest: IN)'],
    [{ recursion: true }, 'recursion: got true, want false, or no such key'],
    [{ nsid: 'yes' }, 'nsid: got "yes", want true, or no such key'],
    [{ rcodes: 'NXDOMIAN' }, 'rcodes: got "NXDOMIAN", want one of NOERROR, FORMERR'],
    [{ rcodes: [] }, 'rcodes: got an empty list, want a list of at least 1'],
    [{ validate: {} }, 'validate: got nothing in it, want one of answer, authority, additional'],
    [
      { validate: { answer: {} } },
      'validate.answer: got nothing in it, want one of matchAll, matchAny, matchNone, matchAllOrEmpty',
    ],
    [
      { validate: { answers: { matchAll: 'x' } } },
      'validate.answers: got the unknown key "answers", want one of answer,',
    ],
    [{ validate: { answer: { matchAll: '(' } } }, 'validate.answer.matchAll: got error parsing regexp'],
    [
      { type: 'MX', subnets: ['london'], expect: { london: 'eu-west-1' } },
      'expect: got a check of type MX, want type A or AAAA, of which the regions are known',
    ],
  ])('%j is refused', (more, mistake) => {
    expect(mistakesOf(withCheck(more))).toEqual([expect.stringContaining(`checks[1].${mistake}`)]);
  });
});
