/** `prober: dns`: questions over UDP, TCP and TLS, and what is expected of the records. */
import type { Answer, Packet } from 'dns-packet';
import { answerTo, type DnsQuery, type DnsReply, type DnsServer, dnsServer } from '../../../fakes/dns-server.ts';
import { secureDnsServer } from '../../../fakes/secure-dns-server.ts';
import type { Case, Places, Servers, Yaml } from '../cases.ts';
import type { Certificates } from '../servers/certificates.ts';

type Keys = { readonly [key: string]: Yaml };
const ask = (name: string, type: string, keys: Keys = {}, timeout = '5s'): Keys => ({
  prober: 'dns',
  timeout,
  dns: { query_name: name, query_type: type, ...keys },
});
const at =
  (name: string) =>
  (places: Places): string =>
    places[name] ?? '';
const server = at('dns');
const row = (name: string, module: Keys): Case => ({ name, module, target: server });

const plain: readonly Case[] = [
  row('an address', ask('www.example', 'A')),
  row('a name with its dot', ask('www.example.', 'A')),
  row('IPv6 addresses', ask('www.example', 'AAAA')),
  row('no type is ANY', { prober: 'dns', timeout: '5s', dns: { query_name: 'www.example' } }),
  row('a mail exchanger', ask('example', 'MX')),
  row('texts', ask('example', 'TXT')),
  row('a service', ask('_sip._tcp.example', 'SRV')),
  row('name servers, with their addresses', ask('example', 'NS')),
  row('a zone and its serial', ask('example', 'SOA')),
  row('a zone that does not answer with one', ask('nothing.example', 'SOA')),
  row('a name that is not there', ask('absent.example', 'A')),
  row('a name that is not there, and wanted so', ask('absent.example', 'A', { valid_rcodes: ['NXDOMAIN'] })),
  row('an answer without records', ask('nothing.example', 'A')),
  row('a server that fails', ask('failing.example', 'A')),
  row('a server that refuses', ask('refused.example', 'A', { valid_rcodes: ['NOERROR', 'REFUSED'] })),
  row('a code that is none', ask('www.example', 'A', { valid_rcodes: ['SOMETHING'] })),
  row('no answer in time', ask('silent.example', 'A', {}, '300ms')),
  row('an answer that is cut short', ask('truncated.example', 'A')),
  row('an answer to somebody else', ask('stranger.example', 'A', {}, '300ms')),
  row('another class', ask('www.example', 'A', { query_class: 'CH' })),
  row('no recursion wanted', ask('recursion.example', 'A', { recursion_desired: false })),
  row('recursion wanted', ask('recursion.example', 'A')),
  row('over TCP', ask('www.example', 'A', { transport_protocol: 'tcp' })),
  row('over TCP, closed', ask('reset.example', 'A', { transport_protocol: 'tcp' })),
  row('over TCP, cut short', ask('truncated.example', 'A', { transport_protocol: 'tcp' })),
  row('over what is no transport', ask('www.example', 'A', { transport_protocol: 'sctp' })),
  row('a source address', ask('www.example', 'A', { source_ip_address: '127.0.0.1' })),
  row('a source address that is none', ask('www.example', 'A', { source_ip_address: 'here' })),
];

const places: readonly Case[] = [
  {
    name: 'nobody listens, over TCP',
    module: ask('www.example', 'A', { transport_protocol: 'tcp' }),
    target: at('closed'),
  },
  { name: 'nobody listens, over UDP', module: ask('www.example', 'A', {}, '500ms'), target: at('closed') },
  {
    name: 'a server by its name',
    module: ask('www.example', 'A', { preferred_ip_protocol: 'ip4' }),
    target: ({ dns = '' }) => `localhost:${dns.split(':')[1]}`,
  },
  { name: 'a server that nobody knows', module: ask('www.example', 'A'), target: 'no-such-host.invalid' },
  {
    name: 'IPv4 where IPv6 is demanded',
    module: ask('www.example', 'A', { ip_protocol_fallback: false }),
    target: server,
  },
  { name: 'IPv6 in brackets, without a port', module: ask('www.example', 'A', {}, '300ms'), target: '[::1]' },
];

