/** The other probers, durations, and how texts are quoted when they are shown. */
import { type File, filesOf, inStanza } from './file.ts';

const timeouts = filesOf(
  [
    ['timeout: seconds', '5s'],
    ['timeout: with a fraction', '0.5s'],
    ['timeout: of several units', '1h2m3.5s4ms5us6ns'],
    ['timeout: below nothing', '-1m'],
    ['timeout: of nothing', '0s'],
    ['timeout: nothing in quotes', '"0"'],
    ['timeout: without a unit', '5', '3 modules.a.timeout'],
    ['timeout: 0', '0', '3 modules.a.timeout'],
    ['timeout: days', '1d', '3 modules.a.timeout'],
    ['timeout: a space', '5 s', '3 modules.a.timeout'],
    ['timeout: a float', '5.0', '3 modules.a.timeout'],
    ['timeout: too long', '3000000h', '3 modules.a.timeout'],
    ['timeout: that is null', 'null'],
    ['timeout: micro in Greek', '5μs'],
    ['timeout: a date', '2001-01-01', '3 modules.a.timeout'],
  ],
  (text) => `modules:\n  a:\n    timeout: ${text}\n`,
);

const tcp = filesOf(
  [
    [
      'tcp: a dialogue',
      'query_response:\n- expect: "^220"\n- send: "EHLO a\\r"\n- expect_bytes: S\n- starttls: true\n- expect: "v(.*)"\n  labels: [{name: n, value: "$1"}]',
    ],
    [
      'tcp: expect and expect_bytes',
      'query_response: [{expect: a, expect_bytes: b}]',
      '4 modules.a.tcp.query_response[0].expect_bytes',
    ],
    [
      'tcp: an empty expect and expect_bytes',
      'query_response: [{expect: "", expect_bytes: b}]',
      '4 modules.a.tcp.query_response[0].expect_bytes',
    ],
    ['tcp: an empty expect', 'query_response: [{expect: ""}]'],
    ['tcp: a step that says nothing', 'query_response: [{}, null]'],
    [
      'tcp: an expression that is broken',
      'query_response: [{expect: a}, {expect: "("}]',
      '4 modules.a.tcp.query_response[1].expect',
    ],
    [
      'tcp: labels that are a mapping',
      'query_response: [{labels: {name: a}}]',
      '4 modules.a.tcp.query_response[0].labels',
    ],
    ['tcp: an unknown key of a step', 'query_response: [{wait: 1}]', '4 modules.a.tcp.query_response[0].wait'],
    ['tcp: TLS', 'tls: true\ntls_config: {insecure_skip_verify: true}\nsource_ip_address: 127.0.0.1'],
    ['tcp: an unknown key', 'server_name: a', '4 modules.a.tcp.server_name'],
  ],
  inStanza('tcp'),
);

const dns = filesOf(
  [
    ['dns: a question', 'query_name: example.com\nquery_type: SOA\nquery_class: CH\nvalid_rcodes: [NOERROR, NOPE]'],
    ['dns: no name', 'query_type: A', '4 modules.a.dns.query_name'],
    ['dns: nothing at all', '{}', '4 modules.a.dns.query_name'],
    ['dns: a type that there is not', 'query_name: a\nquery_type: AAAAA', '5 modules.a.dns.query_type'],
    ['dns: a type in small letters', 'query_name: a\nquery_type: mx', '5 modules.a.dns.query_type'],
    ['dns: a type by its number', 'query_name: a\nquery_type: TYPE65', '5 modules.a.dns.query_type'],
    ['dns: a type of later days', 'query_name: a\nquery_type: HTTPS'],
    ['dns: a class that there is not', 'query_name: a\nquery_class: X', '5 modules.a.dns.query_class'],
    ['dns: an empty class and type', 'query_name: a\nquery_class: ""\nquery_type: ""'],
    ['dns: TLS over UDP', 'query_name: a\ndns_over_tls: true\ntransport_protocol: udp'],
    ['dns: a transport that there is not', 'query_name: a\ntransport_protocol: quic'],
    [
      'dns: validators',
      'query_name: a\nvalidate_answer_rrs:\n  fail_if_matches_regexp: ["("]\n  fail_if_none_matches_regexp: ["a\\tb"]\nrecursion_desired: false',
    ],
    [
      'dns: an unknown validator',
      'query_name: a\nvalidate_answer_rrs: {fail_if_no_match: [a]}',
      '5 modules.a.dns.validate_answer_rrs.fail_if_no_match',
    ],
  ],
  inStanza('dns'),
);

