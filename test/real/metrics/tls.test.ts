/** Over TLS: an agent with a certificate and no token, and a real Prometheus that scrapes with a token or a certificate. */
import { beforeAll, describe, expect, test } from 'vitest';
import { listeningUrl, workshop, writeToken } from '../../cli/workshop.ts';
import { newAuthority } from '../../fakes/pki.ts';
import { clock, until } from '../../lab/waiting.ts';
import { prometheus, prometheus2, prometheus3, queried } from './servers.ts';
import { fleet } from './world.ts';

const withinMs = 60_000;
const readToken = 'a-token-for-readers';
const shop = workshop();
let port: string;
let files: { readonly ca: string; readonly cert: string; readonly key: string };

beforeAll(async () => {
  const servers = await newAuthority('servers', clock.wallMs());
  const clients = await newAuthority('clients', clock.wallMs());
  const own = await servers.issue({ commonName: 'aggregator', addresses: ['127.0.0.1'], usage: 'server' });
  const here = await clients.issue({ commonName: 'agent', dns: ['here'] });
  const { scenarioFile } = await fleet(shop, 'tls', {});
  const write = (name: string, text: string): string => shop.file(name, text);
  files = { ca: write('ca.pem', servers.caPem), cert: write('here.pem', here.cert), key: write('here.key', here.key) };
  const program = shop.start([
    ...['aggregator', '--listen=[::ffff:127.0.0.1]:0', `--state=${shop.dir}/aggregator`],
    `--scenario=${scenarioFile}`,
    ...[`--token-file=${write('token', writeToken)}`, `--read-token-file=${write('reader', readToken)}`],
    ...[`--tls-cert=${write('own.pem', own.cert)}`, `--tls-key=${write('own.key', own.key)}`],
    `--client-ca=${write('clients.pem', clients.caPem)}`,
  ]);
  ({ port } = new URL(await listeningUrl(program)));
  shop.start([
    ...['agent', '--vantage=here', '--region=here', `--aggregator=https://127.0.0.1:${port}`],
    ...[`--ca=${files.ca}`, `--tls-cert=${files.cert}`, `--tls-key=${files.key}`, `--state=${shop.dir}/agent`],
  ]);
});

const trust = () => ({ ca_file: files.ca });
const programs = [
  ['Prometheus 2', prometheus2],
  ['Prometheus 3', prometheus3],
] as const;

describe.each(programs)('%s scrapes over TLS', (_name, program) => {
  test.skipIf(program === undefined).each([
    ['a bearer token', () => ({ authorization: { credentials: readToken } }), 1],
    ['a client certificate', () => ({ tls_config: { ...trust(), cert_file: files.cert, key_file: files.key } }), 1],
    ['neither', () => ({}), 0],
  ] as const)('with %s', async (_how, more, up) => {
    const target = { scheme: 'https', static_configs: [{ targets: [`127.0.0.1:${port}`] }] };
    const job = { job_name: 'tls', ...target, tls_config: trust(), ...more() };
    const server = await prometheus(program ?? '', { scrape: job });
    await server.start();
    await until(withinMs, `up to be ${up}`, async () => {
      const [found] = await queried(server, 'up{job="tls"}');
      return found?.value?.[1] === String(up) ? true : undefined;
    });
    if (up === 0) return;
    // What the agent sent without a token is there too.
    const query = 'blackstart_probe_results_total{vantage="here",outcome="good"}';
    const [counted] = await until(withinMs, query, async () => {
      const found = await queried(server, query);
      return found.length > 0 ? found : undefined;
    });
    expect(Number(counted?.value?.[1])).toBeGreaterThan(0);
    await server.stop('SIGTERM');
  });
});
