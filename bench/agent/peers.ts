/** The peers, each told to ask the same targets as often as we do. `node bench/agent/peers.ts` builds them with Go. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Spent } from '../aggregator/orders.ts';
import { type Peer, startPeer } from '../aggregator/programs.ts';
import type { Kind } from './kinds.ts';
import { addressOf } from './targets.ts';

const home = join(homedir(), '.cache', 'blackstart-peers');
const packages = {
  cloudprober: 'github.com/cloudprober/cloudprober/cmd/cloudprober@v0.14.0',
  blackbox_exporter: 'github.com/prometheus/blackbox_exporter@v0.28.0',
} as const;

export type Load = {
  readonly kind: Kind;
  readonly port: number;
  readonly count: number;
  readonly dir: string;
  /** PEM text of who signs for the targets; empty without TLS. */
  readonly ca: string;
};
export type Outcomes = { readonly good: number; readonly bad: number };
export type RunningPeer = {
  spent(): Spent;
  /** Since it started, as it says itself. */
  outcomes(): Promise<Outcomes>;
  stop(): Promise<void>;
};
export type ProbingPeer = {
  readonly name: 'cloudprober' | 'blackbox';
  readonly title: string;
  /** Absent: all. */
  readonly kinds?: readonly Kind['name'][];
  /** What of it is not installed. */
  readonly absent: readonly string[];
  start(load: Load): Promise<RunningPeer>;
};

/** In the folder of peers, or on the `PATH`. */
function find(program: string): string | undefined {
  const folders = [join(home, 'bin'), ...(process.env['PATH'] ?? '').split(delimiter)];
  return folders.map((folder) => join(folder, program)).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function absentOf(...programs: readonly string[]): readonly string[] {
  return programs.filter((program) => find(program) === undefined);
}

function startVerifying(load: Load): Promise<RunningPeer> {
  const caFile = join(load.dir, 'ca.pem');
  writeFileSync(caFile, load.ca);
  return startCloudprober(load, load.kind.cloudprober.verifying?.(load.port, caFile));
}

async function startCloudprober({ kind, port, count, dir }: Load, body?: string): Promise<RunningPeer> {
  const hosts = Array.from({ length: count }, (_, index) => addressOf(index));
  const endpoints = hosts.map((host) => `endpoint { name: "${host}" ip: "${host}" port: ${port} }`).join('\n');
  const peer = await startPeer(
    find('cloudprober') ?? '',
    (at) => {
      const file = join(dir, 'cloudprober.cfg');
      const [host, own] = at.split(':');
      writeFileSync(
        file,
        `probe { name: "bench" type: ${kind.cloudprober.type} targets { ${endpoints} } interval_msec: 1000
timeout_msec: 900 ${body ?? kind.cloudprober.body(port)} }
surfacer { type: PROMETHEUS }
host: "${host}"
port: ${own}
`,
      );
      return ['--cloud_metadata', 'none', '--min_log_level', 'ERROR', '--config_file', file];
    },
    '/health',
  );
  return {
    ...peer,
    async outcomes() {
      const text = await (await fetch(`${peer.url}/metrics`)).text();
      const sum = (name: string): number =>
        text
          .split('\n')
          .filter((line) => line.startsWith(`${name}{`))
          .reduce((total, line) => total + Number(line.split('} ')[1]?.split(' ')[0]), 0);
      return { good: sum('success'), bad: sum('total') - sum('success') };
    },
  };
}

/** The modules that the kind is probed with; the file. */
export function blackboxModules({ kind, dir }: Load): string {
  const file = join(dir, 'blackbox.yml');
  writeFileSync(file, `modules:\n  bench: ${kind.blackbox.module}\n`);
  return file;
}

export function startBlackboxExporter(load: Load): Promise<Peer> {
  const modules = blackboxModules(load);
  const quiet = ['--log.level=error', '--log.prober=error'];
  return startPeer(
    find('blackbox_exporter') ?? '',
    (at) => [`--config.file=${modules}`, `--web.listen-address=${at}`, ...quiet],
    '/-/healthy',
  );
}

async function startBlackbox(load: Load): Promise<RunningPeer> {
  const exporter = await startBlackboxExporter(load);
  try {
    const prometheus = await startPrometheus(load, exporter.url);
    return {
      spent: () => together(exporter.spent(), prometheus.spent()),
      outcomes: () => scraped(prometheus),
      async stop() {
        await prometheus.stop();
        await exporter.stop();
      },
    };
  } catch (error) {
    await exporter.stop();
    throw error;
  }
}

/** What it has seen of the probes that it asked for. */
export async function scraped(prometheus: Peer): Promise<Outcomes> {
  const good = await sumOf(prometheus, 'sum(sum_over_time(probe_success[10m]))');
  return { good, bad: (await sumOf(prometheus, 'sum(count_over_time(up[10m]))')) - good };
}

/** Asks an exporter for a probe of each target once a second. */
export function startPrometheus({ kind, port, count, dir }: Load, exporterUrl: string, core = 0): Promise<Peer> {
  const targets = Array.from({ length: count }, (_, index) => kind.blackbox.target(addressOf(index), port));
  writeFileSync(join(dir, 'targets.json'), JSON.stringify([{ targets, labels: {} }]));
  const file = join(dir, 'prometheus.yml');
  writeFileSync(
    file,
    `global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: bench
    metrics_path: /probe
    params: { module: [bench] }
    file_sd_configs: [ { files: [ ${join(dir, 'targets.json')} ] } ]
    relabel_configs:
      - { source_labels: [__address__], target_label: __param_target }
      - { source_labels: [__param_target], target_label: instance }
      - { target_label: __address__, replacement: '${new URL(exporterUrl).host}' }
`,
  );
  const flags = [`--config.file=${file}`, `--storage.tsdb.path=${join(dir, 'tsdb')}`, '--log.level=error'];
  return startPeer(find('prometheus') ?? '', (at) => [...flags, `--web.listen-address=${at}`], '/-/ready', core);
}

function together(one: Spent, other: Spent): Spent {
  return { ...one, cpuMs: one.cpuMs + other.cpuMs, rssBytes: one.rssBytes + other.rssBytes };
}

async function sumOf(prometheus: Peer, query: string): Promise<number> {
  const response = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data } = (await response.json()) as { data: { result: readonly { value: readonly [number, string] }[] } };
  return Number(data.result[0]?.value[1] ?? 0);
}