const icmp = filesOf(
  [
    ['icmp: a packet', 'payload_size: 1400\ndont_fragment: true\nttl: 5'],
    ['icmp: no hops', 'ttl: 0'],
    ['icmp: hops below nothing', 'ttl: -1', '4 modules.a.icmp.ttl'],
    ['icmp: too many hops', 'ttl: 256', '4 modules.a.icmp.ttl'],
    ['icmp: hops with a fraction', 'ttl: 64.9'],
    ['icmp: hops in words', 'ttl: many', '4 modules.a.icmp.ttl'],
    ['icmp: a payload below nothing', 'payload_size: -5'],
  ],
  inStanza('icmp'),
);

const grpc = filesOf(
  [
    ['grpc: a service', 'service: s\ntls: true\nmetadata: {a: [b, c], d: []}'],
    ['grpc: nothing said', '{}'],
    ['grpc: metadata of one value', 'metadata: {a: b}', '4 modules.a.grpc.metadata.a'],
    ['grpc: an unknown key', 'timeout: 5s', '4 modules.a.grpc.timeout'],
  ],
  inStanza('grpc'),
);

const unix = filesOf(
  [
    ['unix: a dialogue', 'query_response: [{send: PING}, {expect: PONG}]\ntls: true'],
    ['unix: a family of addresses', 'preferred_ip_protocol: ip4', '4 modules.a.unix.preferred_ip_protocol'],
  ],
  inStanza('unix'),
);

const quoting = filesOf(
  [
    ['quoting: words', '[yes, "true", "5", "null", "~", "1:30", "0x1", ".5", "2001-01-02", "<<", "=", "on"]'],
    [
      'quoting: marks',
      '["a: b", "a #b", "#a", "- a", "-a", "?a", "? a", ":a", "@a", "`a", "%a", "a:", "{a", "a, b", "\'a", "a\\"b"]',
    ],
    ['quoting: white', '[" a", "a ", "a  b", "\\ta", "a\\tb", "", " ", "a\\\\b"]'],
    ['quoting: lines', '["a\\nb", "a\\n", "\\na", "a\\n\\n", " a\\nb", "a \\nb", "a\\n b", "a\\rb", "\\n"]'],
    ['quoting: beyond ASCII', '[é, "\\u00a0", "\\u2028x", "\\U0001F600", "\\x07", "日本", "\\ufeff"]'],
    ['quoting: long', `["${'some words '.repeat(30)}", "${'x'.repeat(200)}", "${'a  b '.repeat(40)}: c"]`],
  ],
  (text) => `modules:\n  a:\n    dns:\n      query_name: a\n      valid_rcodes: ${text}\n`,
);

const shown = filesOf([
  [
    'names that have to be quoted',
    'modules:\n  "a: b": {prober: tcp}\n  "": {}\n  "yes": {}\n  " ": {}\n  "a\\nb": {}\n  é: {}\n',
  ],
  ['a name too long for a line', `modules:\n  ${'n'.repeat(130)}: {prober: tcp}\n`],
  [
    'names in the order of people',
    'modules: {b: {}, a: {}, A: {}, a2: {}, a10: {}, a02: {}, _a: {}, a-b: {}, ab: {}, a_b: {}, 1a: {}}\n',
  ],
]);

export const others: readonly File[] = [...timeouts, ...tcp, ...dns, ...icmp, ...grpc, ...unix, ...quoting, ...shown];