const validate = (section: string, validator: string, ...regexps: readonly string[]): Keys => ({
  [`validate_${section}_rrs`]: { [`fail_if_${validator}`]: regexps },
});
const www = (keys: Keys): Keys => ask('www.example', 'A', keys);
const validators: readonly Case[] = [
  row('a record that is not to match, and does', www(validate('answer', 'matches_regexp', '192\\.0\\.2\\.1$'))),
  row('a record that is not to match, and does not', www(validate('answer', 'matches_regexp', '198\\.51'))),
  row(
    'the whole line of a record',
    www(validate('answer', 'not_matches_regexp', '^www\\.example\\.\t300\tIN\tA\t192\\.0\\.2\\.[12]$')),
  ),
  row('a record that does not match', www(validate('answer', 'not_matches_regexp', '192\\.0\\.2\\.1$'))),
  row('all records match', www(validate('answer', 'all_match_regexp', '192\\.0\\.2\\.'))),
  row('not all records match', www(validate('answer', 'all_match_regexp', '192\\.0\\.2\\.1$'))),
  row('one record of two matches', www(validate('answer', 'none_matches_regexp', '192\\.0\\.2\\.2$'))),
  row('no record matches', www(validate('answer', 'none_matches_regexp', '198\\.51'))),
  row(
    'no record, and one that is to match',
    ask('nothing.example', 'A', validate('answer', 'not_matches_regexp', '.')),
  ),
  row(
    'no record, and one of them is to match',
    ask('nothing.example', 'A', validate('answer', 'none_matches_regexp', '.')),
  ),
  row('no record, and none is to match', ask('nothing.example', 'A', validate('answer', 'matches_regexp', '.'))),
  row('no record, and all are to match', ask('nothing.example', 'A', validate('answer', 'all_match_regexp', '.'))),
  row('an expression that is broken', www(validate('answer', 'matches_regexp', '('))),
  row(
    'an expression that is broken, and no record',
    ask('nothing.example', 'A', validate('answer', 'matches_regexp', '(')),
  ),
  row(
    'a mail exchanger as a line',
    ask('example', 'MX', validate('answer', 'not_matches_regexp', '^example\\.\t300\tIN\tMX\t10 mail\\.example\\.$')),
  ),
  row(
    'a text as a line',
    ask('example', 'TXT', validate('answer', 'none_matches_regexp', '^example\\.\t300\tIN\tTXT\t"v=spf1 -all"$')),
  ),
  row(
    'a zone as a line',
    ask(
      'example',
      'SOA',
      validate(
        'answer',
        'not_matches_regexp',
        '^example\\.\t300\tIN\tSOA\tns\\.example\\. admin\\.example\\. 2026010203 7200 3600 1209600 300$',
      ),
    ),
  ),
  row(
    'a service as a line',
    ask(
      '_sip._tcp.example',
      'SRV',
      validate('answer', 'not_matches_regexp', '^_sip\\._tcp\\.example\\.\t300\tIN\tSRV\t5 10 5060 sip\\.example\\.$'),
    ),
  ),
  row(
    'an IPv6 address as a line',
    ask(
      'www.example',
      'AAAA',
      validate('answer', 'not_matches_regexp', '^www\\.example\\.\t300\tIN\tAAAA\t2001:db8::1$'),
    ),
  ),
  row(
    'the section of authority',
    ask('example', 'NS', validate('authority', 'not_matches_regexp', 'NS\tns\\.example\\.$')),
  ),
  row(
    'the section of authority that does not match',
    ask('example', 'NS', validate('authority', 'matches_regexp', 'NS')),
  ),
  row(
    'the additional section',
    ask('example', 'NS', validate('additional', 'none_matches_regexp', 'A\t192\\.0\\.2\\.53$')),
  ),
  row(
    'the additional section that does not match',
    ask('example', 'NS', validate('additional', 'all_match_regexp', 'AAAA')),
  ),
];

const dot =
  (tls: Keys = {}, keys: Keys = {}) =>
  ({ ca = '' }: Places): Keys =>
    ask('www.example', 'A', {
      transport_protocol: 'tcp',
      dns_over_tls: true,
      tls_config: { ca_file: ca, ...tls },
      ...keys,
    });
