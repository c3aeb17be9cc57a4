/** A partition of two regions, set at their switchboards as a drill sets it, under canaries, and what the judge says of them. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { linesOf, numbersIn, shownRanges } from '../../chaos/canaries/facts.ts';
import { faultOf } from '../../chaos/faults.ts';
import { httpSwitchboard } from '../../chaos/switchboard.ts';
import { type Bounds, exactly } from '../../contract/bounds.ts';
import type { CanaryReport } from '../../contract/canaries.ts';
import { systemClock } from '../../contract/clock.ts';
import { type Closers, closers } from '../../lab/closers.ts';
import { startSwitchboards } from '../../lab/switchboards.ts';
import type { Plant } from '../../scenarios/world.ts';
import { type Choir, choir, type Name, names } from './choir.ts';
import { ask, type Site, site } from './site.ts';

const clock = systemClock();
const { signal } = new AbortController();
let place: Site;
let open: Closers;
beforeEach(async () => {
  place = await site(114, clock);
  open = closers();
});
afterEach(async () => {
  await open.close();
  await place.close();
});

/** The drill's fault, at switchboards on real connections. */
async function partitionOf({ doors, ledgers }: Choir) {
  const secret = { token: 'a-token-of-this-test', file: join(place.storeDir, 'token') };
  const at = { doorPort: place.port, addresses: {}, hostedZoneId: 'Z1', nameservers: [] };
  const nameServers = { port: 53, answers: () => undefined, close: async () => undefined };
  const named = await startSwitchboards({ at, open, clock }, { doors, ledgers, nameServers }, secret);
  return faultOf(
    { kind: 'partition', region: 'us-east-1', from: 'eu-west-1' },
    {
      drill: 'd1',
      clock,
      workloads: null,
      suspensions: [],
      ensure: async () => undefined,
      switchboard: (region) => httpSwitchboard({ region, url: named[region]?.url ?? '', token: secret.token }, clock),
      leaseMs: 600_000,
    },
  );
}

type Peers = Readonly<
  Record<string, { readonly reached: boolean; readonly waiting: number; readonly behindMs: number }>
>;
type Sung = {
  readonly choir: Choir;
  /** From before it was set until after it was taken back. */
  readonly parted: Bounds;
  /** us-east-1's own page, in the middle of it and at the end. */
  readonly peers: readonly Peers[];
  /** What each region has at the end, before it is erased. */
  readonly kept: readonly (readonly string[])[];
  readonly report: CanaryReport;
};

async function drilled(plants: readonly Plant[]): Promise<Sung> {
  const singing = await choir(place, clock, { plants, writers: 'one' });
  const { doors, more, read, end, erase } = singing;
  const page = async (region: Name, path: string): Promise<unknown> =>
    JSON.parse((await ask(`${doors[region].url}${path}`, { headers: { 'x-user-country': 'US' } })).body);
  const peersOf = async (region: Name) => ((await page(region, '/peers')) as { peers: Peers }).peers;
  const fault = await partitionOf(singing);
  const undo = await fault.plan(signal);
  await fault.arm(undo, signal);
  await more('us-east-1');
  const lowerMs = clock.nowMs();
  const t0 = await fault.inject(undo, signal);
  await more('us-east-1');
  await more('eu-west-1');
  await read(['eu-west-1']);
  const inTheMiddle = await peersOf('us-east-1');
  const restoreCalled = exactly(clock.nowMs());
  await fault.restore(undo, signal);
  const parted = { lowerMs, upperMs: clock.nowMs() };
  await more('us-east-1');
  const drill = { region: 'us-east-1', t0, restoreCalled };
  await end(drill);
  // What is there twice may have one copy still on its way.
  for (const name of names) while (Object.values(await peersOf(name)).some(({ waiting }) => waiting > 0));
  const kept = await Promise.all(
    names.map(async (name) => {
      const { entries } = (await page(name, '/v1/ledger/blackstart-')) as { entries: { id: string }[] };
      return entries.map(({ id }) => id).toSorted();
    }),
  );
  const atEnd = await peersOf('us-east-1');
  expect(await fault.remains(undo, signal)).toMatchObject({ left: [] });
  return { choir: singing, parted, peers: [inTheMiddle, atEnd], kept, report: await erase(drill) };
}

/** Of the numbers those that were offered between two moments. */
function decidedWithin(
  { lowerMs, upperMs }: Bounds,
  facts: Choir['facts'],
  numbers: ReadonlySet<number>,
): ReadonlySet<number> {
  const offered = linesOf(facts, 'attempt').filter(({ startMs, endMs }) => endMs >= lowerMs && startMs <= upperMs);
  return new Set(offered.map(({ seq }) => seq).filter((seq) => numbers.has(seq)));
}

test('without takeover nothing is lost, and what the other side lacks meanwhile is seen', async () => {
  const { report, peers, kept } = await drilled([]);
  const behind = numbersIn(report.atFailover?.missing['one'] ?? []);
  expect(behind.size).toBeGreaterThan(1);
  expect(report.verdict.because).toContain(`${behind.size} of ${report.atFailover?.acknowledged} acknowledged writes`);
  expect(peers[0]?.['eu-west-1']?.reached).toBe(false);
  expect(peers[0]?.['eu-west-1']?.waiting).toBeGreaterThanOrEqual(behind.size);
  expect(peers[0]?.['eu-west-1']?.behindMs).toBeGreaterThan(0);
  expect(peers[1]).toEqual({ 'eu-west-1': { reached: true, waiting: 0, behindMs: 0 } });
  expect(report).toMatchObject({ verdict: { status: 'pass' }, atEnd: { missing: {}, unknown: {} }, splitBrain: [] });
  expect(kept[0]?.length).toBe(report.acknowledged);
  expect(kept[1]).toEqual(kept[0]);
  expect(report.erased).toMatchObject({ proven: true, left: {} });
});

test.each(['takes-over', 'second-writer'] as const)(
  'a split brain is named with its numbers, equal at the end, and erased: %s',
  async (how) => {
    const plant = { kind: 'replication', region: 'eu-west-1', how } as const;
    const { choir, parted, report, kept } = await drilled([plant]);
    const [split] = report.splitBrain;
    const numbers = numbersIn(split?.numbers ?? []);
    expect(split?.regions).toEqual(['eu-west-1', 'us-east-1']);
    expect(numbers.size).toBeGreaterThan(1);
    expect(report.verdict.status).toBe('fail');
    expect(report.verdict.because).toContain(
      `split brain: eu-west-1 and us-east-1 both acknowledged ${shownRanges(split?.numbers ?? [])}`,
    );
    if (how === 'takes-over') expect(decidedWithin(parted, choir.facts, numbers)).toEqual(numbers);
    expect(report.atEnd).toMatchObject({ missing: {}, unknown: {} });
    expect(kept[0]?.length).toBe(report.acknowledged + numbers.size);
    expect(kept[1]).toEqual(kept[0]);
    expect(report.erased).toMatchObject({ proven: true, left: {} });
  },
);
