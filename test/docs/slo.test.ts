/** docs/slo.md quotes verdicts: they are those that the code gives. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emptyAccount } from '../../aggregator/slo/account.ts';
import { spendingOf } from '../../aggregator/slo/budget.ts';
import { leastToFire } from '../../aggregator/slo/burn.ts';
import { judge } from '../../aggregator/slo/judge.ts';
import type { Ledger } from '../../aggregator/slo/ledger.ts';
import type { Objective } from '../../contract/objective.ts';
import type { Span } from '../../contract/slo/spans.ts';
import {
  burstBlockMs,
  quantileRanks,
  quantileSamplesNeeded,
  ratioInterval,
  statedEffect,
} from '../../contract/statistics.ts';
import { formatMs } from '../../contract/units.ts';
import { flowing } from './pages.ts';

const page = flowing(readFileSync(join(import.meta.dirname, '../../docs/slo.md'), 'utf8')).replaceAll(' > ', ' ');

const objective: Objective = {
  id: 'up',
  check: 'entry',
  region: null,
  from: 'all',
  indicator: { kind: 'availability', target: 0.999 },
  windowMs: 30 * 86_400_000,
};

test('the verdict that it explains is the one of 22 failures in 43,200 samples', () => {
  const account = { ...emptyAccount(), good: 43_178, bad: 22, missing: 40 };
  const evidence = {
    kind: 'ratio',
    account,
    policy: 'exclude',
    designEffect: 5,
    noun: 'samples',
    missing: 40,
  } as const;
  const { because } = judge(objective, evidence, { atMs: 0, witnesses: { known: 3, healthy: 3 }, final: true });
  expect(page).toContain(because);
});

test('its other numbers are right', () => {
  expect(ratioInterval(1_440, 1_440, 0.05)[0]).toBeCloseTo(0.9974, 4);
  expect(quantileRanks(1_000, 0.99, 0.05)).toEqual([983, 997]);
  expect(quantileRanks(1_440, 0.95, 0.05)).toEqual([1_351, 1_385]);
  expect(quantileSamplesNeeded(0.99, 0.05)).toBe(368);
  expect(ratioInterval(36, 36, 0.05)[0]).toBeGreaterThanOrEqual(0.9);
  expect(ratioInterval(35, 35, 0.05)[0]).toBeLessThan(0.9);
  expect(leastToFire(60, { factor: 14.4 }, 0.999)).toBe(5);
});

describe('the month that it works out', () => {
  const account = { ...emptyAccount(), good: 43_178, bad: 22, missing: 40 };
  const about = { atMs: 0, witnesses: { known: 3, healthy: 3 }, final: true };
  const judged = (designEffect: number) =>
    judge(objective, { kind: 'ratio', account, policy: 'exclude', designEffect, noun: 'samples', missing: 40 }, about);

  test('has the verdict', () => {
    const { status, n, measured, interval, needed, could } = judged(5);
    expect(page).toContain(`| \`measured\` | ${percent(measured ?? 0)} |`);
    expect(page).toContain(`| \`interval\` | ${(interval ?? []).map(percent).join(' to ')} |`);
    expect(page).toContain(`| \`status\` | \`${status}\` |`);
    expect(page).toContain(`| \`needed\` | ${grouped(needed ?? 0)} | ${Math.round((needed ?? 0) / 1_440)} days`);
    expect(page).toContain(`| \`n\` | ${grouped(n)} |`);
    expect(page).toContain(`40: ${percent(could?.worst.measured ?? 0)} to ${percent(could?.best.measured ?? 0)}`);
    expect([could?.worst.status, could?.best.status]).toEqual(['inconclusive', 'inconclusive']);
    const careless = judged(1);
    expect(page).toContain(`it would be ${(careless.interval ?? []).map(percent).join(' to ')}, and a pass`);
    expect(careless.status).toBe('pass');
  });

  test('has the budget and what burns', () => {
    const nowMs = objective.windowMs;
    /** 22 in the month, 6 in the last six hours, 5 in the last hour. */
    const bad = (ms: number): number => (ms === nowMs ? 22 : ms <= 3_600_000 ? 5 : 6);
    const lines = ({ fromMs, toMs }: Span) => {
      const n = (toMs - fromMs) / 60_000;
      const failed = Math.min(n, bad(toMs - fromMs));
      const own = toMs - fromMs === nowMs ? account : { ...emptyAccount(), good: n - failed, bad: failed };
      return { own, drills: emptyAccount(), excluded: emptyAccount(), cut: 0 };
    };
    const ledger = { lines, spanMs: ({ fromMs, toMs }: Span) => toMs - fromMs } as unknown as Ledger;
    const spending = spendingOf(objective, ledger, { fromMs: 0, toMs: nowMs }, nowMs);
    if (spending === null) throw new Error('no budget');
    const { allowedMs, spent, left, exhaustedIn, burns } = spending;
    expect(page).toContain(`| \`allowedMs\` | ${formatMs(allowedMs)} |`);
    expect(page).toContain(`| ${(spent * 100).toFixed(1)} %, ${(left * 100).toFixed(1)} % |`);
    const hours = (ms: number | null): string => `${((ms ?? 0) / 3_600_000).toFixed(1)} h`;
    const [soonest, latest] = exhaustedIn.betweenMs;
    expect(page).toContain(`${hours(exhaustedIn.atThisRateMs)}, between ${hours(soonest)} and ${hours(latest)}`);
    expect(page).toContain(`5 of 60 burn ${Math.round(burns[0]?.long ?? 0)} times`);
    expect(burns.slice(0, 2).map(({ state }) => state)).toEqual(['firing', 'quiet']);
    expect(page).toContain(`a chance of ${((burns[0]?.chance ?? 0) * 100).toFixed(2)} %`);
    expect(page).toContain(`have one of ${((burns[1]?.chance ?? 0) * 100).toFixed(1)} %, over 1 %`);
    const [lower = 0, upper = 0] = judged(5).interval ?? [];
    expect(page).toContain(
      `${Math.round((1 - upper) * 1_000 * 100)} % to ${Math.round((1 - lower) * 1_000 * 100)} % of the budget`,
    );
  });
});

