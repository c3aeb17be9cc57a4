/** Prometheus and VictoriaMetrics, where they are installed, and what is written to them. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Family } from '../../aggregator/metrics/exposition.ts';
import { encoder } from '../../aggregator/remote-write/encode.ts';
import { type Series, seriesOf } from '../../aggregator/remote-write/point.ts';
import { compressSnappy } from '../../aggregator/remote-write/snappy.ts';
import { systemClock } from '../../contract/clock.ts';
import { type Peer, startPeer } from './programs.ts';

const clock = systemClock();

export type RemoteServer = {
  readonly name: string;
  readonly writePath: string;
  start(dir: string): Promise<Peer>;
};

/** Built by the recipe for peers; Debian's is older. */
const builtPrometheus = join(homedir(), '.cache/blackstart-peers/bin/prometheus');

export function prometheuses(): readonly RemoteServer[] {
  return [
    ...(present('prometheus') ? [prometheus('Prometheus of the system', 'prometheus')] : []),
    ...(present(builtPrometheus) ? [prometheus('Prometheus 3.15', builtPrometheus)] : []),
  ];
}

export function victoriaMetrics(): readonly RemoteServer[] {
  if (!present('victoria-metrics')) return [];
  const start = (dir: string): Promise<Peer> =>
    startPeer(
      'victoria-metrics',
      (at) => [`-httpListenAddr=${at}`, `-storageDataPath=${join(dir, 'data')}`, '-loggerLevel=ERROR'],
      '/health',
    );
  return [{ name: 'VictoriaMetrics', writePath: '/api/v1/write', start }];
}

function present(program: string): boolean {
  const found = spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
  if (!found) console.log(`${program} is not installed: its rows are left out`);
  return found;
}

function prometheus(kind: string, program: string): RemoteServer {
  const { stdout, stderr } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  const version = /version (\d[\w.]*)/.exec(stdout + stderr)?.[1];
  return {
    name: version === undefined ? kind : `Prometheus ${version}`,
    writePath: '/api/v1/write',
    start(dir) {
      const config = join(dir, 'prometheus.yml');
      writeFileSync(config, 'global: { scrape_interval: 15s }\n');
      const flags = (at: string): readonly string[] => [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(dir, 'data')}`,
        `--web.listen-address=${at}`,
        '--web.enable-remote-write-receiver',
        '--log.level=error',
      ];
      return startPeer(program, flags, '/-/ready');
    },
  };
}

const names = ['success', 'duration', 'dns', 'connect', 'tls', 'ttfb', 'attempts', 'failures', 'lag', 'expiry'];
const samplesPerRequest = 2_000;
const roundMs = 1_000;

/** Round after round: of one series nothing may overtake what is older. */
function requests(labelSets: number, rounds: number): readonly (readonly Uint8Array[])[] {
  const family = { name: 'probe', type: 'gauge' as const, help: '' };
  const series = Array.from({ length: labelSets }, (_, set) =>
    names.map((name) =>
      seriesOf(
        `blackstart_probe_${name}`,
        [
          ['target', 'bench'],
          ['check', `check-${set % 200}`],
          ['region', 'us-east-1'],
          ['served_by', 'us-east-1'],
          ['vantage', `vantage-${Math.floor(set / 200)}`],
        ],
        family,
      ),
    ),
  ).flat();
  const firstMs = clock.nowMs() - rounds * roundMs;
  const made: (readonly Uint8Array[])[] = [];
  for (let round = 0; round < rounds; round += 1) {
    made.push(
      requestsAt(
        series,
        Math.round(firstMs + round * roundMs),
        (index) => ((index * 7_919 + round * 31) % 200_003) / 1_000,
      ),
    );
  }
  return made;
}

function requestsAt(
  series: readonly Series[],
  atMs: number,
  valueAt: (index: number) => number,
): readonly Uint8Array[] {
  const encoding = encoder(1);
  const made: Uint8Array[] = [];
  for (const [index, one] of series.entries()) {
    encoding.add({ series: one, atMs, value: valueAt(index) });
    if (encoding.points < samplesPerRequest && index < series.length - 1) continue;
    made.push(compressSnappy(encoding.take()));
  }
  return made;
}

/** The very series of an exposition, once, now. */
function requestsFor(families: readonly Family[]): readonly (readonly Uint8Array[])[] {
  const samples = families.flatMap((family) => family.samples);
  const family = { name: 'bench', type: 'untyped' as const, help: '' };
  const series = samples.map(({ name, labels }) => seriesOf(name, labels, family));
  return [requestsAt(series, Math.round(clock.nowMs()), (index) => samples[index]?.value ?? 0)];
}

const connections = 4;

/** Each round on four connections that are kept. */
async function post(url: string, rounds: readonly (readonly Uint8Array[])[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  for (const bodies of rounds) await postRound(url, bodies, agent);
  agent.destroy();
}

async function postRound(url: string, bodies: readonly Uint8Array[], agent: Agent): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let body = bodies[next]; body !== undefined; body = bodies[next]) {
      next += 1;
      await postOne(url, body, agent);
    }
  };
  await Promise.all(Array.from({ length: connections }, lane));
}

function postOne(url: string, body: Uint8Array, agent: Agent): Promise<void> {
  const headers = {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'content-length': body.length,
    'x-prometheus-remote-write-version': '0.1.0',
  };
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: 'POST', headers, agent }, (response) => {
      response.resume();
      const { statusCode = 0 } = response;
      if (statusCode >= 300) reject(new Error(`${url} answers ${statusCode}`));
      response.on('end', resolve);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

export const remoteServers = { requests, requestsFor, post };

/** That what was written is there: a figure of a server that dropped it would be worth nothing. */
export async function hasReceived({ url }: Peer, { name }: RemoteServer): Promise<void> {
  const query = encodeURIComponent('count(last_over_time({__name__=~"blackstart_probe_.+"}[10m]))');
  const answer = (await (await fetch(`${url}/api/v1/query?query=${query}`)).json()) as {
    readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
  };
  const found = Number(answer.data.result[0]?.value[1] ?? 0);
  if (found === 0) throw new Error(`${name} has nothing of what was written to it`);
}
