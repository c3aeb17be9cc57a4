import { expect, test } from 'vitest';
import { type Look, watch } from '../../lab/checkers/checker.ts';
import { answered } from '../../lab/checkers/status.ts';
import type { CheckerReport } from '../../zone/records.ts';
import { fakeClock } from '../fakes/clock.ts';
import { checkOf } from './check.ts';

const station = { region: 'us-east-1', address: '127.15.0.1' };

function start(change: Partial<ReturnType<typeof checkOf>> = {}) {
  const clock = fakeClock();
  const looks: number[] = [];
  const reports: CheckerReport[] = [];
  const shown = { code: 200, tookMs: 0 };
  const look: Look = (_check, _station, signal) => {
    looks.push(clock.nowMs());
    return new Promise((resolve) => {
      clock.after(shown.tookMs, () => resolve(answered(signal.aborted ? 500 : shown.code, '127.1.0.1')));
    });
  };
  const one = watch({ check: checkOf(change), station, look }, { clock, random: () => 0.5 }, (report) =>
    reports.push(report),
  );
  const startMs = clock.nowMs();
  return { clock, shown, reports, one, looksAtMs: () => looks.map((atMs) => atMs - startMs) };
}

test('a cycle is the interval counted from the answer', async () => {
  const { clock, shown, looksAtMs } = start({ requestIntervalSeconds: 10 });
  shown.tookMs = 4_000;
  await clock.advance(40_000);
  expect(looksAtMs()).toEqual([5_000, 19_000, 33_000]);
});

test('it flips after three opposite results in a row, and its text says what it holds', async () => {
  const { clock, shown, reports } = start({ requestIntervalSeconds: 1 });
  await clock.advance(600);
  shown.code = 503;
  await clock.advance(3_000);
  expect(reports.map(({ healthy }) => healthy)).toEqual([true, true, true, false]);
  expect(reports.map(({ status }) => status.split(':')[0])).toEqual(['Success', 'Success', 'Success', 'Failure']);
  shown.code = 200;
  await clock.advance(2_000);
  expect(reports.at(-1)?.status).toMatch(/^Failure: HTTP Status Code 503/);
  await clock.advance(1_000);
  expect(reports.at(-1)).toMatchObject({ healthy: true, checkedAtMs: clock.nowMs() - 100 });
});

test('the last failure is kept with its own time, also below the threshold', async () => {
  const { clock, shown, one } = start({ requestIntervalSeconds: 1 });
  expect(one.lastFailure()).toBeUndefined();
  shown.code = 503;
  await clock.advance(500);
  shown.code = 200;
  await clock.advance(5_000);
  expect(one.lastFailure()).toMatchObject({ status: expect.stringMatching(/503/), checkedAtMs: clock.nowMs() - 5_000 });
  expect(one.report()?.healthy).toBe(true);
});

test('a stopped one neither looks nor reports any more', async () => {
  const { clock, shown, one, reports, looksAtMs } = start({ requestIntervalSeconds: 1 });
  shown.tookMs = 100;
  await clock.advance(550);
  one.stop();
  await clock.advance(10_000);
  expect(looksAtMs()).toEqual([500]);
  expect(reports).toEqual([]);
  expect(clock.pending).toBe(0);
});