test('bursts at an uneven rate, as it works them out', () => {
  const [minutely, busy] = [4_320 * 5 ** 2, 4_320 * 30 ** 2];
  const n = 4_320 * 5 + 4_320 * 30;
  const effect = statedEffect(minutely + busy, n, 300_000);
  expect(page).toContain(`| every minute | 4,320 | 5 | 21,600 | ${grouped(minutely)} |`);
  expect(page).toContain(`| all | 8,640 | | ${grouped(n)} | ${grouped(minutely + busy)} |`);
  expect(page).toContain(
    `${effect.toFixed(1)} count as one, and the window is worth ${grouped(Math.round(n / effect))} samples`,
  );
  expect(page).toContain(`at the mean rate it would be ${(n / 8_640).toFixed(1)}`);
  expect(page).toContain('7 minutes count as 10, 31 as 60');
  expect([7, 31].map((minutes) => burstBlockMs(minutes * 60_000) / 60_000)).toEqual([10, 60]);
});

test('the other indicators that it works out', () => {
  expect(page).toContain('the 1,368th of them, and its interval goes from the 1,351st to the 1,385th');
  expect(Math.ceil(0.95 * 1_440)).toBe(1_368);
  expect(quantileRanks(1_440, 0.95, 0.05)).toEqual([1_351, 1_385]);
  expect(page).toContain(`98.61 %, interval ${ratioInterval(1_420, 1_440, 0.05).map(percent).join(' to ')}`);
  expect(Math.floor(8_640 * 0.005)).toBe(43);
  expect(formatMs(0.005 * 30 * 86_400_000)).toBe('3.6 h');
  expect(Math.floor(8_640 * 0.01)).toBe(86);
  expect(formatMs(0.01 * 86_400_000)).toBe('14.4 min');
  expect(ratioInterval(3_688, 3_688, 0.05)[0]).toBeGreaterThanOrEqual(0.999);
  expect(ratioInterval(3_686, 3_686, 0.05)[0]).toBeLessThan(0.999);
  const table: Record<string, unknown[]> = JSON.parse(
    readFileSync(join(import.meta.dirname, '../contract/statistics/table.json'), 'utf8'),
  );
  const rows = Object.values(table).reduce((sum, part) => sum + part.length, 0);
  expect(page).toContain(`a table of ${grouped(rows)} rows`);
});

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(2)} %`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
