import { expect, test } from 'vitest';
import { reportOf } from '../../chaos/judge.ts';
import { waterfall } from '../../chaos/waterfall.ts';
import { exactly } from '../../contract/bounds.ts';
import type { DrillReport } from '../../contract/drill.ts';
import { attempts, facts, heir, originMs } from '../fakes/drill-facts.ts';

const kept = { client: 'pooled' as const, details: { connection: 1, connectedAtMs: originMs - 900 } };
const server = (name: string) => ({ check: 'authority' as const, details: { server: name } });

function report(): DrillReport {
  const results = [
    ...attempts(-500, 'RRRRR'),
    ...attempts(0, 'RRRR.......XXXXXXX..XXXXXXXXXX'),
    ...attempts(3_000, 'XXXX.RRRRRR'),
    ...attempts(-500, `RRRRRRRRR${'.'.repeat(20)}`, kept),
    ...attempts(-500, 'RRRRRRRRRRRRRXXXXXXXXXX', server('127.0.0.53:53')),
    ...attempts(-500, 'RRRRRRRRRRRRXXXXXXXXXXX', server('127.0.0.54:53')),
    ...attempts(-500, 'RRRRRRRRRRRRRRRXXXXXXXX', { check: 'resolver' }),
    ...attempts(-500, 'XXXXX', { vantage: 'there' }),
    ...attempts(0, 'XXXXXXX', { vantage: 'there' }),
  ];
  const read = (atMs: number, ready: number) => ({
    sentMs: originMs + atMs,
    receivedMs: originMs + atMs + 20,
    ready,
    replicas: 10,
  });
  return reportOf(
    facts(results, {
      expect: [{ entry: 'api', servedBy: [heir], withinMs: 2_000, failbackMs: 2_000, residency: null }],
      restoreCalled: exactly(originMs + 3_000),
      endpoints: [read(-50, 10), read(60, 3), read(160, 0), read(3_100, 0), read(3_300, 10)],
      prediction: {
        drain: { p5: 20, p50: 100, p95: 180 },
        'last-served': { p5: 200, p50: 350, p95: 500 },
        authority: { p5: 600, p50: 750, p95: 900 },
        resolver: { p5: 700, p50: 1_000, p95: 1_400 },
        'first-good': { p5: 750, p50: 1_050, p95: 1_450 },
      },
    }),
  );
}

test.each([80, 100, 120])('at %i columns no line is longer, and every stage has its bar', (width) => {
  const text = waterfall(report(), { width, colour: false });
  for (const line of text.split('\n')) expect([...line].length).toBeLessThanOrEqual(width);
  for (const stage of ['drain', 'last-served', 'authority', 'resolver', 'first-good', 'last-bad']) {
    expect(text).toMatch(new RegExp(`^  ${stage} .*█`, 'm'));
  }
  expect(text).toContain('there fresh: not observed');
});

test('the picture is as it was agreed', async () => {
  await expect(waterfall(report(), { width: 100, colour: false })).toMatchFileSnapshot('../golden/waterfall.txt');
});

test('colour adds nothing but colour', () => {
  const plain = waterfall(report(), { width: 100, colour: false });
  const painted = waterfall(report(), { width: 100, colour: true });
  expect(painted).not.toBe(plain);
  const stripped = painted
    .split('\u001b')
    .map((part, index) => (index === 0 ? part : part.replace(/^\[\d+m/, '')))
    .join('');
  expect(stripped).toBe(plain);
});

test('one entry name can be drawn alone', () => {
  expect(waterfall(report(), { width: 80, colour: false, entry: 'none' })).not.toContain('failover');
});
