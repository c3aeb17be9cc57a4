/** What one agent may make the aggregator hold. */
import { expect, test } from 'vitest';
import { complaints } from '../../aggregator/complaints.ts';
import { committer } from '../../aggregator/ingest/committer.ts';
import { sequences } from '../../aggregator/ingest/sequences.ts';
import { sliceTable } from '../../aggregator/slices/table.ts';
import { openStore } from '../../aggregator/store/store.ts';
import { silent } from '../../contract/log.ts';
import type { ResultsFrame } from '../../contract/wire.ts';
import { fakeClock } from '../fakes/clock.ts';
import { aggregator, atEnd, result, sendResults, stateDir, welcomed } from './harness.ts';

const from = { agent: 'a1', vantage: 'us', boot: 'b9999', clock: null, nowMs: 0 };
const frame = (boot: string, fromSeq: number): ResultsFrame => ({
  type: 'results',
  boot,
  fromSeq,
  results: [result(fromSeq)],
});

test('the thousand-and-first start of an agent is taken, in the place of its oldest', () => {
  const rows = Array.from({ length: 1_000 }, (_, index) => ({
    agent: 'a1',
    boot: `b${1_000 + index}`,
    vantage: 'us',
    through: 7,
    alignByMs: 0,
    clock: null,
  }));
  const counted = sequences(rows);
  expect(counted.take(from, frame('b9999', 1), '').fate).toBe('taken');
  expect(counted.committed('a1', 'b1000')).toBe(0);
  expect(counted.committed('a1', 'b1001')).toBe(7);
});

test('frames beyond holes are held up to eight megabytes of an agent, over all its boots', () => {
  const counted = sequences([]);
  const text = ' '.repeat(1_048_576);
  const fates = Array.from({ length: 9 }, (_, boot) => counted.take(from, frame(`b${boot}`, 5), text).fate);
  expect(fates).toEqual([...Array<string>(8).fill('held'), 'full']);
});

test('gaps and large frames that wait for the disk weigh as much as they take', () => {
  const commits = committer({
    clock: fakeClock(),
    log: silent,
    nextId: 1,
    commit: () => new Promise(() => undefined),
    nameOf: (id) => id,
    onCommitted: () => undefined,
    onFailed: () => undefined,
  });
  const counted = sequences([]);
  for (let seq = 1; seq <= 100; seq += 1) {
    commits.push(
      counted.take(from, { type: 'gap', boot: 'b9999', fromSeq: seq, toSeq: seq, reason: 'shed' }, '').portions,
    );
  }
  expect(commits.waiting).toBe(100);
  commits.push(counted.take(from, frame('b9999', 101), ' '.repeat(1_048_576)).portions);
  expect(commits.waiting).toBe(100 + 1_024);
});

test('a slice tells 64 regions apart, and counts what is beyond as one', () => {
  const slices = sliceTable({ retentionMs: 86_400_000, maxSamples: 1_000 });
  const key = { checkId: 'home', vantage: 'us', burst: '' };
  for (let region = 0; region < 100; region += 1) {
    slices.add(key, 0, { region: `r${region}`, outcome: 'good', missing: null, durationMs: 1 });
  }
  const regions = slices.of(key)?.tiers[0]?.get(0)?.regions;
  expect([regions?.size, regions?.get('__overflow__')?.good]).toEqual([65, 36]);
});

test('what is excused makes no slice, and is found where it was counted', () => {
  const slices = sliceTable({ retentionMs: 86_400_000, maxSamples: 1_000 });
  const key = { checkId: 'home', vantage: 'us', burst: '' };
  for (let region = 0; region < 100; region += 1) {
    slices.add(key, 0, { region: `r${region}`, outcome: 'bad', missing: null, durationMs: 1 });
  }
  expect(slices.excuse({ ...key, checkId: 'made up' }, 'r1', 0)).toBeNull();
  expect(slices.excuse(key, 'r1', 3_600_000)).toBeNull();
  expect([...slices.series()].flatMap(({ tiers }) => tiers.flatMap((tier) => [...tier.keys()]))).toEqual([0]);
  expect([slices.excuse(key, 'r1', 0), slices.excuse(key, 'r1', 0)]).toEqual(['r1', null]);
  expect(slices.excuse(key, 'r99', 0)).toBe('__overflow__');
  expect(slices.of(key)?.tiers[0]?.get(0)?.regions.get('__overflow__')).toMatchObject({ bad: 35 });
});

test('who was named often long ago leaves room for others', async () => {
  const clock = fakeClock();
  const said: string[] = [];
  const complain = complaints(clock, (_facts, message) => said.push(message));
  for (let who = 0; who < 100; who += 1) for (const message of ['once', 'again']) complain(`${who}`, '', {}, message);
  await clock.advance(60_000);
  for (const who of ['new', 'newer', 'newest']) complain(who, '', {}, who);
  expect(said.slice(100)).toEqual(['new', 'newer', 'newest']);
});

test('a thing is said once a minute, with how often it came since', async () => {
  const clock = fakeClock();
  const said: object[] = [];
  const complain = complaints(clock, (facts) => said.push(facts));
  for (let time = 0; time < 50; time += 1) complain('a1', '4400', { time }, 'closed');
  complain('a2', '4400', { time: 0 }, 'closed');
  await clock.advance(60_000);
  complain('a1', '4400', { time: 50 }, 'closed');
  expect(said).toEqual([{ time: 0 }, { time: 0 }, { time: 50, again: 49 }]);
  for (let who = 0; who < 1_000; who += 1) complain(`stranger ${who}`, '4400', {}, 'closed');
  expect(said.length).toBeLessThan(110);
});

test('boots, gaps and drills that never end do not keep the disk', async () => {
  const store = await openStore(`${stateDir()}/aggregator.sqlite`);
  atEnd(() => store.close());
  const sequence = { agent: 'a1', vantage: 'us', through: 1, alignByMs: 0, clock: null };
  const many = Array.from({ length: 1_100 }, (_, index) => ({ ...sequence, boot: `b${10_000 + index}` }));
  const text = 'grün';
  const block = {
    ...{ count: 1, skip: 0, agent: 'a1', boot: 'b', vantage: 'us', clock: null, alignByMs: 0 },
    names: '',
    bursts: '',
  };
  const dayMs = 86_400_000;
  const blocks = [dayMs, 3 * dayMs].map((atMs, index) => ({
    ...block,
    firstId: index + 1,
    fromMs: atMs,
    toMs: atMs,
    frame: text,
  }));
  await store.commit({ sequences: many, blocks, gaps: [] });
  await store.saveDrill('died', dayMs - 1, null, '{}', null);
  await store.fold({ throughId: 2, changed: [], removed: [], agents: [] });
  // 10 bytes in UTF-8: within the bound nothing goes, and beyond it only what is no drill's.
  expect(await store.prune(10)).toBe(0);
  expect(await store.prune(1)).toBe(1);
});

test('a clock of the year 2090 cannot stop the others: what it says is stored, or its connection ends', async () => {
  const { url } = await aggregator();
  const ahead = await welcomed(url, { agent: 'ahead', vantage: 'ahead', boot: 'b2', aheadMs: 2_000_000_000_000 });
  await sendResults(ahead, [result(1)]);
  ahead.send({ type: 'mark', boot: 'b2', seq: 1, roundsThroughMs: 4_000_000_000_000 });
  const well = await welcomed(url);
  await sendResults(well, [result(1), result(2)]);
});
