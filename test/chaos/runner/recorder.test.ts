import { expect, test } from 'vitest';
import type { Evidence } from '../../../chaos/evidence.ts';
import type { Journal } from '../../../chaos/journal.ts';
import { recorder } from '../../../chaos/runner/recorder.ts';
import type { StoredResult } from '../../../contract/api.ts';
import { exactly } from '../../../contract/bounds.ts';
import { fakeClock } from '../../fakes/clock.ts';
import { attempts } from '../../fakes/drill-facts.ts';

/** A disk that takes what `accepts` lets it take, when `release` is called. */
function slowDisk() {
  const lines: StoredResult[] = [];
  const waiting: (() => void)[] = [];
  const disk = { isFull: false };
  const evidence: Pick<Evidence, 'results' | 'observations'> = {
    async results(results) {
      await new Promise<void>((resolve) => waiting.push(resolve));
      if (disk.isFull) throw new Error('ENOSPC');
      lines.push(...results);
    },
    observations: async () => undefined,
  };
  return { lines, disk, evidence: evidence as Evidence, release: () => waiting.shift()?.() };
}

function recording(evidence: Evidence) {
  const journal: Journal = { append: async () => undefined, close: async () => undefined };
  const start = {
    id: 'd1',
    name: 'd',
    scenario: 's',
    fault: 'f',
    region: 'us-east-1',
    expect: [],
    burstEveryMs: 100,
    overrides: {},
    offset: exactly(0),
    prediction: {},
  };
  return recorder(start, journal, evidence, { clock: fakeClock(), progress: () => undefined });
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('results that a full disk did not take are written when it has room again, each once', async () => {
  const { lines, disk, evidence, release } = slowDisk();
  const notes = recording(evidence);
  const seen = attempts(0, 'RRR');
  for (const result of seen.slice(0, 2)) notes.result(result);
  disk.isFull = true;
  const refused = notes.flush();
  await turn();
  release();
  await expect(refused).rejects.toThrow('ENOSPC');
  disk.isFull = false;
  for (const result of seen.slice(2)) notes.result(result);
  const taken = notes.flush();
  await turn();
  release();
  await taken;
  expect(lines).toEqual(seen);
});

test('a flush waits for the one before: behind the last one nothing is written any more', async () => {
  const { lines, evidence, release } = slowDisk();
  const notes = recording(evidence);
  const seen = attempts(0, 'RRR');
  for (const result of seen) notes.result(result);
  void notes.flush();
  const last = notes.flush();
  let isOver = false;
  void last.then(() => {
    isOver = true;
  });
  await turn();
  expect(isOver).toBe(false);
  release();
  await turn();
  release();
  await last;
  expect(lines).toEqual(seen);
});

test('a disk that refuses three times in a row is trouble, and one that refuses twice and then takes is none', async () => {
  const { disk, evidence, release } = slowDisk();
  const notes = recording(evidence);
  const flush = async (isFull: boolean): Promise<string | null> => {
    disk.isFull = isFull;
    const flushed = notes.flush().catch(() => undefined);
    await turn();
    release();
    await flushed;
    return notes.journalTrouble();
  };
  for (const result of attempts(0, 'RRR')) notes.result(result);
  for (const isFull of [true, true, false, true, true]) expect(await flush(isFull)).toBeNull();
  expect(await flush(true)).toBe('the evidence cannot be written: ENOSPC');
});
