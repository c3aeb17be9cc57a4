/** Servers that others run beside ours: each in a folder of its own, on loopback, ended with the test file. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Running, running } from '../../fakes/program.ts';
import { bounded, until } from '../../lab/waiting.ts';
import { atEnd } from '../at-end.ts';
import { present } from '../programs.ts';

export type Server = {
  readonly url: string;
  /** Resolves when it is ready. On the same port and with the same data as before. */
  start(): Promise<void>;
  stop(signal: NodeJS.Signals): Promise<void>;
};

const readyWithinMs = 60_000;

export type Wish = {
  readonly program: string;
  argv(at: string, dir: string): readonly string[];
  readonly ready: string;
};

export async function server({ program, argv, ready }: Wish): Promise<Server> {
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-server-'));
  const at = `127.0.0.1:${await freePort()}`;
  let child: Running | undefined;
  atEnd(async () => {
    child?.kill('SIGKILL');
    await child?.ended;
    rmSync(dir, { recursive: true, force: true });
  });
  return {
    url: `http://${at}`,
    async start() {
      child = running(spawn(program, [...argv(at, dir)], { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] }));
      await until(readyWithinMs, `${program} to be ready`, async () =>
        (await fetch(`http://${at}${ready}`).catch(() => undefined))?.ok ? true : undefined,
      );
    },
    async stop(signal) {
      child?.kill(signal);
      if (child !== undefined) await bounded(readyWithinMs, `${program} to end`, child.ended);
      child = undefined;
    },
  };
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

export type PrometheusWish = {
  readonly flags?: readonly string[];
  readonly scrape?: object;
  /** More of its configuration; its `global` is added to ours. */
  readonly config?: { readonly global?: object; readonly rule_files?: readonly string[]; readonly alerting?: object };
};

/** With remote write taken in. */
export function prometheus(
  program: string,
  { flags = [], scrape, config: more = {} }: PrometheusWish = {},
): Promise<Server> {
  const argv = (at: string, dir: string): readonly string[] => {
    const config = {
      ...more,
      global: { scrape_interval: '1s', ...more.global },
      scrape_configs: scrape === undefined ? [] : [scrape],
    };
    const file = join(dir, 'prometheus.json');
    writeFileSync(file, JSON.stringify(config));
    mkdirSync(join(dir, 'data'), { recursive: true });
    return [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=${at}`,
      '--web.enable-remote-write-receiver',
      ...flags,
    ];
  };
  return server({ program, argv, ready: '/-/ready' });
}

export function victoriaMetrics(): Promise<Server> {
  const argv = (at: string, dir: string): readonly string[] => [
    `-httpListenAddr=${at}`,
    `-storageDataPath=${join(dir, 'data')}`,
    '-search.latencyOffset=0s',
  ];
  return server({ program: 'victoria-metrics', argv, ready: '/health' });
}

/** Debian's, of the 2.x line. */
export const prometheus2 = present('prometheus', ['--version']) ? 'prometheus' : undefined;
/** Built by the recipe for peers; knows remote write 2.0. */
const built = join(homedir(), '.cache/blackstart-peers/bin/prometheus');
export const prometheus3 = present(built, ['--version']) ? built : undefined;
export const hasVictoriaMetrics = present('victoria-metrics', ['--version']);

type Answer = { readonly data: { readonly result: readonly Series[] } };
type Series = {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
};

/** What a query gives at this moment, as Prometheus's API has it. */
export async function queried({ url }: Pick<Server, 'url'>, query: string): Promise<readonly Series[]> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
  if (!response.ok) throw new Error(await response.text());
  return ((await response.json()) as Answer).data.result;
}
