/** A short soak; `npm run soak` is the long one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { StoredResult } from '../../../contract/api.ts';
import type { Kept } from '../../lab/fleet-under-fire.ts';
import { atEnd } from '../at-end.ts';
import { audit, type LedgerLine } from './accounts.ts';
import { soak } from './soak.ts';
import { soakWorld } from './world.ts';

const seed = 20_261_122;

test('whatever is killed, cut off or filled, every numbered result is counted once or named in a gap', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-soak-'));
  atEnd(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  const world = await soakWorld(dir, 3);
  atEnd(() => world.close());
  if (world.disks === null) process.stdout.write('no file system can be mounted here: full disks are left out\n');
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const { wrong, rows, disturbed } = await soak(world, { forMs: 35_000, seed, say });
  say(`seed ${seed}: ${JSON.stringify(disturbed)} ${JSON.stringify(rows)}`);
  expect(wrong).toEqual([]);
  expect(rows.map(({ agent }) => agent)).toEqual(['agent-1', 'agent-2', 'agent-3']);
  for (const { counted, boots } of rows) expect([counted > 100, boots >= 1]).toEqual([true, true]);
  expect(disturbed.killedAgents).toBeGreaterThan(0);
  expect(disturbed.killedAggregator).toBeGreaterThan(0);
  expect(disturbed.stalled + disturbed.cut + disturbed.refused).toBeGreaterThan(0);
});

const line = (seq: number, more: Partial<LedgerLine> = {}): LedgerLine => ({
  agent: 'a',
  boot: 'b',
  seq,
  check: 'home',
  outcome: 'good',
  ...more,
});
const result = (seq: number, more: object = {}): StoredResult =>
  ({ id: seq, agent: 'a', boot: 'b', seq, checkId: 'home', outcome: 'good', ...more }) as unknown as StoredResult;
const kept = (results: number, through: number, gap?: readonly [number, number]): Kept => ({
  lastId: results,
  results,
  through: [{ agent: 'a', boot: 'b', through }],
  gaps: gap === undefined ? [] : [{ agent: 'a', boot: 'b', fromSeq: gap[0], toSeq: gap[1] }],
});

test.each<[string, readonly LedgerLine[], readonly StoredResult[], Kept]>([
  ['neither counted nor named', [line(1), line(2)], [result(1)], kept(1, 2)],
  ['counted and named', [line(1), line(2)], [result(1), result(2)], kept(2, 2, [2, 2])],
  ['counted twice', [line(1)], [result(1), result(1, { id: 2 })], kept(2, 1)],
  ['stand twice in a ledger', [line(1), line(1)], [result(1)], kept(1, 1)],
  ['that no agent numbered', [line(1)], [result(1), result(2)], kept(2, 1)],
  ['as something else', [line(1)], [result(1, { outcome: 'bad' })], kept(1, 1)],
  ['numbers that nobody gave', [line(1)], [result(1)], kept(1, 1, [2, 3])],
  ['not through to their last number', [line(1), line(2)], [result(1), result(2)], kept(2, 1)],
  ['the database has 3', [line(1)], [result(1)], kept(3, 1)],
])('the audit sees what is %s', (what, ledger, results, store) => {
  expect(audit(ledger, results, store).wrong.join()).toContain(what);
});

test('the audit finds nothing where there is nothing', () => {
  const gone = [line(1), line(2), line(3)];
  const { wrong, rows } = audit(gone, [result(3)], kept(1, 3, [1, 2]));
  expect(wrong).toEqual([]);
  expect(rows).toEqual([{ agent: 'a', boots: 1, numbered: 3, counted: 1, named: 2 }]);
});