const secure: readonly Case[] = [
  { name: 'over TLS', module: dot(), target: at('dot') },
  {
    name: 'over TLS, with records that are wanted',
    module: dot({}, validate('answer', 'not_matches_regexp', '192')),
    target: at('dot'),
  },
  {
    name: 'over TLS that nobody trusts',
    module: () => ask('www.example', 'A', { transport_protocol: 'tcp', dns_over_tls: true }),
    target: at('dot'),
  },
  { name: 'over TLS, for another name', module: dot({ server_name: 'no.example' }), target: at('dot') },
  {
    name: 'over TLS that nobody looks at',
    module: dot({ insecure_skip_verify: true, server_name: 'no.example' }),
    target: at('dot'),
  },
  { name: 'over TLS, but UDP', module: dot({}, { transport_protocol: 'udp' }), target: at('dot') },
  {
    name: 'over TLS where there is none',
    module: ({ ca = '' }) => ({ ...dot()({ ca }), timeout: '500ms' }),
    target: at('mail'),
  },
  { name: 'over TLS, with an authority that is not there', module: dot({ ca_file: '/nowhere' }), target: at('dot') },
];

export const dnsCases: readonly Case[] = [...plain, ...places, ...validators, ...secure];

const a = (name: string, data: string): Answer => ({ type: 'A', name, ttl: 300, data });
const soa: Answer = {
  type: 'SOA',
  name: 'example',
  ttl: 300,
  data: {
    mname: 'ns.example',
    rname: 'admin.example',
    serial: 2_026_010_203,
    refresh: 7_200,
    retry: 3_600,
    expire: 1_209_600,
    minimum: 300,
  },
};
const records: Readonly<Record<string, readonly Answer[]>> = {
  'www.example A': [a('www.example', '192.0.2.1'), a('www.example', '192.0.2.2')],
  'www.example AAAA': [{ type: 'AAAA', name: 'www.example', ttl: 300, data: '2001:db8::1' }],
  'www.example ANY': [a('www.example', '192.0.2.1')],
  'example MX': [{ type: 'MX', name: 'example', ttl: 300, data: { preference: 10, exchange: 'mail.example' } }],
  'example TXT': [
    { type: 'TXT', name: 'example', ttl: 300, data: ['v=spf1 -all'] },
    { type: 'TXT', name: 'example', ttl: 300, data: ['a "quoted" one', 'in two parts'] },
  ],
  '_sip._tcp.example SRV': [
    {
      type: 'SRV',
      name: '_sip._tcp.example',
      ttl: 300,
      data: { priority: 5, weight: 10, port: 5_060, target: 'sip.example' },
    },
  ],
  'example SOA': [soa],
};
const codes: Readonly<Record<string, number>> = { 'absent.example': 3, 'failing.example': 2, 'refused.example': 5 };

function reply(query: DnsQuery): DnsReply {
  const [question] = query.packet.questions ?? [];
  const name = question?.name.toLowerCase() ?? '';
  if (name === 'silent.example') return undefined;
  if (name === 'reset.example') return 'reset';
  if (name === 'truncated.example') return answerTo(query, [], { flags: 0x0380 });
  if (name === 'stranger.example') return answerTo(query, [], { id: ((query.packet.id ?? 0) + 1) % 65_536 });
  if (name === 'recursion.example') {
    const wanted = ((query.packet.flags ?? 0) & 0x0100) !== 0;
    return answerTo(query, wanted ? [a(name, '192.0.2.1')] : []);
  }
  const code = codes[name] ?? 0;
  const more: Partial<Packet> =
    name === 'example' && question?.type === 'NS'
      ? {
          authorities: [{ type: 'NS', name: 'example', ttl: 300, data: 'ns.example' }],
          additionals: [a('ns.example', '192.0.2.53')],
        }
      : {};
  return answerTo(query, [...(records[`${name} ${question?.type}`] ?? [])], { flags: 0x0180 | code, ...more });
}

export async function dnsServers({ right }: Certificates): Promise<Servers> {
  const servers: readonly DnsServer[] = [
    await dnsServer(reply),
    await secureDnsServer(reply, { over: 'tls', pem: right }),
  ];
  const [dns, dotServer] = servers.map(({ at: where }) => `${where.host}:${where.port}`);
  return {
    places: { dns: dns ?? '', dot: dotServer ?? '' },
    async close() {
      await Promise.all(servers.map((one) => one.close()));
    },
  };
}
