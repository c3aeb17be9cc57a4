/** Two aggregators and a real VictoriaMetrics; one of the two is killed again and again. The agents' ledgers are the witness. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { FleetAnswer, StoredResult, VerdictsAnswer } from '../../../contract/api.ts';
import { seededRandom } from '../../../contract/random.ts';
import { workshop } from '../../cli/workshop.ts';
import { pause, until } from '../../lab/waiting.ts';
import { hasVictoriaMetrics, queried, type Server, victoriaMetrics } from '../metrics/servers.ts';
import { getJson, type LedgerLine, type Post, resultsOf, type World, world } from './world.ts';

const random = seededRandom(20_261_121);
const kills = 4;
const settledWithinMs = 60_000;
const shop = workshop();

if (!hasVictoriaMetrics)
  process.stdout.write('skipped: no victoria-metrics; apt-get install victoria-metrics brings it\n');

let engine: Server;
let fleet: World;
const keyOf = ({ agent, boot, seq }: Pick<LedgerLine, 'agent' | 'boot' | 'seq'>): string => `${agent} ${boot} ${seq}`;
const allResults = async (): Promise<readonly StoredResult[]> =>
  (await Promise.all(fleet.aggregators.map(resultsOf))).flat();

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
    if (turn > 0) await Promise.all(fleet.agents.map((agent) => agent.start()));
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
    await Promise.all(fleet.aggregators.map((post) => post.start()));
    await Promise.all(fleet.agents.map((post) => post.start()));
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
    const want = goodBy(ledgers);
    let got: ReturnType<typeof goodBy> = {};
    await until(settledWithinMs, 'the engine to have the last counts', async () => {
      const sums = await queried(
        engine,
        'sum by (vantage) (last_over_time(blackstart_counted_results{outcome="good"}[1h]))',
      );
      got = Object.fromEntries(sums.map(({ metric, value }) => [metric['vantage'] ?? '', Number(value?.[1])]).sort());
      return JSON.stringify(got) === JSON.stringify(want) ? true : undefined;
    }).catch(() => undefined);
    expect(got).toEqual(want);
  });

  test('with one of them dead the other answers for both, from the engine', async () => {
    const [alive, dead] = fleet.aggregators;
    await dead.kill();
    const { verdicts } = await getJson<VerdictsAnswer>(`${alive.url}/api/v1/verdicts`);
    const good = ledgers.filter(({ outcome }) => outcome === 'good').length;
    const bad = ledgers.filter(({ outcome }) => outcome === 'bad').length;
    const n = verdicts[0]?.n ?? 0;
    // On a machine that is busy some are bad; of a vantage in trouble these count as missing.
    expect(n).toBeGreaterThanOrEqual(good);
    expect(n).toBeLessThanOrEqual(good + bad);
    expect(Math.round((verdicts[0]?.measured ?? 0) * n)).toBe(good);
    const { agents } = await getJson<FleetAnswer>(`${alive.url}/api/v1/fleet`);
    expect(agents.map(({ agent }) => agent).sort()).toEqual(fleet.agents.map(({ name }) => name).sort());
    const { verdicts: own } = await getJson<VerdictsAnswer>(`${alive.url}/api/v1/verdicts?scope=own`);
    expect(own[0]?.n).toBeLessThan(good);
  });

  test('without the engine the verdict is inconclusive, and says why', async () => {
    await engine.stop('SIGKILL');
    const [alive] = fleet.aggregators;
    const { verdicts } = await getJson<VerdictsAnswer>(`${alive.url}/api/v1/verdicts`);
    expect(verdicts).toMatchObject([{ status: 'inconclusive' }]);
    expect(verdicts[0]?.because).toMatch(/^the engine at 127\.0\.0\.1:\d+ cannot be asked: /);
  });
});

/** Good results of each vantage. */
function goodBy(lines: readonly LedgerLine[]): Readonly<Record<string, number>> {
  const good = Map.groupBy(
    lines.filter(({ outcome }) => outcome === 'good'),
    ({ agent }) => agent,
  );
  return Object.fromEntries([...good].map(([agent, some]) => [agent, some.length] as const).sort());
}
