/** `prober: grpc` and `prober: icmp`. */
import { spawnSync } from 'node:child_process';
import {
  answers,
  type HealthServer,
  healthMessage,
  healthServer,
  refuses,
  registry,
} from '../../../fakes/health-server.ts';
import type { Case, Places, Servers, Yaml } from '../cases.ts';
import type { Certificates } from '../servers/certificates.ts';

type Keys = { readonly [key: string]: Yaml };
const grpc = (keys: Keys = {}, timeout = '5s'): Keys => ({ prober: 'grpc', timeout, grpc: keys });
const at =
  (name: string) =>
  (places: Places): string =>
    places[name] ?? '';
const secured =
  (tls: Keys = {}) =>
  ({ ca = '' }: Places): Keys =>
    grpc({ tls: true, tls_config: { ca_file: ca, ...tls } });

export const grpcCases: readonly Case[] = [
  { name: 'a server that serves', module: grpc(), target: at('health') },
  { name: 'a target with a scheme', module: grpc(), target: ({ health }) => `http://${health}` },
  { name: 'a service that is served', module: grpc({ service: 'shop' }), target: at('health') },
  { name: 'a service that is not served', module: grpc({ service: 'closed' }), target: at('health') },
  { name: 'a service of which nothing is known', module: grpc({ service: 'unsure' }), target: at('health') },
  { name: 'a service that the server calls unknown', module: grpc({ service: 'unknown' }), target: at('health') },
  { name: 'a service that nobody has', module: grpc({ service: 'nobody' }), target: at('health') },
  { name: 'a server without health', module: grpc(), target: at('unhealthy') },
  { name: 'a server that denies', module: grpc(), target: at('denying') },
  { name: 'metadata', module: grpc({ metadata: { 'x-word': ['fox'] } }), target: at('health') },
  { name: 'nobody listens', module: grpc(), target: at('closed') },
  { name: 'a name that nobody has', module: grpc(), target: 'no-such-host.invalid:80' },
  { name: 'a URL that is none', module: grpc(), target: 'a b' },
  {
    name: 'IPv6 without a fallback, for a module without the stanza',
    module: { prober: 'grpc', timeout: '5s' },
    target: at('health'),
  },
  {
    name: 'by IPv4 alone',
    module: grpc({ preferred_ip_protocol: 'ip4', ip_protocol_fallback: false }),
    target: at('health'),
  },
  { name: 'TLS', module: secured(), target: at('healthTls') },
  {
    name: 'TLS, and a service that is not served',
    module: (places) => ({
      ...secured()(places),
      grpc: { service: 'closed', tls: true, tls_config: { ca_file: places['ca'] ?? '' } },
    }),
    target: at('healthTls'),
  },
  {
    name: 'TLS, and a service that nobody has',
    module: (places) => ({
      ...secured()(places),
      grpc: { service: 'nobody', tls: true, tls_config: { ca_file: places['ca'] ?? '' } },
    }),
    target: at('healthTls'),
  },
  { name: 'TLS that nobody trusts', module: grpc({ tls: true }), target: at('healthTls') },
  { name: 'TLS for another name', module: secured({ server_name: 'no.example' }), target: at('healthTls') },
  { name: 'TLS that nobody looks at', module: secured({ insecure_skip_verify: true }), target: at('healthTls') },
  { name: 'an authority that is not there', module: () => secured()({ ca: '/nowhere' }), target: at('healthTls') },
];

/** Without the program `ping` a datagram to a closed port is all there is, and nothing tells its hops. */
const apart =
  spawnSync('ping', ['-V'], { stdio: 'ignore' }).error === undefined ? undefined : /probe_icmp_reply_hop_limit/;
const icmp = (keys: Keys = {}, timeout = '2s'): Keys => ({ prober: 'icmp', timeout, icmp: keys });
export const icmpCases: readonly Case[] = [
  { name: 'this machine', module: icmp(), target: '127.0.0.1', apart },
  { name: 'this machine by its name', module: icmp({ preferred_ip_protocol: 'ip4' }), target: 'localhost', apart },
  { name: 'with a payload', module: icmp({ payload_size: 100 }), target: '127.0.0.1', apart },
  { name: 'a name that nobody has', module: icmp(), target: 'no-such-host.invalid' },
  { name: 'IPv4 where IPv6 is demanded', module: icmp({ ip_protocol_fallback: false }), target: '127.0.0.1' },
  { name: 'a source address that is none', module: icmp({ source_ip_address: 'here' }), target: '127.0.0.1' },
];

const services = { '': 1, shop: 1, closed: 2, unsure: 0, unknown: 3 };

export async function grpcServers({ right }: Certificates): Promise<Servers> {
  const servers: Readonly<Record<string, HealthServer>> = {
    health: await healthServer(registry(services)),
    healthTls: await healthServer(registry(services), { tls: right }),
    unhealthy: await healthServer(refuses(12, 'unknown service grpc.health.v1.Health')),
    denying: await healthServer(answers(healthMessage(1), { 'grpc-status': '7', 'grpc-message': 'not you' })),
  };
  return {
    places: Object.fromEntries(
      Object.entries(servers).map(([name, { at: where }]) => [name, `${where.host}:${where.port}`]),
    ),
    async close() {
      await Promise.all(Object.values(servers).map((server) => server.close()));
    },
  };
}
