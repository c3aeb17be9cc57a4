/** Whatever is killed and whenever: what agents measured is counted once. The agents' own ledgers are the witness. */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { FleetAnswer, ResultsAnswer, StoredResult } from '../../contract/api.ts';
import { seededRandom } from '../../contract/random.ts';
import { assignmentOf } from '../../scenarios/compile.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { type Fleet, fleetAt, type Kept, keptBy } from './fleet-under-fire.ts';
import { type KeptLab, keepLab } from './kept-lab.ts';
import { processesOf, removePlace } from './place.ts';
import { clock, pause, until } from './waiting.ts';

const random = seededRandom(20_261_121);
const kills = 24;
const burstMs = 40_000;
const connectedWithinMs = 30_000;
const drainedWithinMs = 60_000;

let lab: KeptLab;
let fleet: Fleet;
let failed = false;
let found: Counted;
beforeAll(async () => {
  lab = await keepLab(31);
  fleet = await fleetAt(lab, random);
}, 120_000);
afterAll(async () => {
  await Promise.all([...fleet.agents, fleet.aggregator].map((post) => post.kill()));
  const { code } = await lab.stop();
  expect(code).toBe(0);
  expect(processesOf(lab.place)).toEqual([]);
  if (!failed) removePlace(lab.place);
});
afterEach(({ task }) => {
  failed ||= task.result?.state === 'fail';
});

type LedgerLine = { readonly boot: string; readonly seq: number; readonly check: string; readonly outcome: string };
type Line = LedgerLine & { readonly agent: string };
type Counted = {
  readonly ledger: readonly Line[];
  readonly results: readonly StoredResult[];
  readonly kept: Kept;
  /** Counted before the last start of the aggregator: its counters began anew then. */
  readonly beforeLastStart: number;
};

const keyOf = ({ agent, boot, seq }: { agent: string; boot: string; seq: number }): string => `${agent} ${boot} ${seq}`;

