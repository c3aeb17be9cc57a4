/** A laptop whose lid is closed for an hour: nothing of it is the fault of what it watches. */
import { describe, expect, test } from 'vitest';
import { silent } from '../../contract/log.ts';
import type { AttemptContext } from '../../probes/attempt.ts';
import { planRunner } from '../../probes/plans.ts';
import { qualityWatch } from '../../probes/quality.ts';
import type { Unnumbered } from '../../probes/record.ts';
import type { Asked } from '../../probes/resolver.ts';
import { fakeClock } from '../fakes/clock.ts';
import { dnsCheck, probing } from '../fakes/probing.ts';
import { suspendableClock } from '../fakes/suspendable-clock.ts';

const hourMs = 3_600_000;
/** When the network is back, and when it has to be. */
const [networkMs, awakeMs] = [5_000, 15_000];
const at = { host: '127.0.0.1', port: 53 };
const server = '127.0.0.1:53';

/** Checks every second that take 400 ms, of a target that answers and of one that says nothing once the lid is closed. */
function laptop(monotonic: 'stands-still' | 'goes-on') {
  const machine = fakeClock();
  const clock = suspendableClock(machine, monotonic);
  const results: Unnumbered[] = [];
  let closed = false;
  const context: AttemptContext = {
    ...probing(machine),
    clock,
    resolver: {
      own: { server: at, sourceAddress: null },
      ask: ({ question: { name } }, signal) =>
        new Promise<Asked>((resolve) => {
          const answer = { rcode: 'NOERROR', addresses: ['192.0.2.1'], ttlSeconds: 1, scopeLength: null };
          const failure = { failedAt: 'resolve', reason: 'no answer' } as const;
          signal.addEventListener('abort', () => resolve({ ok: false, failure, server }), { once: true });
          const hears = (): void => {
            if (name === 'steady.test' || !closed) resolve({ ok: true, answer, server });
          };
          clock.after(400, hears);
        }),
    },
  };
  const quality = qualityWatch(clock, silent);
  const runner = planRunner({ clock, vantage: 'laptop', context, quality, onResult: (result) => results.push(result) });
  const checks = ['steady.test', 'lost.test'].map((hostname) =>
    dnsCheck(at, { id: hostname, hostname, everyMs: 1_000, timeoutMs: 700 }),
  );
  runner.reconcile(
    'assignment',
    checks.map((check) => ({ check, everyMs: check.everyMs, client: 'fresh', burst: null })),
  );
  return {
    results,
    machine,
    async closeLid(forMs: number, backAfterMs: number) {
      clock.suspend();
      closed = true;
      await machine.advance(forMs);
      clock.resume();
      // The network comes back later than the programs do.
      await machine.advance(backAfterMs);
      closed = false;
    },
    /** The target that says nothing goes on saying nothing. */
    async outage(forMs: number) {
      closed = true;
      await machine.advance(forMs);
      closed = false;
    },
    async stop() {
      await Promise.all([runner.stop(0), machine.advance(1_000)]);
      quality.stop();
    },
  };
}

describe.each(['stands-still', 'goes-on'] as const)('a monotonic clock that %s meanwhile', (monotonic) => {
  // The lid closes at every point of a round, so that attempts are under way, just begun and just over.
  test.each([0, 100, 250, 400, 550, 700, 850])('%i ms into a round: no result is bad', async (intoMs) => {
    const { results, machine, closeLid, stop } = laptop(monotonic);
    await machine.advance(10_000 + intoMs);
    const before = results.length;
    expect(before).toBeGreaterThanOrEqual(18);
    expect(results.every(({ outcome }) => outcome === 'good')).toBe(true);
    await closeLid(hourMs, networkMs);
    await machine.advance(10_000);
    expect(results.filter(({ outcome }) => outcome === 'bad')).toEqual([]);
    const after = results.slice(before).filter(({ outcome }) => outcome === 'good');
    expect(new Set(after.map(({ check }) => check))).toEqual(new Set(['steady.test', 'lost.test']));
    expect(after.length).toBeGreaterThanOrEqual(16);
    // Those that were under way when it closed have a reason; none says that it took an hour.
    for (const { outcome, reason, missing, durationMs } of results.slice(before)) {
      if (outcome === 'missing') expect([reason, missing]).not.toContain(undefined);
      else expect(durationMs).toBeLessThan(1_000);
    }
    await stop();
  });

  test('an outage that is there a while after it woke is one', async () => {
    const { results, machine, closeLid, outage, stop } = laptop(monotonic);
    await machine.advance(5_000);
    await closeLid(hourMs, 0);
    await machine.advance(awakeMs);
    await outage(5_000);
    const bad = results.filter(({ outcome }) => outcome === 'bad');
    expect(new Set(bad.map(({ check }) => check))).toEqual(new Set(['lost.test']));
    expect(bad.length).toBeGreaterThanOrEqual(4);
    await stop();
  });
});
