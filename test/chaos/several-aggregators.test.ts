import { describe, expect, test } from 'vitest';
import { mergedAgents, mergedQuorum, slicesOf, worstOf } from '../../chaos/aggregator-client/merged.ts';
import { aggregatorClient, severalClients } from '../../chaos/aggregator-client.ts';
import type { FleetAgent, ObjectiveAnswer, QuorumAnswer, StoredResult } from '../../contract/api.ts';
import type { Status, Verdict } from '../../contract/verdict.ts';
import { aggregator, clock, httpCheck, result, sendResults, token, welcomed } from '../aggregator/harness.ts';

const open = new AbortController().signal;

/** Two aggregators, each with an agent of its own. */
async function two() {
  const [one, other] = [await aggregator(), await aggregator()];
  const clients = [one, other].map(({ url }) => aggregatorClient({ url: new URL(url), token }, clock));
  const [first, ...others] = clients;
  if (first === undefined) throw new Error('there are two');
  return {
    fleet: severalClients([first, ...others]),
    a: await welcomed(one.url, { agent: 'a', vantage: 'us-east-1' }),
    b: await welcomed(other.url, { agent: 'b', vantage: 'eu-west-1', region: 'eu-west-1' }),
  };
}

describe('a runner of several aggregators', () => {
  test('sees the agents of all, and gets each result of each once, with ids that do not collide', async () => {
    const { fleet, a, b } = await two();
    expect((await fleet.fleet(open)).agents.map(({ agent }) => agent).sort()).toEqual(['a', 'b']);
    const got: StoredResult[] = [];
    const stream = await fleet.results((one) => got.push(one), open);
    await Promise.all([sendResults(a, [result(1), result(2)]), sendResults(b, [result(1)])]);
    await stream.close(open);
    expect(got.map(({ agent, seq }) => `${agent} ${seq}`).sort()).toEqual(['a 1', 'a 2', 'b 1']);
    expect(new Set(got.map(({ id }) => id)).size).toBe(3);
    expect((await fleet.newest(2, null, open)).length).toBe(2);
  });

  test('asks all for its bursts, each on its own clock', async () => {
    const { fleet, a, b } = await two();
    const untilMs = clock.nowMs() + 60_000;
    await fleet.burst(
      { id: 'x', checks: [httpCheck('home', 'us-east-1')], everyMs: 100, untilMs, pooled: false },
      open,
    );
    for (const agent of [a, b]) {
      const burst = await agent.next('burst');
      expect(burst.id).toBe('x');
      expect(Math.abs(burst.untilMs - untilMs)).toBeLessThan(5_000);
    }
  });

  test('is told of trouble when one of them cannot be reached', async () => {
    const alive = aggregatorClient({ url: new URL((await aggregator()).url), token }, clock);
    const dead = aggregatorClient({ url: new URL('http://127.0.0.1:9'), token }, clock);
    await expect(severalClients([alive, dead]).fleet(open)).rejects.toThrow(/127\.0\.0\.1:9.* cannot be reached/);
  });
});

describe('answers of several as one', () => {
  const agent = (over: Partial<FleetAgent>): FleetAgent => ({
    agent: 'a',
    vantage: 'a',
    region: 'eu',
    boot: 'b',
    version: '1',
    connected: false,
    lastSeenMs: 0,
    clock: null,
    expected: 10,
    missing: 1,
    ...over,
  });

  test('an agent is as it is where it is; what is missing is summed', () => {
    const here = agent({ connected: true, lastSeenMs: 5, boot: 'here' });
    const merged = mergedAgents([agent({ elsewhere: true, lastSeenMs: 9 }), here, agent({ lastSeenMs: 7 })]);
    expect(merged).toEqual([{ ...here, expected: 30, missing: 3 }]);
  });

  const verdict = (status: Status, n: number): Verdict => ({
    id: 'up',
    status,
    because: `${status} of ${n}`,
    measured: null,
    target: 1,
    n,
    interval: null,
    needed: null,
    missing: 0,
    at: 0,
    final: false,
  });

  test('the worst verdict holds, of those whose agents saw anything', () => {
    expect(worstOf([verdict('pass', 5), verdict('fail', 3), verdict('inconclusive', 2)]).because).toBe('fail of 3');
    expect(worstOf([verdict('pass', 5), verdict('inconclusive', 2)]).status).toBe('inconclusive');
    expect(worstOf([verdict('inconclusive', 0), verdict('pass', 5)]).status).toBe('pass');
    expect(worstOf([verdict('inconclusive', 0)]).status).toBe('inconclusive');
    // Whose agents have moved is left out; whose agents fell silent is not.
    const silent = (known: number): Verdict => ({ ...verdict('inconclusive', 9), unvouched: { known, healthy: 0 } });
    expect(worstOf([silent(0), verdict('pass', 5)]).status).toBe('pass');
    expect(worstOf([silent(2), verdict('pass', 5)]).status).toBe('inconclusive');
    expect(worstOf([silent(0)]).status).toBe('inconclusive');
  });

  test('slices of the same time are one', () => {
    const answer = (atMs: number, good: number): ObjectiveAnswer => ({
      ...verdict('pass', good),
      slices: [{ atMs, widthMs: 10, good, bad: 1, missing: 0 }],
    });
    expect(slicesOf([answer(10, 5), answer(0, 1), answer(10, 7)])).toEqual([
      { atMs: 0, widthMs: 10, good: 1, bad: 1, missing: 0 },
      { atMs: 10, widthMs: 10, good: 12, bad: 2, missing: 0 },
    ]);
  });

  test('where they blame different ones nobody is to blame for sure', () => {
    const answer = (vantage: string, blame: 'region' | 'path' | null): QuorumAnswer => ({
      round: 3,
      checks: [{ check: 'home', matrix: { [vantage]: { eu: 'bad' } }, blame, evidence: [`by ${vantage}`], k: 1, n: 1 }],
    });
    expect(mergedQuorum([answer('a', 'region'), answer('b', null)]).checks[0]).toEqual({
      check: 'home',
      matrix: { a: { eu: 'bad' }, b: { eu: 'bad' } },
      blame: 'region',
      evidence: ['by a', 'by b'],
      k: 1,
      n: 2,
    });
    expect(mergedQuorum([answer('a', 'region'), answer('b', 'path')]).checks[0]?.blame).toBe('inconclusive');
    // One that judged its last round long ago has no agents any more.
    const at = (round: number, { checks, ...rest }: QuorumAnswer) => ({
      ...rest,
      checks: checks.map((check) => ({ ...check, round })),
    });
    const [left] = mergedQuorum([at(90, answer('a', 'region')), at(9, answer('b', 'path'))]).checks;
    expect(left).toMatchObject({ blame: 'region', matrix: { a: { eu: 'bad' } }, evidence: ['by a'] });
  });
});
