import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../contract/clock.ts';
import { seededRandom } from '../../contract/random.ts';
import { type Checkers, checkers } from '../../lab/checkers/checkers.ts';
import type { Transition } from '../../lab/truth.ts';
import type { HealthCheck } from '../../zone/records.ts';
import { fakeClock } from '../fakes/clock.ts';
import { checkOf } from './check.ts';

const sourceAddresses = Array.from({ length: 16 }, (_, index) => `127.15.0.${index + 1}`);
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** An endpoint, and checkers that look at it every 50 ms by the real clock; tests wait for what happens, not for time. */
async function start(change: Partial<HealthCheck> = {}) {
  const askers: string[] = [];
  const shown = { code: 200 };
  const server = createServer((request, response) => {
    askers.push(request.socket.remoteAddress ?? '');
    response.writeHead(shown.code).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => server.close());
  const at = server.address();
  const port = typeof at === 'object' && at !== null ? at.port : 0;
  let checks = [checkOf({ type: 'HTTP', port, requestIntervalSeconds: 0.05, ...change })];
  let changed: () => void = () => undefined;
  const truth: Transition[] = [];
  const all = checkers(
    {
      checks: () => checks,
      changed(listener) {
        changed = listener;
        return () => undefined;
      },
      sourceAddresses,
    },
    { clock: systemClock(), random: seededRandom(5), truth: (transition) => truth.push(transition) },
  );
  closing.push(all.close);
  const update = (next: readonly HealthCheck[]): void => {
    checks = [...next];
    changed();
  };
  return { all, askers, shown, truth, port, update };
}

function flipTo(all: Checkers, id: string, to: boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = all.onFlip((flipped, healthy) => {
      if (flipped !== id || healthy !== to) return;
      stop();
      resolve();
    });
  });
}

test('sixteen checkers look from addresses of their own, two in each of eight regions', async () => {
  const { all, shown, askers } = await start();
  shown.code = 503;
  await flipTo(all, 'hc-us-east-1', false);
  expect([...new Set(askers)].sort()).toEqual([...sourceAddresses].sort());
  const reports = all.reports('hc-us-east-1');
  expect(reports).toHaveLength(16);
  const perRegion = Map.groupBy(reports, ({ region }) => region);
  expect([...perRegion.values()].map((group) => group.length)).toEqual(Array(8).fill(2));
});

test('the check turns unhealthy with the fourteenth checker and healthy again with the third', async () => {
  const { all, shown, truth } = await start();
  shown.code = 503;
  await flipTo(all, 'hc-us-east-1', false);
  expect(all.reports('hc-us-east-1').filter(({ healthy }) => !healthy)).toHaveLength(14);
  expect(all.healthy('hc-us-east-1')).toBe(false);
  const before = truth.length;
  shown.code = 200;
  await flipTo(all, 'hc-us-east-1', true);
  expect(truth.slice(0, before).filter(({ what }) => what === 'checker')).toHaveLength(14);
  expect(truth[before - 1]).toEqual({
    what: 'health',
    region: 'us-east-1',
    where: 'hc-us-east-1',
    from: true,
    to: false,
  });
  // The other two may have flipped meanwhile: what counts is that three of sixteen were enough.
  expect(all.reports('hc-us-east-1').filter(({ healthy }) => healthy).length).toBeGreaterThanOrEqual(3);
});

test('stopping one checker takes away one observation and nothing else', async () => {
  const { all, shown } = await start();
  shown.code = 503;
  await flipTo(all, 'hc-us-east-1', false);
  all.stopOne(4);
  const addresses = all.reports('hc-us-east-1').map(({ address }) => address);
  expect(addresses).toEqual(sourceAddresses.filter((address) => address !== '127.15.0.5'));
});

test('a new check counts as healthy, a check taken away has no reports', async () => {
  const { all, shown, port, update } = await start();
  shown.code = 503;
  const extra = checkOf({ id: 'hc-extra', type: 'HTTP', port, requestIntervalSeconds: 0.05 });
  update([extra]);
  expect(all.healthy('hc-extra')).toBe(true);
  expect(all.reports('hc-us-east-1')).toEqual([]);
  await flipTo(all, 'hc-extra', false);
});

test('calculated and inverted checks flip with what they are made from', async () => {
  const { all, shown, port, update } = await start();
  const base = checkOf({ type: 'HTTP', port, requestIntervalSeconds: 0.05 });
  update([
    base,
    checkOf({ id: 'sum', type: 'CALCULATED', childHealthChecks: ['hc-us-east-1'], healthThreshold: 1, inverted: true }),
  ]);
  expect(all.healthy('sum')).toBe(false);
  shown.code = 503;
  await flipTo(all, 'sum', true);
  update([{ ...base, disabled: true }]);
  expect(all.healthy('hc-us-east-1')).toBe(true);
});

test('without word of changes the checks are read again once a second', async () => {
  const clock = fakeClock();
  const checks = [checkOf({})];
  const all = checkers(
    { checks: () => checks, sourceAddresses: [] },
    { clock, random: () => 0, truth: () => undefined },
  );
  closing.push(all.close);
  checks.push(checkOf({ id: 'hc-extra', disabled: true, inverted: true }));
  expect(all.healthy('hc-extra')).toBe(true);
  await clock.advance(1_000);
  expect(all.healthy('hc-extra')).toBe(false);
});
