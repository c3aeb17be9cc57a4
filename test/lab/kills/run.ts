/** One run: an aggregator and two agents on fresh disks, killed at moments of chance, started again, and drained. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResultsAnswer, StoredResult } from '../../../contract/api.ts';
import type { Random } from '../../../contract/random.ts';
import type { Running } from '../../fakes/program.ts';
import { type Kept, keptBy, type Post, post } from '../fleet-under-fire.ts';
import { pause, until } from '../waiting.ts';
import type { Ground } from './programs.ts';

export const vantages = ['us-east-1', 'eu-west-1'] as const;
/** Long enough for some dozen commits of two agents: every kill falls somewhere among them. */
const longestLifeMs = 400;
const connectedWithinMs = 60_000;
const drains = 8;

export type LedgerLine = {
  readonly agent: string;
  readonly boot: string;
  readonly seq: number;
  readonly check: string;
  readonly outcome: 'good' | 'bad' | 'missing';
  readonly round: number;
  readonly startMs: number;
};

/** What was left when all was over: what the agents say, and what the aggregator has. */
export type Remains = {
  readonly ledger: readonly LedgerLine[];
  readonly results: readonly StoredResult[];
  readonly kept: Kept;
  readonly database: string;
  readonly kills: number;
};

type Agent = Post & { readonly name: string; connections(): number };
type World = {
  readonly url: string;
  readonly database: string;
  readonly aggregator: Post;
  readonly agents: readonly Agent[];
};

export async function killedRun(on: Ground, number: number, random: Random): Promise<Remains> {
  const dir = join(on.dir, `run-${number}`);
  mkdirSync(dir);
  const world = worldIn(on, dir, `127.77.0.${number + 1}`);
  const { aggregator, agents, database } = world;
  try {
    await Promise.all([aggregator, ...agents].map((one) => one.start()));
    await connected(agents, 0);
    const kills = await fire(world, random);
    await Promise.all(agents.map((agent) => agent.stop()));
    // What an agent could not send in the time that it has to end, the next one sends.
    for (let drain = 0; drain < drains && !isDrained(dir, database); drain += 1) {
      await Promise.all(agents.map((agent) => agent.start()));
      await connected(agents, 0);
      await Promise.all(agents.map((agent) => agent.stop()));
    }
    const results = await allResults(world.url);
    if ((await aggregator.stop()) !== 0) throw new Error('the aggregator did not end cleanly');
    return { ledger: ledgersIn(dir), results, kept: keptBy({ database }), database, kills };
  } finally {
    await Promise.all([aggregator, ...agents].map((one) => one.kill()));
  }
}

function worldIn(on: Ground, dir: string, host: string): World {
  const url = `http://${host}:9400`;
  const state = join(dir, 'aggregator');
  const trust = ['--token-file', on.tokenFile];
  const collect = ['aggregator', '--scenario', on.scenario, '--listen', `${host}:9400`, '--state', state, ...trust];
  return {
    url,
    database: join(state, 'aggregator.sqlite'),
    aggregator: post('aggregator', () => on.launch(collect)),
    agents: vantages.map((vantage) => {
      let last: Running | undefined;
      const kept = ['--state', join(dir, vantage), '--ledger', ledgerIn(dir, vantage)];
      const place = ['agent', '--vantage', vantage, '--region', vantage, '--aggregator', url, ...trust, ...kept];
      const agent = post(vantage, () => {
        last = on.launch(place);
        return last;
      });
      return { ...agent, connections: () => last?.stderr().split('"connected to the aggregator"').length ?? 1 };
    }),
  };
}

/** Resolves when each agent's process has been connected more than so often. */
async function connected(agents: readonly Agent[], before: number): Promise<void> {
  const all = (): boolean => agents.every((agent) => agent.connections() - 1 > before);
  await until(connectedWithinMs, 'all agents to be connected', async () => (all() ? true : undefined), 10);
}

/** The aggregator always, often again while it counts anew what no slice had; every second time an agent too. */
async function fire({ aggregator, agents }: World, random: Random): Promise<number> {
  const victim = random() < 0.5 ? agents[Math.floor(random() * agents.length)] : undefined;
  const lives = {
    aggregatorMs: random() * longestLifeMs,
    agentMs: random() * longestLifeMs,
    againMs: random() * longestLifeMs,
  };
  const again = random() < 0.3;
  const deadMs = random() * 100;
  const killAggregator = async (): Promise<void> => {
    await pause(lives.aggregatorMs);
    await aggregator.kill();
    await pause(deadMs);
    const started = aggregator.start();
    if (!again) return started;
    started.catch(() => undefined);
    await pause(lives.againMs);
    await aggregator.kill();
    await aggregator.start();
  };
  const killAgent = async (): Promise<void> => {
    if (victim === undefined) return;
    await pause(lives.agentMs);
    await victim.kill();
    await victim.start();
  };
  await Promise.all([killAggregator(), killAgent()]);
  // Those that lived through it had found the aggregator before; the one that was killed may have found the first.
  const survivors = agents.filter((agent) => agent !== victim);
  await connected(survivors, 1);
  return 1 + (again ? 1 : 0) + (victim === undefined ? 0 : 1);
}

function isDrained(dir: string, database: string): boolean {
  const { through } = keptBy({ database });
  const reached = new Map(through.map((row) => [`${row.agent} ${row.boot}`, row.through]));
  return ledgersIn(dir).every(({ agent, boot, seq }) => seq <= (reached.get(`${agent} ${boot}`) ?? 0));
}

function ledgerIn(dir: string, vantage: string): string {
  return join(dir, `ledger-${vantage}.jsonl`);
}

function ledgersIn(dir: string): readonly LedgerLine[] {
  return vantages.flatMap((agent) => {
    const file = ledgerIn(dir, agent);
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    return lines.filter((line) => line !== '').map((line) => ({ agent, ...JSON.parse(line) }) as LedgerLine);
  });
}

async function allResults(url: string): Promise<readonly StoredResult[]> {
  const results: StoredResult[] = [];
  for (let before = ''; ; ) {
    const response = await fetch(`${url}/api/v1/results?limit=10000${before}`);
    const page = (await response.json()) as ResultsAnswer;
    results.push(...page.results);
    if (page.next === null) return results;
    before = `&before=${page.next}`;
  }
}
