/** Canaries through a region that goes dark and comes back, on real connections to the lab's doors: sound, and with plants. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CanaryDeps } from '../../chaos/canaries/ask.ts';
import { type CanaryBook, canaryBook } from '../../chaos/canaries/book.ts';
import { eraseCanaries } from '../../chaos/canaries/erase.ts';
import type { CanaryLine } from '../../chaos/canaries/facts.ts';
import { canaryReport } from '../../chaos/canaries/judge.ts';
import { readStores } from '../../chaos/canaries/read.ts';
import { startWriter } from '../../chaos/canaries/write.ts';
import { type Bounds, exactly } from '../../contract/bounds.ts';
import type { CanaryReport } from '../../contract/canaries.ts';
import { sleep, systemClock } from '../../contract/clock.ts';
import { admits } from '../../lab/region/guard.ts';
import { ledgerNet } from '../../lab/region/ledger.ts';
import { parseScenario } from '../../scenarios/define.ts';
import type { CanaryPlan } from '../../scenarios/scenario.ts';
import type { Plant } from '../../scenarios/world.ts';
import { canaryPlan } from '../chaos/canaries/plan.ts';
import { podsIn } from '../fakes/pods.ts';
import { sound } from '../scenarios/sound.ts';
import { ask, guard, jurisdictions, type Site, type Standing, site } from './site.ts';

const clock = systemClock();
const names = ['us-east-1', 'eu-west-1'] as const;
let place: Site;
beforeEach(async () => {
  place = await site(95, clock);
});
afterEach(() => place.close());

const deps: CanaryDeps = {
  clock,
  secret: () => '',
  async http({ url, method, headers, body }, signal) {
    const reply = await ask(url, { method, headers, signal, ...(body === null ? {} : { body }) });
    const own = Object.entries(reply.headers).map(([name, value]) => [name, [value].flat().join(', ')] as const);
    return { ...reply, headers: Object.fromEntries(own) };
  },
};

async function regions(plants: readonly Plant[]): Promise<Readonly<Record<(typeof names)[number], Standing>>> {
  const admitted = (user: string, region: string): boolean =>
    admits(guard, user, jurisdictions[region as (typeof names)[number]]);
  const net = { storeDir: place.storeDir, lagMs: 5, plants, admits: admitted, regions: names };
  const ledgers = ledgerNet(net, clock);
  return {
    'us-east-1': await place.region('us-east-1', { ledgers }),
    'eu-west-1': await place.region('eu-west-1', { ledgers }),
  };
}

function bookOf(doors: Awaited<ReturnType<typeof regions>>, writers: CanaryPlan['writers']): CanaryBook {
  const source = sound();
  const own = source['regions'] as Readonly<Record<string, object>>;
  const found = names.map((name) => [name, { ...own[name], endpoint: doors[name].url }]);
  const scenario = parseScenario({ ...source, regions: Object.fromEntries(found) });
  const [drill] = scenario.drills;
  if (drill === undefined) throw new Error('no drill');
  const at = writers === 'one' ? '/v1/register' : '/v1/ledger';
  const plan: CanaryPlan = {
    ...canaryPlan,
    write: { ...canaryPlan.write, to: { path: at } },
    read: { ...canaryPlan.read, to: { path: `${at}/blackstart-{drill}-` }, items: '$.entries[*]' },
    erase: { ...canaryPlan.erase, to: { path: `${at}/{id}` } },
    writers,
    entries: [],
    userCountry: 'US',
    everyMs: 50,
    timeoutMs: 10_000,
    rpoMs: 60_000,
  };
  return canaryBook(scenario, drill, plan, 'd1');
}

const enough = 5;

/** Writes until there are enough of each, takes us-east-1 away, reads, brings it back, reads, and erases. */
async function sung(plants: readonly Plant[], writers: CanaryPlan['writers'] = 'each'): Promise<CanaryReport> {
  const doors = await regions(plants);
  const book = bookOf(doors, writers);
  const facts: CanaryLine[] = [book.setup];
  const attempts = (target: string) => facts.filter((line) => line.what === 'attempt' && line.target === target);
  const read = async (of: readonly string[]): Promise<void> => {
    for (const { reading } of (await readStores(book, of, deps)).values()) facts.push(reading);
  };
  const writer = startWriter(book, (line) => facts.push(line), deps);
  const more = async (target: string): Promise<void> => {
    const until = attempts(target).length + enough;
    while (attempts(target).length < until) await sleep(clock, 5);
  };
  await more('us-east-1');
  await more('eu-west-1');
  const t0 = exactly(clock.nowMs());
  doors['us-east-1'].pods.set(podsIn('terminating', 2));
  await more('us-east-1');
  await read(['eu-west-1']);
  const restoreCalled: Bounds = exactly(clock.nowMs());
  doors['us-east-1'].pods.set(podsIn('ready', 2));
  await more('us-east-1');
  await writer.stop();
  facts.push({ what: 'ended', atMs: clock.nowMs() });
  const shown = (): CanaryReport | null => canaryReport(facts, { region: 'us-east-1', t0, restoreCalled });
  for (let look = 0; look < 20; look += 1) {
    await read(names);
    if (shown()?.stores.every(({ gaps }) => Object.keys(gaps).length === 0) === true) break;
    await sleep(clock, 10);
  }
  facts.push(await eraseCanaries(book, deps));
  const report = shown();
  if (report === null) throw new Error('no report');
  return report;
}

test('what is replicated behind a lag is within the limit, whole at the end, and gone afterwards', async () => {
  const report = await sung([]);
  expect(report).toMatchObject({
    verdict: { status: 'pass' },
    atEnd: { missing: {}, unknown: {} },
    splitBrain: [],
    erased: { proven: true },
  });
  expect(report.stores.every(({ doubles, gaps }) => Object.keys({ ...doubles, ...gaps }).length === 0)).toBe(true);
});

test('a region that passes nothing on has lost all that it took, from the first on', async () => {
  const report = await sung([{ kind: 'replication', region: 'us-east-1', how: 'drop' }]);
  expect(report.verdict.status).not.toBe('pass');
  expect(report.atFailover?.missing['us-east-1']?.[0]?.[0]).toBe(1);
  expect(report.atFailover?.span.upperMs).toBeNull();
  expect(report.stores.find(({ region }) => region === 'eu-west-1')?.gaps['us-east-1']).toBeDefined();
  expect(report.erased).toMatchObject({ proven: true });
});

test('records that arrive twice are doubles, and fail', async () => {
  const report = await sung([{ kind: 'replication', region: 'eu-west-1', how: 'double' }]);
  expect(report.verdict.status).toBe('fail');
  expect(report.stores.find(({ region }) => region === 'us-east-1')?.doubles['eu-west-1']).toBeDefined();
  expect(report.erased).toMatchObject({ proven: true });
});

test('a second writer beside the only one is a split brain, and fails', async () => {
  const report = await sung([{ kind: 'replication', region: 'eu-west-1', how: 'second-writer' }], 'one');
  expect(report.verdict.status).toBe('fail');
  expect(report.splitBrain[0]?.regions).toEqual(['eu-west-1', 'us-east-1']);
  expect(report.verdict.because).toContain('split brain');
});
