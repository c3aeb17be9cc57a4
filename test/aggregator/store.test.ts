import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { BlockRow, ResultsQuery } from '../../aggregator/store/rows.ts';
import { openStore } from '../../aggregator/store/store.ts';
import type { ResultsAnswer } from '../../contract/api.ts';
import { encode } from '../../contract/wire.ts';
import { atEnd, result, stateDir } from './harness.ts';

const all: ResultsQuery = { check: null, burst: null, sinceMs: null, beforeId: null, limit: 100 };

async function opened(file = join(stateDir(), 'aggregator.sqlite')) {
  const store = await openStore(file);
  atEnd(() => store.close());
  return { store, file };
}

function block(firstId: number, over: Partial<BlockRow> = {}): BlockRow {
  const results = [result(firstId), result(firstId + 1)];
  return {
    firstId,
    count: 2,
    skip: 0,
    agent: 'a1',
    boot: 'b1',
    vantage: 'us',
    clock: null,
    alignByMs: 0,
    fromMs: results[0]?.startMs ?? 0,
    toMs: results[1]?.startMs ?? 0,
    names: '\nhome\n',
    bursts: '',
    frame: encode({ type: 'results', boot: 'b1', fromSeq: firstId, results }),
    ...over,
  };
}

const sequence = { agent: 'a1', boot: 'b1', vantage: 'us', through: 2, alignByMs: 0, clock: null };

test('what was committed is there after opening again', async () => {
  const { store, file } = await opened();
  await store.commit({ sequences: [sequence], blocks: [block(1)], gaps: [] });
  await store.close();
  const { store: again } = await opened(file);
  expect(again.loaded.sequences).toEqual([sequence]);
  expect(again.loaded.unfolded.map(({ firstId, count }) => [firstId, count])).toEqual([[1, 2]]);
  expect(again.loaded.nextId).toBe(3);
  const answer = JSON.parse(await again.results(all)) as ResultsAnswer;
  expect(answer.results.map(({ id, seq }) => [id, seq])).toEqual([
    [2, 2],
    [1, 1],
  ]);
});

test('a transaction that fails leaves nothing of itself', async () => {
  const { store, file } = await opened();
  await store.commit({ sequences: [sequence], blocks: [block(1)], gaps: [] });
  const twice = { sequences: [{ ...sequence, through: 9 }], blocks: [block(3), block(3)], gaps: [] };
  await expect(store.commit(twice)).rejects.toThrow(/UNIQUE/);
  await store.close();
  const { store: again } = await opened(file);
  expect(again.loaded.sequences[0]?.through).toBe(2);
  expect(again.loaded.nextId).toBe(3);
});

test('results are found by check, burst, time and page', async () => {
  const { store } = await opened();
  const burst = [result(5, { check: 'client', burst: 'd1', startMs: 5_000 })];
  const frame = encode({ type: 'results', boot: 'b1', fromSeq: 5, results: burst });
  await store.commit({ sequences: [], blocks: [block(1), block(3)], gaps: [] });
  await store.commit({
    sequences: [],
    blocks: [block(5, { count: 1, names: '\nclient\n', bursts: '\nd1\n', frame, fromMs: 5_000, toMs: 5_000 })],
    gaps: [],
  });
  const ids = async (query: Partial<ResultsQuery>) => {
    const answer = JSON.parse(await store.results({ ...all, ...query })) as ResultsAnswer;
    return { ids: answer.results.map(({ id }) => id), next: answer.next };
  };
  expect(await ids({ check: 'client' })).toEqual({ ids: [5], next: null });
  expect(await ids({ burst: 'd1' })).toEqual({ ids: [5], next: null });
  expect(await ids({ burst: 'd2' })).toEqual({ ids: [], next: null });
  expect(await ids({ sinceMs: 6_000 })).toEqual({ ids: [4, 3, 2, 1], next: null });
  expect(await ids({ limit: 2 })).toEqual({ ids: [5, 4], next: 4 });
  expect(await ids({ limit: 2, beforeId: 4 })).toEqual({ ids: [3, 2], next: 2 });
  expect(await ids({ limit: 2, beforeId: 2 })).toEqual({ ids: [1], next: null });
});

test('the log is pruned from its oldest end, but not what no slice has yet, and not what a drill made', async () => {
  const { store } = await opened();
  for (const firstId of [1, 3, 5, 7]) {
    await store.commit({
      sequences: [],
      blocks: [block(firstId, { fromMs: firstId * 1_000, toMs: firstId * 1_000 })],
      gaps: [],
    });
  }
  await store.saveDrill('d1', 2_500, 3_500, '{}', null);
  expect(await store.prune(1)).toBe(0);
  await store.fold({ throughId: 6, changed: [], removed: [], agents: [] });
  expect(await store.prune(1)).toBe(2);
  const answer = JSON.parse(await store.results(all)) as ResultsAnswer;
  expect(answer.results.map(({ id }) => id)).toEqual([8, 7, 4, 3]);
});

test('a file that is no database is refused in one sentence', async () => {
  const file = join(stateDir(), 'aggregator.sqlite');
  writeFileSync(file, 'not a database at all, but long enough to look like something '.repeat(20));
  await expect(openStore(file)).rejects.toThrow(/aggregator\.sqlite: not a database that can be used/);
});

test('a database of another program is refused in one sentence', async () => {
  const file = join(stateDir(), 'aggregator.sqlite');
  const other = new DatabaseSync(file);
  other.exec('CREATE TABLE theirs (a)');
  other.close();
  await expect(openStore(file)).rejects.toThrow(/a database of some other program/);
});

test('a state made by another release is refused in one sentence', async () => {
  const { store, file } = await opened();
  await store.close();
  const other = new DatabaseSync(file);
  other.exec('PRAGMA user_version = 99');
  other.close();
  await expect(openStore(file)).rejects.toThrow(/got schema version 99, want 1/);
});

test('two aggregators cannot share a state directory', async () => {
  const { file } = await opened();
  await expect(openStore(file)).rejects.toThrow(/another aggregator is using this state directory/);
});