function ledgers(): readonly Line[] {
  return fleet.agents.flatMap(({ name }) =>
    readFileSync(fleet.ledgerOf(name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ({ agent: name, ...(JSON.parse(line) as LedgerLine) })),
  );
}

async function allResults(): Promise<readonly StoredResult[]> {
  const results: StoredResult[] = [];
  for (let before = ''; ; ) {
    const response = await fetch(`${fleet.url}/api/v1/results?limit=10000${before}`);
    const page = (await response.json()) as ResultsAnswer;
    results.push(...page.results);
    if (page.next === null) return results;
    before = `&before=${page.next}`;
  }
}

async function everyoneIsConnected(): Promise<true | undefined> {
  const { agents } = (await (await fetch(`${fleet.url}/api/v1/fleet`)).json()) as FleetAnswer;
  const connected = new Set(agents.filter((agent) => agent.connected).map(({ vantage }) => vantage));
  return fleet.agents.every(({ name }) => connected.has(name)) ? true : undefined;
}

/** Kept connections and a high pace beside the ordinary rounds. */
async function askForBurst(): Promise<void> {
  const { checks } = assignmentOf(await loadScenario(lab.world.scenario), 1);
  const burst = {
    id: 'fire',
    checks: checks.filter(({ name }) => name === 'entry').map((check) => ({ ...check, everyMs: 100 })),
    everyMs: 100,
    untilMs: clock.nowMs() + burstMs,
    pooled: true,
  };
  const response = await fetch(`${fleet.url}/api/v1/bursts`, {
    method: 'POST',
    headers: { authorization: `Bearer ${lab.world.aggregator.writeToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(burst),
  });
  expect(response.ok, await response.text()).toBe(true);
}

/** Kills by chance, the aggregator twice as often as each agent. Gives the last id before the aggregator's last start. */
async function fire(): Promise<number> {
  const { aggregator, agents } = fleet;
  const victims = [aggregator, aggregator, ...agents];
  let beforeLastStart = 0;
  for (let kill = 0; kill < kills; kill += 1) {
    await pause(random() * 900);
    const victim = victims[Math.floor(random() * victims.length)] ?? aggregator;
    await victim.kill();
    await pause(random() < 0.5 ? 0 : random() * 900);
    if (victim === aggregator) beforeLastStart = keptBy(fleet).lastId;
    await victim.start();
  }
  return beforeLastStart;
}

beforeAll(async () => {
  await fleet.aggregator.start();
  await Promise.all(fleet.agents.map((agent) => agent.start()));
  await askForBurst();
  const beforeLastStart = await fire();
  // An agent that met no aggregator for a while asks every few seconds only; a clean end sends what there is to one that is
  // there.
  await until(connectedWithinMs, 'every agent to be connected', everyoneIsConnected);
  for (const agent of fleet.agents) expect(await agent.stop(), agent.name).toBe(0);
  await until(drainedWithinMs, 'as many results as there are lines in the ledgers', async () =>
    (await allResults()).length >= ledgers().length ? true : undefined,
  ).catch(() => undefined);
  found = { ledger: ledgers(), results: await allResults(), kept: keptBy(fleet), beforeLastStart };
  const boots = new Set(found.ledger.map(({ boot }) => boot)).size;
  process.stdout.write(
    `${kills} kills, ${boots} boots, ${found.ledger.length} lines in the ledgers, ${found.results.length} results\n`,
  );
}, 240_000);

describe('after kills of aggregator and agents at seeded moments', () => {
  test('each ledger has each number of each boot once', () => {
    expect(new Set(found.ledger.map(keyOf)).size).toBe(found.ledger.length);
    expect(found.ledger.length).toBeGreaterThan(1_000);
  });

  test('every line of a ledger is a result with the same check and outcome, unless a gap record names it', () => {
    const results = new Map(found.results.map((result) => [keyOf(result), `${result.checkId} ${result.outcome}`]));
    const { gaps } = found.kept;
    const isNamed = ({ agent, boot, seq }: Line): boolean =>
      gaps.some((gap) => gap.agent === agent && gap.boot === boot && gap.fromSeq <= seq && seq <= gap.toSeq);
    const lost = found.ledger.filter((line) => !isNamed(line) && !results.has(keyOf(line)));
    expect(lost).toEqual([]);
    const named = found.ledger.filter((line) => isNamed(line) && results.has(keyOf(line)));
    expect(named).toEqual([]);
    const changed = found.ledger.filter(
      (line) => results.has(keyOf(line)) && results.get(keyOf(line)) !== `${line.check} ${line.outcome}`,
    );
    expect(changed).toEqual([]);
  });

  test('no result is there twice, and none that no ledger knows', () => {
    expect(new Set(found.results.map(({ id }) => id)).size).toBe(found.results.length);
    expect(new Set(found.results.map(keyOf)).size).toBe(found.results.length);
    const known = new Set(found.ledger.map(keyOf));
    expect(found.results.filter((result) => !known.has(keyOf(result))).map(keyOf)).toEqual([]);
  });

  test('the database has as many, and is through with every boot', () => {
    expect(found.kept.results).toBe(found.results.length);
    const last = new Map<string, number>();
    for (const { agent, boot, seq } of found.ledger)
      last.set(`${agent} ${boot}`, Math.max(seq, last.get(`${agent} ${boot}`) ?? 0));
    const through = found.kept.through.map(({ agent, boot, through: seq }) => [`${agent} ${boot}`, seq] as const);
    expect(Object.fromEntries(through)).toEqual(Object.fromEntries(last));
  });

  test('the counters agree with what came since the aggregator’s last start', async () => {
    const since = found.results.filter(({ id }) => id > found.beforeLastStart);
    expect(since.length).toBeGreaterThan(100);
    const want = {
      rounds: tallied(since.filter(({ burst }) => burst === null)),
      bursts: tallied(since.filter(({ burst }) => burst !== null)),
    };
    let got: typeof want | undefined;
    // A bad result is counted when its round is judged, a moment later.
    await until(drainedWithinMs, 'every round to be judged', async () => {
      const text = await (await fetch(`${fleet.url}/metrics`)).text();
      got = {
        rounds: counters(text, 'blackstart_probe_results_total'),
        bursts: counters(text, 'blackstart_burst_results_total'),
      };
      return JSON.stringify(got) === JSON.stringify(want) ? true : undefined;
    }).catch(() => undefined);
    expect(got).toEqual(want);
  });
});

/** By check and vantage: a bad result of a vantage in trouble is counted as missing, so these two go together. */
function tallied(results: readonly StoredResult[]): Record<string, number> {
  return summed(results.map(({ check, vantage, outcome }) => [`${check} ${vantage} ${kindOf(outcome)}`, 1]));
}

function kindOf(outcome: string): string {
  return outcome === 'good' ? 'good' : 'not good';
}

function counters(text: string, name: string): Record<string, number> {
  const lines = [...text.matchAll(new RegExp(`^${name}\\{(.*)\\} (\\d+)$`, 'gm'))];
  const rows = lines.map(([, labels = '', value]): [string, number] => {
    const label = (key: string): string => new RegExp(`(?:^|,)${key}="([^"]*)"`).exec(labels)?.[1] ?? '';
    return [`${label('check')} ${label('vantage')} ${kindOf(label('outcome'))}`, Number(value)];
  });
  return summed(rows.filter(([, value]) => value > 0));
}

function summed(rows: readonly (readonly [string, number])[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const [key, value] of rows) sums.set(key, (sums.get(key) ?? 0) + value);
  return Object.fromEntries([...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
