/**
 * A hundred runs, each with kill -9 at moments of its own, and exact counts after each: the agents' own ledgers against
 * the aggregator's results, watermarks, gap records and slices. `BLACKSTART_SEED` and `BLACKSTART_RUNS` repeat one.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRandom } from '../../../contract/random.ts';
import { differences } from './compare.ts';
import { type Ground, ground } from './programs.ts';
import { killedRun } from './run.ts';

const seed = Number(process.env['BLACKSTART_SEED'] ?? 20_261_122);
const runs = Number(process.env['BLACKSTART_RUNS'] ?? 100);
/** Most of a run is waiting; more at once would only wait for the processor. */
const lanes = 4;

/** A minute and a half on two free cores; a machine that is busy with other things takes many times that. */
const longestMs = 1_800_000;

let on: Ground;
let failed = true;
beforeAll(async () => {
  on = await ground();
});
afterAll(() => on.close(failed));

test(`after kill -9 at random moments, in ${runs} runs, every result of every ledger is counted exactly once`, {
  timeout: longestMs,
}, async () => {
  const wrong: string[] = [];
  const sums = { kills: 0, boots: 0, lines: 0, gaps: 0, good: 0, bad: 0, missing: 0 };
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let number = next++; number < runs && wrong.length === 0; number = next++) {
      const remains = await killedRun(on, number, seededRandom(seed + number));
      for (const difference of await differences(remains)) wrong.push(`run ${number}: ${difference}`);
      sums.kills += remains.kills;
      sums.boots += remains.kept.through.length;
      sums.lines += remains.ledger.length;
      sums.gaps += remains.kept.gaps.length;
      for (const { outcome } of remains.ledger) sums[outcome] += 1;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  process.stdout.write(`seed ${seed}, ${runs} runs: ${JSON.stringify(sums)}\n`);
  expect(wrong).toEqual([]);
  for (const outcome of ['good', 'bad', 'missing'] as const) expect(sums[outcome], outcome).toBeGreaterThan(runs);
  failed = false;
});
