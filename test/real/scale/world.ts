/** Two aggregators over one list, agents that know both, a target, and an engine that both write to. As processes. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ResultsAnswer, StoredResult } from '../../../contract/api.ts';
import { ranked } from '../../../probes/placement/ranking.ts';
import { listeningUrl, type Workshop, writeToken } from '../../cli/workshop.ts';
import type { Running } from '../../fakes/program.ts';
import { bounded } from '../../lab/waiting.ts';
import { atEnd } from '../at-end.ts';
import { freePort } from '../metrics/servers.ts';

export type Post = {
  readonly name: string;
  readonly url: string;
  start(): Promise<void>;
  /** As a power cut does to a process. */
  kill(): Promise<void>;
  stop(): Promise<void>;
};
export type LedgerLine = {
  readonly boot: string;
  readonly seq: number;
  readonly outcome: string;
  readonly agent: string;
};
export type World = {
  readonly aggregators: readonly [Post, Post];
  readonly agents: readonly Post[];
  ledgers(): readonly LedgerLine[];
};

const endsWithinMs = 30_000;

export async function world(shop: Workshop, engineUrl: string): Promise<World> {
  const target = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
  await once(target, 'listening');
  atEnd(() => {
    target.close();
    target.closeAllConnections();
  });
  const at = `http://127.0.0.1:${(target.address() as AddressInfo).port}`;
  const tokenFile = shop.file('token', `${writeToken}\n`);
  const scenario = {
    service: 'demo',
    entry: { api: at },
    regions: { here: { jurisdiction: 'US', endpoint: at, share: 100 } },
    checks: [{ name: 'home', kind: 'http', to: 'regions', path: '/', every: '200ms', timeout: '150ms' }],
    objectives: [{ id: 'up', check: 'home', indicator: 'availability', target: '50%', window: '1h' }],
    remoteWrite: [{ url: `${engineUrl}/api/v1/write`, every: '1s' }],
  };
  const file = shop.file('scenario.json', JSON.stringify(scenario));
  const aggregator = async (name: string): Promise<Post> => {
    const listen = `127.0.0.1:${await freePort()}`;
    return post(shop, name, `http://${listen}`, [
      ...['aggregator', `--listen=${listen}`, `--scenario=${file}`, `--token-file=${tokenFile}`],
      ...[`--state=${join(shop.dir, name)}`, `--name=${name}`, `--engine=${engineUrl}`],
    ]);
  };
  const aggregators = [await aggregator('one'), await aggregator('two')] as const;
  const urls = aggregators.map(({ url }) => new URL(url).href);
  const agents = vantages(urls).map((name) =>
    post(shop, name, '', [
      ...['agent', `--vantage=${name}`, '--region=here', `--aggregator=${urls.join(',')}`, '--return-after=1s'],
      ...['--leave-after=500ms', `--token-file=${tokenFile}`, `--state=${join(shop.dir, name)}`],
      `--ledger=${join(shop.dir, `${name}.jsonl`)}`,
    ]),
  );
  const ledgerOf = (agent: string): readonly LedgerLine[] =>
    readFileSync(join(shop.dir, `${agent}.jsonl`), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ({ ...(JSON.parse(line) as Omit<LedgerLine, 'agent'>), agent }));
  return { aggregators, agents, ledgers: () => agents.flatMap(({ name }) => ledgerOf(name)) };
}

/** Four, two of which want each aggregator most. */
function vantages(urls: readonly string[]): readonly string[] {
  const names = Array.from({ length: 64 }, (_, index) => `v${index}`);
  return urls.flatMap((url) => names.filter((name) => ranked(name, urls)[0] === url).slice(0, 2));
}

function post(shop: Workshop, name: string, url: string, argv: readonly string[]): Post {
  let program: Running | undefined;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    program?.kill(signal);
    if (program !== undefined) await bounded(endsWithinMs, `${name} to end`, program.ended);
    program = undefined;
  };
  return {
    name,
    url,
    async start() {
      program = shop.start(argv);
      await listeningUrl(program);
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}

/** All that an aggregator has counted, one by one. */
export async function resultsOf({ url }: Post): Promise<readonly StoredResult[]> {
  const results: StoredResult[] = [];
  for (let before = ''; ; ) {
    const page = await getJson<ResultsAnswer>(`${url}/api/v1/results?limit=10000${before}`);
    results.push(...page.results);
    if (page.next === null) return results;
    before = `&before=${page.next}`;
  }
}

export async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
