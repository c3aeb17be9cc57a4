/** The texts that each prober makes of what its engine saw, whole: dashboards are written against every line of them. */
import { expect, test } from 'vitest';
import type { Engines } from '../../../probes/blackbox/engines.ts';
import { exposition } from '../../../probes/blackbox/metrics.ts';
import type { Inquired } from '../../../probes/dns/inquiry.ts';
import type { HealthAnswer } from '../../../probes/grpc/health.ts';
import type { Hop, Journey } from '../../../probes/http/journey.ts';
import type { Echoed } from '../../../probes/icmp/echo.ts';
import type { Failure } from '../../../probes/prober.ts';
import type { Dialogue } from '../../../probes/tcp/dialogue.ts';
import { parts, probe, tls } from './parts.ts';

const refused: Failure = { failedAt: 'connect', reason: 'connection refused' };
const hop: Hop = {
  url: 'http://192.0.2.1/',
  ip: '192.0.2.1',
  status: 200,
  phases: { resolveMs: 1, connectMs: 2, tlsMs: 0, processingMs: 30.5, transferMs: 4 },
  tls: null,
};
const page = Buffer.from('{"up":true}');
const journey: Journey = {
  ok: true,
  failure: null,
  durationMs: 40,
  phases: {},
  hops: [hop],
  redirects: 0,
  response: {
    status: 200,
    version: '1.1',
    headers: new Map([['last-modified', ['Wed, 21 Oct 2015 07:28:00 GMT']]]),
    body: page,
    bodyBytes: page.length,
    contentLength: page.length,
    uncompressedBytes: page.length,
    bodyTooLarge: false,
    whole: true,
  },
  transcript: [],
};
const secureHop: Hop = { ...hop, phases: { ...hop.phases, tlsMs: 12 }, tls };
const dialogue: Dialogue = {
  ok: true,
  failure: null,
  phases: {},
  durationMs: 5,
  resolveMs: 0,
  ip: '192.0.2.1',
  tls: null,
  failedDueToRegex: false,
  failedDueToBytes: false,
  expectInfo: [],
  transcript: [],
};
const inquired: Inquired = {
  ok: true,
  failure: null,
  rcode: 'NOERROR',
  flags: null,
  answer: ['example.\t300\tIN\tSOA\tns.example. admin.example. 7 1 2 3 4'],
  authority: [],
  additional: ['ns.example.\t300\tIN\tA\t192.0.2.53'],
  serial: 7,
  nsid: null,
  scopeLength: null,
  phases: { connectMs: 1.25, requestMs: 8 },
  watched: {},
  tls: null,
  durationMs: 9.25,
};
const health: HealthAnswer = {
  ok: true,
  failure: null,
  grpcStatus: 0,
  clientStatus: 0,
  serving: 'SERVING',
  metadata: () => undefined,
  ip: '192.0.2.1',
  tls,
  phases: {},
  resolveMs: 0,
  checkMs: 3,
  durationMs: 3,
};
const echoed: Echoed = {
  ok: true,
  failure: null,
  ip: '2001:db8::1',
  resolveMs: 0,
  setupMs: 2,
  rttMs: 0.5,
  hopLimit: 57,
  by: 'icmp',
  durationMs: 2.5,
};

type Row = {
  readonly name: string;
  readonly module: string;
  readonly target: string;
  readonly engines: Partial<Engines>;
};
const web = (name: string, module: string, seen: Partial<Journey>): Row => ({
  name,
  module: `{prober: http, http: {${module}}}`,
  target: 'old.example:8080/path',
  engines: { journey: async () => ({ ...journey, ...seen }) },
});
const line = (name: string, prober: 'tcp' | 'unix', module: string, seen: Partial<Dialogue>): Row => ({
  name,
  module: `{prober: ${prober}, ${prober}: {${module}}}`,
  target: prober === 'tcp' ? 'both.example:25' : '/run/mail.sock',
  engines: { converse: async () => ({ ...dialogue, ...seen }) },
});
const named = (name: string, module: string, seen: Partial<Inquired>): Row => ({
  name,
  module: `{prober: dns, dns: {query_name: example, ${module}}}`,
  target: '192.0.2.53',
  engines: { inquire: async () => ({ ...inquired, ...seen }) },
});

const rows: readonly Row[] = [
  web('http', '', {}),
  web('http-refused', '', {
    ok: false,
    failure: refused,
    response: null,
    hops: [{ ...hop, status: null, phases: { resolveMs: 0, connectMs: 0, tlsMs: 0, processingMs: 0, transferMs: 0 } }],
  }),
  web('http-tls-redirected', 'fail_if_body_json_matches_cel: body.up == true', {
    redirects: 1,
    hops: [hop, secureHop],
  }),
  { name: 'http-unresolved', module: '{prober: http}', target: 'nobody.example', engines: {} },
  line('tcp', 'tcp', '', {}),
  line('tcp-tls-said', 'tcp', 'tls: true', { tls, expectInfo: [{ host: 'mail.example', speaks: 'ESMTP' }] }),
  line('tcp-refused', 'tcp', '', { ok: false, failure: refused }),
  line('tcp-unmatched', 'tcp', '', {
    ok: false,
    failure: { failedAt: 'answer', reason: 'no such line' },
    failedDueToRegex: true,
  }),
  line('unix', 'unix', '', {}),
  named('dns-soa', 'query_type: SOA', {}),
  named('dns-no-answer', 'query_type: A', {
    ok: false,
    rcode: null,
    failure: { failedAt: 'answer', reason: 'no answer' },
    answer: [],
    additional: [],
    serial: null,
  }),
  named('dns-not-valid', 'query_type: A, validate_answer_rrs: {fail_if_not_matches_regexp: [nothing]}', {}),
  {
    name: 'grpc-tls',
    module: '{prober: grpc, grpc: {tls: true}}',
    target: 'both.example:443',
    engines: { askHealth: async () => health },
  },
  {
    name: 'grpc-refused',
    module: '{prober: grpc, grpc: {}}',
    target: 'both.example:80',
    engines: {
      askHealth: async () => ({
        ...health,
        ok: false,
        failure: refused,
        grpcStatus: null,
        clientStatus: 14,
        serving: null,
        tls: null,
      }),
    },
  },
  { name: 'icmp', module: '{prober: icmp}', target: 'both.example', engines: { echo: async () => echoed } },
  {
    name: 'icmp-by-udp',
    module: '{prober: icmp}',
    target: 'old.example',
    engines: { echo: async () => ({ ...echoed, by: 'udp' as const, hopLimit: null }) },
  },
];

test.each(rows)('$name: the text of its series', async ({ name, module, target, engines }) => {
  const probed = await probe(`modules: {m: ${module}}`, { target }, parts(engines));
  if (!probed.ok) throw new Error(probed.mistake);
  await expect(exposition(probed.families)).toMatchFileSnapshot(`../../golden/blackbox/${name}.txt`);
});
