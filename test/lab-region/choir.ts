/** Canaries at the doors of two regions whose ledgers replicate to each other, with all that they write, read and erase. */
import type { CanaryDeps } from '../../chaos/canaries/ask.ts';
import { type CanaryBook, canaryBook } from '../../chaos/canaries/book.ts';
import { eraseCanaries } from '../../chaos/canaries/erase.ts';
import { type CanaryLine, linesOf } from '../../chaos/canaries/facts.ts';
import { canaryReport, type DrillTimes } from '../../chaos/canaries/judge.ts';
import { readStores } from '../../chaos/canaries/read.ts';
import { startWriter } from '../../chaos/canaries/write.ts';
import type { CanaryReport } from '../../contract/canaries.ts';
import { type Clock, sleep } from '../../contract/clock.ts';
import { admits } from '../../lab/region/guard.ts';
import { type LedgerNet, ledgerNet } from '../../lab/region/ledger.ts';
import { parseScenario } from '../../scenarios/define.ts';
import type { CanaryPlan } from '../../scenarios/scenario.ts';
import type { Plant } from '../../scenarios/world.ts';
import { canaryPlan } from '../chaos/canaries/plan.ts';
import { sound } from '../scenarios/sound.ts';
import { ask, guard, jurisdictions, type Site, type Standing } from './site.ts';

export const names = ['us-east-1', 'eu-west-1'] as const;
export type Name = (typeof names)[number];
export type Doors = Readonly<Record<Name, Standing>>;

export type Choir = {
  readonly doors: Doors;
  readonly ledgers: LedgerNet;
  /** All that was recorded so far. */
  readonly facts: readonly CanaryLine[];
  /** Resolves once some attempts at the region that began after the call are over. */
  more(region: Name): Promise<void>;
  /** Looks into the stores of these regions. */
  read(regions: readonly Name[]): Promise<void>;
  /** Writes no more, and reads until no store lacks what another has. */
  end(drill: DrillTimes): Promise<CanaryReport>;
  /** Erases all, and judges. */
  erase(drill: DrillTimes): Promise<CanaryReport>;
};

export type Sheet = { readonly plants?: readonly Plant[]; readonly writers?: CanaryPlan['writers'] };

const enough = 5;

/** Writes from now on. */
export async function choir(place: Site, clock: Clock, { plants = [], writers = 'each' }: Sheet): Promise<Choir> {
  const { doors, ledgers } = await regions(place, clock, plants);
  const book = bookOf(doors, writers);
  const deps = depsOf(clock);
  const facts: CanaryLine[] = [book.setup];
  const attemptsSince = (target: string, sinceMs: number): number =>
    linesOf(facts, 'attempt').filter((attempt) => attempt.target === target && attempt.startMs >= sinceMs).length;
  const writer = startWriter(book, (line) => facts.push(line), deps);
  const read = async (of: readonly Name[]): Promise<void> => {
    for (const { reading } of (await readStores(book, of, deps)).values()) facts.push(reading);
  };
  const shown = (drill: DrillTimes): CanaryReport => {
    const report = canaryReport(facts, drill);
    if (report === null) throw new Error('no report');
    return report;
  };
  return {
    doors,
    ledgers,
    facts,
    async more(region) {
      const sinceMs = clock.nowMs();
      while (attemptsSince(region, sinceMs) < enough) await sleep(clock, 5);
    },
    read,
    async end(drill) {
      await writer.stop();
      facts.push({ what: 'ended', atMs: clock.nowMs() });
      for (let look = 0; look < 20; look += 1) {
        await read(names);
        if (shown(drill).stores.every(({ gaps }) => Object.keys(gaps).length === 0)) break;
        await sleep(clock, 10);
      }
      return shown(drill);
    },
    async erase(drill) {
      facts.push(await eraseCanaries(book, deps));
      return shown(drill);
    },
  };
}

function depsOf(clock: Clock): CanaryDeps {
  return {
    clock,
    secret: () => '',
    async http({ url, method, headers, body }, signal) {
      const reply = await ask(url, { method, headers, signal, ...(body === null ? {} : { body }) });
      const own = Object.entries(reply.headers).map(([name, value]) => [name, [value].flat().join(', ')] as const);
      return { ...reply, headers: Object.fromEntries(own) };
    },
  };
}

async function regions(place: Site, clock: Clock, plants: readonly Plant[]): Promise<Pick<Choir, 'doors' | 'ledgers'>> {
  const admitted = (user: string, region: string): boolean => admits(guard, user, jurisdictions[region as Name]);
  const net = { storeDir: place.storeDir, lagMs: 5, plants, admits: admitted, regions: names };
  const ledgers = ledgerNet(net, clock);
  const doors = {
    'us-east-1': await place.region('us-east-1', { ledgers }),
    'eu-west-1': await place.region('eu-west-1', { ledgers }),
  };
  return { doors, ledgers };
}

function bookOf(doors: Doors, writers: CanaryPlan['writers']): CanaryBook {
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
