/** Two aggregators and a real VictoriaMetrics; one of the two is killed again and again. The agents' ledgers are the witness. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { FleetAnswer, StoredResult, VerdictsAnswer } from '../../../contract/api.ts';
import { seededRandom } from '../../../contract/random.ts';
import { workshop } from '../../cli/workshop.ts';
import { pause, until } from '../../lab/waiting.ts';
import { hasVictoriaMetrics, queried, type Server, victoriaMetrics } from '../metrics/servers.ts';
import { getJson, type LedgerLine, type Post, resultsOf, type World, world } from './world.ts';

const random = seededRandom(20_261_121);
const kills = 5;
const settledWithinMs = 60_000;
const shop = workshop();

if (!hasVictoriaMetrics)
  process.stdout.write('skipped: no victoria-metrics; apt-get install victoria-metrics brings it\n');

let engine: Server;
let fleet: World;
const keyOf = ({ agent, boot, seq }: Pick<LedgerLine, 'agent' | 'boot' | 'seq'>): string => `${agent} ${boot} ${seq}`;
const allResults = async (): Promise<readonly StoredResult[]> =>
  (await Promise.all(fleet.aggregators.map(resultsOf))).flat();
const counted = `last_over_time(blackstart_counted_results[1h])`;

/** Each of them is killed, and comes back while its agents are at the other. */
async function fire(): Promise<void> {
  for (let kill = 0; kill < kills; kill += 1) {
    await pause(700 + random() * 1_500);
    const victim = fleet.aggregators[kill % 2] as Post;
    await victim.kill();
    if (kill === 2) await killedAgent();
    await pause(900 + random() * 1_500);
    await victim.start();
  }
}

/** A new boot, with what the old one left behind for an aggregator that is away. */
async function killedAgent(): Promise<void> {
  const [agent] = fleet.agents;
  await agent?.kill();
  await agent?.start();
}

/** Ends the agents; one that was not through with everything is given another turn. */
async function drained(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) {
    if (turn > 0) for (const agent of fleet.agents) await agent.start();
    await pause(2_500);
    await Promise.all(fleet.agents.map((agent) => agent.stop()));
    if ((await allResults()).length >= fleet.ledgers().length) return;
  }
}

describe.skipIf(!hasVictoriaMetrics)('two aggregators, one of them killed again and again', () => {
  let results: readonly StoredResult[];
  let ledgers: readonly LedgerLine[];
  beforeAll(async () => {
    engine = await victoriaMetrics();
    await engine.start();
    fleet = await world(shop, engine.url);
    for (const post of [...fleet.aggregators, ...fleet.agents]) await post.start();
    await fire();
    await drained();
    ledgers = fleet.ledgers();
    results = await allResults();
    const boots = new Set(ledgers.map(({ boot }) => boot)).size;
    process.stdout.write(`${kills} kills, ${boots} boots, ${ledgers.length} lines, ${results.length} results\n`);
  }, 240_000);

  test('every line of a ledger is counted by exactly one of them, and nothing else is', () => {
    expect(ledgers.length).toBeGreaterThan(100);
    expect(results.map(keyOf).sort()).toEqual(ledgers.map(keyOf).sort());
    expect(new Set(results.map(keyOf)).size).toBe(results.length);
  });

  test('both had a part of them, and agents moved', () => {
    const boots = Map.groupBy(ledgers, ({ agent }) => agent);
    expect([...boots.values()].every((lines) => new Set(lines.map(({ boot }) => boot)).size > 1)).toBe(true);
  });

  test('the sum that the engine gives is the sum of the ledgers, by vantage', async () => {
    const good = ledgers.filter(({ outcome }) => outcome === 'good');
    const want = Object.fromEntries(
      [...Map.groupBy(good, ({ agent }) => agent)].map(([of, some]) => [of, some.length]),
    );
    let got: Record<string, number> = {};
    await until(settledWithinMs, 'the engine to have the last counts', async () => {
      const sums = await queried(engine, `sum by (vantage) (${counted} and on () vector(1) or ${counted})`).catch(
        () => [],
      );
      void sums;
      const answer = await queried(
        engine,
        `sum by (vantage) (last_over_time(blackstart_counted_results{outcome="good"}[1h]))`,
      );
      got = Object.fromEntries(answer.map(({ metric, value }) => [metric['vantage'] ?? '', Number(value?.[1])]));
      return JSON.stringify(sorted(got)) === JSON.stringify(sorted(want)) ? true : undefined;
    }).catch(() => undefined);
    expect(got).toEqual(want);
  });
});

function sorted(record: Readonly<Record<string, number>>): readonly (readonly [string, number])[] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
