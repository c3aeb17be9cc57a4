/** An aggregator and agents of the test's own in a lab's world, that can be killed and started again where they were. */
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Random } from '../../contract/random.ts';
import type { Running } from '../fakes/program.ts';
import type { KeptLab } from './kept-lab.ts';
import { startAt } from './place.ts';
import { bounded } from './waiting.ts';

/** A program that comes back with the same state. */
export type Post = {
  readonly name: string;
  start(): Promise<void>;
  /** kill -9. Resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM. Resolves with its exit code. */
  stop(): Promise<number | null>;
};

export type Fleet = {
  readonly aggregator: Post;
  readonly agents: readonly Post[];
  readonly url: string;
  ledgerOf(vantage: string): string;
  /** The aggregator's database, to be read only. */
  readonly database: string;
};

const startLimitMs = 30_000;
const stopLimitMs = 15_000;

export async function fleetAt({ place, world, tokenFile }: KeptLab, random: Random): Promise<Fleet> {
  const file = (name: string): string => join(place.dir, name);
  const trust = ['--token-file', tokenFile, '--ca', world.caFile];
  const port = await quietPort(random);
  const url = `http://127.0.0.1:${port}`;
  const state = file('aggregator');
  const aggregator = ['aggregator', '--scenario', world.scenario, '--listen', `127.0.0.1:${port}`, '--state', state];
  const ledgerOf = (vantage: string): string => file(`ledger-${vantage}.jsonl`);
  const agents = Object.entries(world.resolvers).map(([vantage, resolver], index) => {
    const where = ['--vantage', vantage, '--region', vantage, '--resolver', resolver];
    const source = ['--source-address', `127.${index + 1}.0.10`];
    const kept = ['--state', file(`agent-${vantage}`), '--ledger', ledgerOf(vantage)];
    const error = { BLACKSTART_CLOCK: `offset=${(index - 1) * 1_700}ms,drift=${90 - 80 * index}` };
    return post(vantage, () =>
      startAt(place, ['agent', ...where, ...source, '--aggregator', url, ...trust, ...kept], error),
    );
  });
  return {
    aggregator: post('aggregator', () =>
      startAt(place, [...aggregator, ...trust], { NODE_EXTRA_CA_CERTS: world.caFile }),
    ),
    agents,
    url,
    ledgerOf,
    database: join(state, 'aggregator.sqlite'),
  };
}

export function post(name: string, launch: () => Running): Post {
  let running: Running | undefined;
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    running?.kill(signal);
    const ran = await bounded(stopLimitMs, `${name} to end after ${signal}`, running?.ended ?? Promise.resolve(null));
    running = undefined;
    return ran?.code ?? null;
  };
  return {
    name,
    async start() {
      running = launch();
      await bounded(startLimitMs, `${name} to listen`, running.said(/"msg":"listening"/));
    },
    async kill() {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
}

/** A free port that the system never gives away by itself while the aggregator is down. */
async function quietPort(random: Random): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(random() * 10_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

export type Kept = {
  /** The id of the last result that is counted. */
  readonly lastId: number;
  readonly results: number;
  readonly through: readonly { readonly agent: string; readonly boot: string; readonly through: number }[];
  readonly gaps: readonly {
    readonly agent: string;
    readonly boot: string;
    readonly fromSeq: number;
    readonly toSeq: number;
  }[];
};

/** What the aggregator has on disk. */
export function keptBy({ database }: Pick<Fleet, 'database'>): Kept {
  const file = new DatabaseSync(database, { readOnly: true });
  try {
    const blocks = file.prepare('SELECT sum(count) AS results, max(id + count - 1) AS lastId FROM block').get();
    const sequences = file.prepare('SELECT agent, boot, through FROM sequence').all();
    const gaps = file.prepare('SELECT agent, boot, from_seq AS fromSeq, to_seq AS toSeq FROM gap').all();
    return {
      lastId: Number(blocks?.['lastId'] ?? 0),
      results: Number(blocks?.['results'] ?? 0),
      through: sequences.map((row) => ({ ...bootOf(row), through: Number(row['through']) })),
      gaps: gaps.map((row) => ({ ...bootOf(row), fromSeq: Number(row['fromSeq']), toSeq: Number(row['toSeq']) })),
    };
  } finally {
    file.close();
  }
}

function bootOf(row: Readonly<Record<string, unknown>>): { readonly agent: string; readonly boot: string } {
  return { agent: String(row['agent']), boot: String(row['boot']) };
}
