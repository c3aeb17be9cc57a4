import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { aheadMs, clockAhead, systemClock } from '../../contract/clock.ts';
import { silent } from '../../contract/log.ts';
import type { Hands } from '../../probes/hands.ts';
import type { Planned, Unnumbered } from '../../probes/record.ts';
import { threadedHands } from '../../probes/threads/pool.ts';
import type { Start } from '../../probes/threads/protocol.ts';
import { httpCheck } from '../fakes/probing.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function target(): Promise<string> {
  const server = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Results as they come, and what waits for them. */
function taken() {
  const results: Unnumbered[] = [];
  let heard = Promise.withResolvers<void>();
  return {
    results,
    onResult(result: Unnumbered): void {
      results.push(result);
      heard.resolve();
      heard = Promise.withResolvers();
    },
    async until(enough: (results: readonly Unnumbered[]) => boolean): Promise<void> {
      while (!enough(results)) await heard.promise;
    },
  };
}

const workers: Worker[] = [];
function begin(start: Start): Worker {
  const worker = new Worker(new URL('../../probes/threads/worker.ts', import.meta.url), { workerData: start });
  workers.push(worker);
  return worker;
}

function pool(threads: number, onResult: (result: Unnumbered) => void): Hands {
  workers.length = 0;
  const environment = { ca: null, resolver: { host: '127.0.0.1', port: 9 }, sourceAddress: null };
  const clock = systemClock();
  const hands = threadedHands({ threads, vantage: 'v', environment }, { clock, log: silent, onResult, begin });
  ends.push(() => hands.stop(0));
  return hands;
}

const plansOf = (url: string, count: number): readonly Planned[] =>
  Array.from({ length: count }, (_, index) => {
    const check = httpCheck(url, { id: `home/${index}`, region: `r${index}`, everyMs: 100 });
    return { check, everyMs: 100, client: 'fresh', burst: null };
  });

const checksIn = (results: readonly Unnumbered[]): number => new Set(results.map(({ check }) => check)).size;

describe('an agent that probes in several threads', () => {
  test('makes every check, each round of it once, on one timeline', async () => {
    const url = await target();
    const { results, onResult, until } = taken();
    const hands = pool(2, onResult);
    const clock = systemClock();
    const begunMs = clock.nowMs();
    hands.reconcile('assignment', plansOf(url, 10));
    await until(() => checksIn(results) === 10 && results.length >= 60);
    // On a busy machine a sample may be a bad one.
    expect(results.map(({ outcome }) => outcome)).toContain('good');
    expect(results.map(({ outcome }) => outcome)).not.toContain('bad');
    expect(new Set(results.map(({ check, round }) => `${check} ${round}`)).size).toBe(results.length);
    for (const { startMs, round } of results) {
      expect(startMs).toBeGreaterThan(begunMs - 5);
      expect(startMs).toBeLessThan(clock.nowMs() + 5);
      expect(Math.floor(startMs / 100)).toBeGreaterThanOrEqual(round);
    }
  });

  test('knows by addresses which region it asked', async () => {
    const url = await target();
    const { results, onResult, until } = taken();
    const hands = pool(2, onResult);
    hands.assignRegions({ 'eu-west-1': ['127.0.0.1'] });
    hands.reconcile('assignment', plansOf(url, 4));
    await until(() => results.some(({ region }) => region === 'eu-west-1'));
  });

  test('tells how far it has come, and nothing older follows', async () => {
    const url = await target();
    let through = Number.NEGATIVE_INFINITY;
    const { results, onResult, until } = taken();
    const hands = pool(2, (result) => {
      expect(result.startMs).toBeGreaterThanOrEqual(through);
      onResult(result);
    });
    hands.reconcile('assignment', plansOf(url, 6));
    const firstMs = hands.throughMs();
    await until(() => {
      through = hands.throughMs();
      return results.length >= 60;
    });
    expect(hands.throughMs()).toBeGreaterThan(firstMs);
  });

  test('begins a thread that died anew, with its share', async () => {
    const url = await target();
    const { results, onResult, until } = taken();
    const hands = pool(2, onResult);
    hands.reconcile('assignment', plansOf(url, 10));
    await until(() => checksIn(results) === 10);
    await workers[0]?.terminate();
    results.length = 0;
    await until(() => checksIn(results) === 10);
    expect(workers).toHaveLength(3);
  });

  test('ends what is no longer planned, and everything at the end', async () => {
    const url = await target();
    const { results, onResult, until } = taken();
    const hands = pool(2, onResult);
    hands.reconcile('assignment', plansOf(url, 4));
    hands.reconcile('burst', plansOf(`${url}burst`, 4));
    await until(() => checksIn(results) === 4);
    hands.reconcile('burst', []);
    await hands.stop(500);
    const count = results.length;
    expect(hands.running).toBe(0);
    await Promise.all(workers.map((worker) => (worker.threadId === -1 ? undefined : once(worker, 'exit'))));
    expect(results).toHaveLength(count);
  });
});

test('a timeline that is ahead of the kernel’s clock is so in every thread', () => {
  const clock = systemClock({ offsetMs: 5_000, driftPpm: 0 });
  const other = clockAhead(aheadMs(clock));
  expect(Math.abs(other.nowMs() - clock.nowMs())).toBeLessThan(5);
});
