/** The stanzas of the other probers, a module of them all, and the file of modules. */
import { dictionaryOf, listOf } from './collections.ts';
import { pattern } from './expressions.ts';
import { http, nullWhenEmpty } from './http.ts';
import { always, checked, duration, optional, text, truth, whole } from './leaves.ts';
import { recordClasses, recordTypes } from './names.ts';
import type { ValueOf } from './reading.ts';
import { stanza } from './stanza.ts';
import { tlsConfig } from './tls.ts';

const queryResponse = listOf(
  stanza(
    {
      expect: optional(nullWhenEmpty(pattern)),
      expect_bytes: text,
      labels: listOf(stanza({ name: text, value: text })),
      send: text,
      starttls: truth,
    },
    {
      check: ({ expect, expectBytes }, fault) => {
        if (expect !== null && expectBytes !== '')
          fault('expect or expect_bytes, not both', 'expect_bytes', 'expect too');
        return undefined;
      },
    },
  ),
);

const addresses = { preferred_ip_protocol: text, ip_protocol_fallback: truth };
const dialogue = { query_response: queryResponse, tls: truth, tls_config: tlsConfig };

const tcp = stanza({ ...addresses, source_ip_address: text, ...dialogue }, { defaults: { ipProtocolFallback: true } });

const unix = stanza(dialogue);

const icmp = stanza(
  { ...addresses, source_ip_address: text, payload_size: whole, dont_fragment: truth, ttl: whole },
  {
    defaults: { ipProtocolFallback: true, ttl: 64 },
    check: ({ ttl }, fault) => {
      if (ttl < 0 || ttl > 255) fault('0 to 255', 'ttl', String(ttl));
      return undefined;
    },
  },
);

const expressions = listOf(text);
const validator = stanza({
  fail_if_matches_regexp: expressions,
  fail_if_all_match_regexp: expressions,
  fail_if_not_matches_regexp: expressions,
  fail_if_none_matches_regexp: expressions,
});

const dns = stanza(
  {
    ...addresses,
    dns_over_tls: truth,
    tls_config: tlsConfig,
    source_ip_address: text,
    transport_protocol: text,
    query_class: checked((name) => unlessIn(recordClasses, name, 'IN, CS, CH, HS, NONE or ANY')),
    query_name: text,
    query_type: checked((name) => unlessIn(recordTypes, name, 'the name of a type of record, such as A or MX')),
    recursion_desired: truth,
    valid_rcodes: listOf(text),
    validate_answer_rrs: validator,
    validate_authority_rrs: validator,
    validate_additional_rrs: validator,
  },
  {
    defaults: { ipProtocolFallback: true, recursionDesired: true },
    check: ({ queryName }, fault) => {
      if (queryName === '') fault('a query_name', 'query_name', 'none');
      return undefined;
    },
  },
);

function unlessIn(names: ReadonlySet<string>, name: string, want: string): string | undefined {
  return name === '' || names.has(name) ? undefined : want;
}

const grpc = stanza(
  {
    service: text,
    tls: truth,
    tls_config: tlsConfig,
    ip_protocol_fallback: truth,
    preferred_ip_protocol: text,
    metadata: dictionaryOf(listOf(text)),
  },
  { defaults: { ipProtocolFallback: true } },
);

/** A module with a stanza for each prober; of gRPC's alone the defaults come with the stanza, not with the module. */
export const moduleShape = stanza(
  { prober: text, timeout: duration, http, tcp, icmp, dns, grpc, unix },
  { defaults: { http: http.start, tcp: tcp.start, icmp: icmp.start, dns: dns.start } },
);
export type ModuleRead = ValueOf<typeof moduleShape>;

export const fileShape = stanza({ modules: always(dictionaryOf(moduleShape)) });
