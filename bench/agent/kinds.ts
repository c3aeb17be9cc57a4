/** What is measured, one row a kind: how we ask, and how the peers are told to ask the same. */
import type { Check, CheckCommon } from '../../contract/check.ts';
import type { TlsTerms } from '../../contract/tls.ts';

export type Kind = {
  /** What stands in the table, and the listener of the targets that is asked. */
  readonly name: 'http' | 'https' | 'tcp' | 'dns';
  readonly check: (common: CheckCommon, address: string, port: number) => Check;
  /** As `check`, told to take any certificate; absent where there are none. */
  readonly trusting?: Kind['check'];
  readonly cloudprober: {
    readonly type: string;
    readonly body: (port: number) => string;
    /** Told to verify certificates; absent where there are none. */
    readonly verifying?: (port: number, caFile: string) => string;
  };
  readonly blackbox: { readonly module: string; readonly target: (address: string, port: number) => string };
};

/** The name that is asked for over DNS. */
export const askedName = 'foo.lab.test';

function web(scheme: 'http' | 'https', tls?: TlsTerms): Kind['check'] {
  return (common, address, port) => ({
    ...common,
    kind: 'http',
    url: `${scheme}://${address}:${port}/`,
    method: 'GET',
    headers: {},
    body: null,
    resolveWith: 'resolver',
    expect: { status: [200], headers: {}, bodyContains: [] },
    identity: { servedBy: null, storedIn: null },
    ...(tls === undefined ? {} : { tls }),
  });
}

export const kinds: readonly Kind[] = [
  {
    name: 'http',
    check: web('http'),
    cloudprober: { type: 'HTTP', body: (port) => `http_probe { port: ${port} keep_alive: false }` },
    blackbox: {
      module: '{ prober: http, timeout: 900ms, http: { preferred_ip_protocol: ip4 } }',
      target: (address, port) => `http://${address}:${port}/`,
    },
  },
  {
    // As usually measured the peers verify nothing, and as we are usually run we verify: so there are rows of each.
    name: 'https',
    check: web('https'),
    trusting: web('https', { verify: false }),
    cloudprober: {
      type: 'HTTP',
      body: (port) =>
        `http_probe { port: ${port} scheme: HTTPS keep_alive: false tls_config { disable_cert_validation: true } }`,
      verifying: (port, caFile) =>
        `http_probe { port: ${port} scheme: HTTPS keep_alive: false tls_config { ca_cert_file: "${caFile}" } }`,
    },
    blackbox: {
      module:
        '{ prober: http, timeout: 900ms, http: { preferred_ip_protocol: ip4, tls_config: { insecure_skip_verify: true } } }',
      target: (address, port) => `https://${address}:${port}/`,
    },
  },
  {
    name: 'tcp',
    check: (common, address, port) => ({
      ...common,
      kind: 'tcp',
      host: address,
      port,
      family: 'ip4',
      resolveWith: 'resolver',
      dialogue: [],
    }),
    cloudprober: { type: 'TCP', body: (port) => `tcp_probe { port: ${port} }` },
    blackbox: {
      module: '{ prober: tcp, timeout: 900ms, tcp: { preferred_ip_protocol: ip4 } }',
      target: (address, port) => `${address}:${port}`,
    },
  },
  {
    name: 'dns',
    check: (common, address, port) => ({
      ...common,
      kind: 'dns',
      hostname: askedName,
      recordType: 'A',
      server: `${address}:${port}`,
      subnet: null,
      place: null,
      expectRegions: null,
    }),
    cloudprober: {
      type: 'DNS',
      body: () => `dns_probe { resolved_domain: "${askedName}" query_type: A }`,
    },
    blackbox: {
      module: `{ prober: dns, timeout: 900ms, dns: { preferred_ip_protocol: ip4, query_name: ${askedName}, query_type: A } }`,
      target: (address, port) => `${address}:${port}`,
    },
  },
];
