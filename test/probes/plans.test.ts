import { describe, expect, test } from 'vitest';
import type { Check } from '../../contract/check.ts';
import { silent } from '../../contract/log.ts';
import type { Burst } from '../../contract/wire.ts';
import { burstsOf, plansOfBurst } from '../../probes/bursts.ts';
import { type PlanRunner, planRunner } from '../../probes/plans.ts';
import { qualityWatch } from '../../probes/quality.ts';
import type { Planned, Unnumbered } from '../../probes/record.ts';
import { type FakeClock, fakeClock } from '../fakes/clock.ts';
import { dnsCheck, httpCheck, probing } from '../fakes/probing.ts';

/** A check that fails at once, with no socket in it. */
function quick(id: string, everyMs = 1_000): Check<'dns'> {
  return dnsCheck({ host: '127.0.0.1', port: 9 }, { id, everyMs, hostname: 'not a name' });
}
function ordinary(check: Check): Planned {
  return { check, everyMs: check.everyMs, client: 'fresh', burst: null };
}

function running(): { clock: FakeClock; runner: PlanRunner; results: Unnumbered[]; attended: boolean[] } {
  const clock = fakeClock();
  const attended: boolean[] = [];
  const results: Unnumbered[] = [];
  const runner = planRunner({
    clock,
    vantage: 'us-east-1',
    context: probing(clock),
    quality: { ...qualityWatch(clock, silent), attend: (isNeeded) => attended.push(isNeeded) },
    onResult: (result) => results.push(result),
  });
  return { clock, runner, results, attended };
}
const roundsOf = (results: readonly Unnumbered[], check: string): number[] =>
  results.filter((result) => result.check === check).map(({ round }) => round);

describe('what is planned runs', () => {
  test('a check that stays loses no round when others come and go', async () => {
    const { clock, runner, results } = running();
    runner.reconcile('assignment', [ordinary(quick('a'))]);
    for (let turn = 0; turn < 10; turn += 1) {
      await clock.advance(470);
      runner.reconcile('assignment', [ordinary(quick('a')), ordinary(quick(`b${turn}`))]);
    }
    const rounds = roundsOf(results, 'a');
    expect(rounds.length).toBeGreaterThanOrEqual(4);
    expect(rounds).toEqual(rounds.map((_round, index) => (rounds[0] ?? 0) + index));
  });

  test('checks that go together are made at the same instants, others each at its own', async () => {
    const { clock, runner, results } = running();
    const together = ['a', 'b', 'c'].map((id) => ordinary({ ...quick(id), together: 'all' }));
    runner.reconcile('assignment', [...together, ordinary(quick('alone'))]);
    await clock.advance(3_000);
    const startsOf = (id: string) => results.filter(({ check }) => check === id).map(({ startMs }) => startMs);
    expect(startsOf('a')).toHaveLength(3);
    expect(startsOf('b')).toEqual(startsOf('a'));
    expect(startsOf('c')).toEqual(startsOf('a'));
    expect(startsOf('alone')).not.toEqual(startsOf('a'));
  });

  test('stalls are looked out for from the first of the attempts that run to the last', async () => {
    const { clock, runner, attended } = running();
    runner.reconcile(
      'assignment',
      ['a', 'b'].map((id) => ordinary({ ...quick(id), together: 'all' })),
    );
    await clock.advance(3_000);
    expect(attended).toEqual([true, false, true, false, true, false]);
  });

  test('a check that changes goes on in the same rounds', async () => {
    const { clock, runner, results } = running();
    runner.reconcile('assignment', [ordinary(quick('a'))]);
    await clock.advance(3_000);
    runner.reconcile('assignment', [ordinary({ ...quick('a'), timeoutMs: 7 })]);
    await clock.advance(3_000);
    const rounds = roundsOf(results, 'a');
    expect(rounds).toEqual(rounds.map((_round, index) => (rounds[0] ?? 0) + index));
    expect(rounds.length).toBe(6);
  });

  test('nothing older than it says will follow', async () => {
    const { clock, runner, results } = running();
    runner.reconcile('assignment', [ordinary(quick('a', 70)), ordinary(quick('b', 110))]);
    for (let turn = 0; turn < 50; turn += 1) {
      const throughMs = runner.throughMs();
      const before = results.length;
      await clock.advance(33);
      for (const result of results.slice(before)) expect(result.startMs).toBeGreaterThanOrEqual(throughMs);
    }
  });

  test('after a stop nothing begins', async () => {
    const { clock, runner, results } = running();
    runner.reconcile('assignment', [ordinary(quick('a'))]);
    await runner.stop(0);
    await clock.advance(5_000);
    expect(results).toEqual([]);
  });
});

describe('a burst', () => {
  function burst(more: Partial<Burst> = {}): Burst {
    return {
      type: 'burst',
      id: 'b1',
      checks: [quick('a')],
      everyMs: 100,
      untilMs: 0,
      forMs: 0,
      pooled: false,
      ...more,
    };
  }
  function asked() {
    const { clock, runner, results } = running();
    const bursts = burstsOf(clock, runner, silent, (asking) => plansOfBurst(asking, () => true));
    return { clock, results, ask: (what: Burst, forMs: number) => bursts.ask(what, clock.nowMs() + forMs), bursts };
  }

  test('runs under its id until its end, and no longer', async () => {
    const { clock, results, ask, bursts } = asked();
    ask(burst(), 1_000);
    await clock.advance(5_000);
    expect(results.length).toBe(10);
    expect(results.every((result) => result.burst === 'b1')).toBe(true);
    expect(bursts.running).toBe(0);
  });

  test('asked for again under its id goes on until the new end, without a gap', async () => {
    const { clock, results, ask } = asked();
    ask(burst(), 500);
    await clock.advance(250);
    ask(burst(), 750);
    await clock.advance(5_000);
    const rounds = results.map(({ round }) => round);
    expect(rounds).toEqual(Array.from({ length: 10 }, (_, index) => (rounds[0] ?? 0) + index));
  });

  test('asked for with an end in the past is over', async () => {
    const { clock, results, ask } = asked();
    ask(burst(), 10_000);
    await clock.advance(300);
    ask(burst(), -1);
    await clock.advance(1_000);
    expect(results.length).toBe(3);
  });

  test('is pooled only where there is a connection to keep', () => {
    const http = httpCheck('http://shop.test/', { id: 'h' });
    const plans = plansOfBurst(burst({ checks: [quick('a'), http], pooled: true, everyMs: 1 }), () => true);
    expect(plans.map(({ check, client }) => `${check.id} ${client}`)).toEqual(['a fresh', 'h fresh', 'h pooled']);
    expect(plans.every(({ everyMs }) => everyMs === 100)).toBe(true);
  });
});
