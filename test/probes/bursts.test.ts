/** A burst of a drill at its densest: every 100 ms from nine vantages to nine regions, on fresh and on kept connections. */
import { expect, test } from 'vitest';
import { silent } from '../../contract/log.ts';
import type { Burst } from '../../contract/wire.ts';
import { burstsOf, plansOfBurst } from '../../probes/bursts.ts';
import { planRunner } from '../../probes/plans.ts';
import { qualityWatch } from '../../probes/quality.ts';
import type { Unnumbered } from '../../probes/record.ts';
import { fakeClock } from '../fakes/clock.ts';
import { httpCheck, probing } from '../fakes/probing.ts';

const nine = Array.from({ length: 9 }, (_, index) => `region-${index + 1}`);

test('no due time is missed, and fresh and pooled stand side by side', async () => {
  const clock = fakeClock();
  const results: (Unnumbered & { readonly vantage: string })[] = [];
  // No socket in it: an attempt that nobody can make ends at once.
  const checks = nine.map((region) => httpCheck('no url', { id: `home/${region}`, region, everyMs: 10_000 }));
  const burst: Burst = { type: 'burst', id: 'b1', checks, everyMs: 100, untilMs: 0, forMs: 0, pooled: true };
  for (const vantage of nine) {
    const quality = qualityWatch(clock, silent);
    const onResult = (result: Unnumbered): unknown => results.push({ ...result, vantage });
    const runner = planRunner({ clock, vantage, context: probing(clock), quality, onResult });
    burstsOf(clock, runner, silent, (asked) => plansOfBurst(asked, () => true)).ask(burst, clock.nowMs() + 10_000);
  }
  await clock.advance(10_000);

  const series = Map.groupBy(results, ({ vantage, check, client }) => `${vantage} ${check} ${client}`);
  expect(series.size).toBe(9 * 9 * 2);
  for (const made of series.values()) {
    const rounds = made.map(({ round }) => round);
    expect(rounds).toEqual(Array.from({ length: 100 }, (_, index) => (rounds[0] ?? 0) + index));
    expect(made.filter(({ missing }) => missing === 'shed')).toEqual([]);
    for (const { quality } of made) expect(quality.lateMs).toBeLessThan(2);
  }
});
