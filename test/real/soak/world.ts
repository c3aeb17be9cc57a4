/** A fleet of real processes on loopback for a soak: targets, lines and disks that can be disturbed, and their ledgers. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { type Running, start } from '../../fakes/program.ts';
import { bounded } from '../../lab/waiting.ts';
import { type SmallDisk, smallDisk } from './disk.ts';
import { type Line, lineTo } from './line.ts';

/** A program that comes back with the same state. */
export type Post = {
  readonly name: string;
  readonly url: () => string | undefined;
  start(): Promise<void>;
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
  /** All that it wrote on stderr, over all its lives. */
  said(): string;
};

export type AgentPost = Post & { readonly line: Line; readonly ledger: string };

export type SoakWorld = {
  readonly aggregator: Post;
  readonly agents: readonly AgentPost[];
  /** The aggregator's and the first agent's; `null` where none can be mounted. */
  readonly disks: readonly SmallDisk[] | null;
  readonly database: string;
  close(): Promise<void>;
};

const regions = ['us-east-1', 'eu-west-1', 'ap-south-1'];
const startsWithinMs = 60_000;
const endsWithinMs = 30_000;
const token = 'a-token-for-the-soak';

export async function soakWorld(dir: string, agentCount: number): Promise<SoakWorld> {
  const target = await hostileTarget();
  const [scenario, tokenFile] = [join(dir, 'scenario.yaml'), join(dir, 'token')];
  writeFileSync(scenario, JSON.stringify(scenarioAt(target.port)));
  writeFileSync(tokenFile, token);
  const [forAggregator, forAgent] = [smallDisk(join(dir, 'disk-1'), 256), smallDisk(join(dir, 'disk-2'), 12)];
  const disks = forAggregator === null || forAgent === null ? null : [forAggregator, forAgent];
  const state = join(forAggregator?.dir ?? dir, 'aggregator');
  const trust = ['--token-file', tokenFile];
  const aggregator = post('aggregator', () =>
    start(['aggregator', '--scenario', scenario, '--listen', '127.0.0.1:0', '--state', state, ...trust]),
  );
  const agents: AgentPost[] = [];
  for (let index = 0; index < agentCount; index += 1) {
    const name = `agent-${index + 1}`;
    const line = await lineTo(() => portOf(aggregator.url()));
    const ledger = join(dir, `${name}.jsonl`);
    const args = [
      ...['agent', '--vantage', name, '--region', regions[index % regions.length] ?? '', ...trust],
      ...['--aggregator', `http://127.0.0.1:${line.port}`, '--resolver', '127.0.0.1:9', '--ledger', ledger],
      ...['--state', join(index === 0 ? (forAgent?.dir ?? dir) : dir, name)],
      // One with so small a spool that it has to drop results, and to name them.
      ...(index === 1 ? ['--spool-size', '64KiB'] : []),
    ];
    const error = { BLACKSTART_CLOCK: `offset=${(index - 1) * 900}ms,drift=${120 - 80 * index}` };
    agents.push({ ...post(name, () => start(args, error)), line, ledger });
  }
  return {
    aggregator,
    agents,
    disks,
    database: join(state, 'aggregator.sqlite'),
    async close() {
      await Promise.all([aggregator, ...agents].map((one) => one.end('SIGKILL')));
      await Promise.all(agents.map(({ line }) => line.close()));
      target.server.closeAllConnections();
      target.server.close();
      for (const disk of [forAggregator, forAgent]) disk?.unmount();
    },
  };
}

function post(name: string, launch: () => Running): Post {
  let running: Running | undefined;
  let url: string | undefined;
  let before = '';
  return {
    name,
    url: () => url,
    async start() {
      running = launch();
      const listening = running.said(/"msg":"listening","url":"([^"]+)"/);
      [, url] = await bounded(startsWithinMs, `${name} to listen`, listening);
    },
    async end(signal) {
      url = undefined;
      running?.kill(signal);
      const ran = await bounded(
        endsWithinMs,
        `${name} to end after ${signal}`,
        running?.ended ?? Promise.resolve(null),
      );
      before += running?.stderr() ?? '';
      running = undefined;
      return ran?.code ?? null;
    },
    said: () => before + (running?.stderr() ?? ''),
  };
}

function portOf(url: string | undefined): number | undefined {
  return url === undefined ? undefined : Number(new URL(url).port);
}

function scenarioAt(port: number): object {
  const at = `http://127.0.0.1:${port}`;
  const check = { kind: 'http', to: 'regions', every: '200ms', timeout: '500ms', expect: { status: 200 } };
  return {
    service: 'soak',
    entry: { api: at },
    regions: Object.fromEntries(
      regions.map((region, index) => [region, { jurisdiction: 'EU', share: index === 0 ? 34 : 33, endpoint: at }]),
    ),
    checks: ['well', 'ill', 'slow'].map((name) => ({ ...check, name, path: `/${name}` })),
  };
}

/** `/well` is; `/ill` is one time in three; `/slow` takes longer than its check allows one time in five. */
async function hostileTarget(): Promise<{ readonly server: Server; readonly port: number }> {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    if (request.url === '/slow' && asked % 5 === 0) return;
    if (request.url === '/ill' && asked % 3 === 0) response.statusCode = 500;
    if (request.url === '/ill' && asked % 7 === 0) request.socket.resetAndDestroy();
    else response.end('ok');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
}
