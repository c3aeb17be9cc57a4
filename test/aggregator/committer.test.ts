import { expect, test } from 'vitest';
import { type Committed, committer } from '../../aggregator/ingest/committer.ts';
import { sequences } from '../../aggregator/ingest/sequences.ts';
import type { Commit } from '../../aggregator/store/rows.ts';
import { silent } from '../../contract/log.ts';
import { fakeClock } from '../fakes/clock.ts';
import { result } from './harness.ts';

function fixture(commit: (rows: Commit) => Promise<void>) {
  const clock = fakeClock();
  const done: Committed[] = [];
  let failures = 0;
  const commits = committer({
    clock,
    log: silent,
    nextId: 1,
    commit,
    nameOf: (id) => id,
    onCommitted: (batch) => done.push(...batch),
    onFailed: () => {
      failures += 1;
    },
  });
  const counted = sequences([]);
  const take = (fromSeq: number, toSeq: number) => {
    const results = Array.from({ length: toSeq - fromSeq + 1 }, (_, index) => result(fromSeq + index));
    const from = { agent: 'a1', vantage: 'us', boot: 'b1', clock: null, nowMs: clock.nowMs() };
    return counted.take(from, { type: 'results', boot: 'b1', fromSeq, results }, 'text').portions;
  };
  return { clock, commits, counted, done, take, failures: () => failures };
}

test('what arrives while a transaction is written goes into the next one', async () => {
  const batches: Commit[] = [];
  const { commits, take, done } = fixture((rows) => {
    batches.push(rows);
    return Promise.resolve();
  });
  commits.push(take(1, 2));
  commits.push(take(3, 3));
  commits.push(take(4, 4));
  await commits.flush();
  expect(batches.map(({ blocks }) => blocks.map(({ firstId, count }) => [firstId, count]))).toEqual([
    [[1, 2]],
    [
      [3, 1],
      [4, 1],
    ],
  ]);
  expect(batches.at(-1)?.sequences).toMatchObject([{ through: 4 }]);
  expect(done.map(({ firstId }) => firstId)).toEqual([1, 3, 4]);
  expect(commits.waiting).toBe(0);
});

test('a disk that is full acknowledges nothing, and the same results are tried again until it takes them', async () => {
  let full = true;
  const tried: number[] = [];
  const { clock, commits, counted, take, done, failures } = fixture((rows) => {
    tried.push(rows.blocks[0]?.firstId ?? 0);
    return full ? Promise.reject(new Error('database or disk is full')) : Promise.resolve();
  });
  commits.push(take(1, 2));
  await clock.advance(2_500);
  expect(done).toEqual([]);
  expect(counted.committed('a1', 'b1')).toBe(0);
  expect(failures()).toBe(3);
  full = false;
  await clock.advance(1_000);
  await commits.flush();
  expect(counted.committed('a1', 'b1')).toBe(2);
  expect(new Set(tried)).toEqual(new Set([1]));
  expect(done).toHaveLength(1);
});

test('when it stops while the disk fails it does not wait for ever, and nothing is called counted', async () => {
  const { commits, counted, take } = fixture(() => Promise.reject(new Error('disk I/O error')));
  commits.push(take(1, 1));
  commits.stop();
  await expect(commits.flush()).rejects.toThrow('disk I/O error');
  expect(counted.committed('a1', 'b1')).toBe(0);
});

test('frames of an older boot are counted in their own sequence', () => {
  const counted = sequences([]);
  const from = { agent: 'a1', vantage: 'us', boot: 'new', clock: null, nowMs: 0 };
  const frame = (boot: string, seq: number) => ({
    type: 'results' as const,
    boot,
    fromSeq: seq,
    results: [result(seq)],
  });
  expect(counted.take(from, frame('new', 1), '').fate).toBe('taken');
  expect(counted.take(from, frame('old', 1), '').fate).toBe('taken');
  expect(counted.take(from, frame('old', 1), '').fate).toBe('known');
});