export const peers: readonly ProbingPeer[] = [
  {
    name: 'cloudprober',
    title: 'cloudprober 0.14.0',
    absent: absentOf('cloudprober'),
    start: (load) => startCloudprober(load),
  },
  {
    name: 'cloudprober',
    title: 'cloudprober 0.14.0, verifying',
    kinds: ['https'],
    absent: absentOf('cloudprober'),
    start: startVerifying,
  },
  {
    name: 'blackbox',
    title: 'blackbox_exporter 0.28.0 + Prometheus',
    absent: absentOf('blackbox_exporter', 'prometheus'),
    start: startBlackbox,
  },
];

/**
 * With the ordinary Go client, each in a module of its own that requires exactly that version: `go install` refuses what
 * has replace directives.
 */
function buildPeers(): void {
  for (const [name, versioned] of Object.entries(packages)) {
    const dir = join(home, 'mod', name);
    mkdirSync(join(home, 'bin'), { recursive: true });
    mkdirSync(dir, { recursive: true });
    const env = { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOWORK: 'off', GOFLAGS: '-mod=mod' };
    const go = (...args: string[]): Buffer =>
      execFileSync('go', args, { cwd: dir, env, stdio: ['ignore', 'inherit', 'inherit'] });
    if (!existsSync(join(dir, 'go.mod'))) go('mod', 'init', `peer/${name}`);
    go('get', '-tool', versioned);
    go('build', '-trimpath', '-ldflags', '-s -w', '-o', join(home, 'bin', name), versioned.split('@')[0] ?? '');
    console.log(join(home, 'bin', name));
  }
}

if (process.argv[1] === import.meta.filename) buildPeers();
