import { afterEach, expect, test } from 'vitest';
import { type Alerting, startAlerting } from '../../../aggregator/alerts/alerting.ts';
import type { AlertFacts } from '../../../aggregator/alerts/facts.ts';
import type { AlertmanagerOptions } from '../../../aggregator/alerts/options.ts';
import { silent } from '../../../contract/log.ts';
import { seededRandom } from '../../../contract/random.ts';
import { type FakeAlertmanager, fakeAlertmanager } from '../../fakes/alertmanager.ts';
import { type FakeClock, fakeClock } from '../../fakes/clock.ts';
import { clock as realClock } from '../harness.ts';
import { drillWith, factsWith, nowMs } from './facts.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function manager(
  name: string,
): Promise<{ readonly fake: FakeAlertmanager; readonly options: AlertmanagerOptions }> {
  const fake = await fakeAlertmanager();
  ends.push(() => fake.close());
  return { fake, options: { name, url: fake.url, authorization: null, labels: {}, timeoutMs: 600_000 } };
}

type World = { readonly clock: FakeClock; facts: AlertFacts; saved: string | null };

function alerting(world: World, alertmanagers: readonly AlertmanagerOptions[]): Alerting {
  const running = startAlerting(
    { alertmanagers, scenario: 'shop', url: 'http://0.0.0.0:9400', ca: null, saved: world.saved },
    {
      clock: world.clock,
      random: seededRandom(1),
      log: silent,
      facts: () => world.facts,
      async save(text) {
        world.saved = text;
      },
    },
  );
  ends.push(() => running.stop());
  return running;
}

const running = factsWith({ drills: [drillWith({})] });
const value = (alerts: Alerting, name: string, label: string): number | undefined =>
  alerts
    .families()
    .find((family) => family.name === name)
    ?.samples.find(({ labels }) => labels.some(([, text]) => text === label))?.value;

/** Its answer was read: from then on the simulated time may run. */
async function taken(alerts: Alerting, by: string, times: number): Promise<void> {
  while (value(alerts, 'blackstart_alertmanager_sent_alerts_total', by) !== times) {
    await new Promise((resolve) => realClock.after(5, () => resolve(undefined)));
  }
}

test('every Alertmanager is told, also when another is dead, and again every minute', async () => {
  const world: World = { clock: fakeClock(nowMs), facts: running, saved: null };
  const [a, b] = [await manager('a'), await manager('b')];
  const dead = { ...a.options, name: 'dead', url: 'http://127.0.0.1:1' };
  const alerts = alerting(world, [dead, a.options, b.options]);
  await world.clock.advance(5_000);
  const [first] = await Promise.all([a, b].map(({ fake }) => fake.seen(() => true)));
  expect(first?.alerts.map(({ labels }) => labels['alertname'])).toEqual(['BlackstartDrillRunning']);
  expect(first?.alerts[0]?.generatorURL).toMatch(/^http:\/\/(?!0\.0\.0\.0)[^/]+\/api\/v1\/drills\/d-1\/report\.html$/);
  expect(value(alerts, 'blackstart_alerts', 'firing')).toBe(0);
  for (const name of ['a', 'b']) await taken(alerts, name, 1);
  await world.clock.advance(55_000);
  expect(a.fake.posts).toHaveLength(1);
  await world.clock.advance(10_000);
  const again = await a.fake.seen((post) => post !== a.fake.posts[0]);
  expect(again.alerts[0]?.startsAt).toBe(first?.alerts[0]?.startsAt);
  expect(again.alerts[0]?.endsAt).not.toBe(first?.alerts[0]?.endsAt);
});

test('one that ended is told with its end, and a restart between keeps its start', async () => {
  const world: World = { clock: fakeClock(nowMs), facts: running, saved: null };
  const before = await manager('a');
  const old = alerting(world, [before.options]);
  await world.clock.advance(5_000);
  const first = await before.fake.seen(() => true);
  await taken(old, 'a', 1);
  await old.stop();
  await world.clock.advance(90_000);

  const after = await manager('a');
  const alerts = alerting(world, [after.options]);
  await world.clock.advance(5_000);
  const second = await after.fake.seen(() => true);
  expect(second.alerts[0]?.startsAt).toBe(first.alerts[0]?.startsAt);
  expect(second.alerts[0]?.labels).toEqual(first.alerts[0]?.labels);

  await taken(alerts, 'a', 1);
  world.facts = factsWith();
  await world.clock.advance(60_000);
  const ended = await after.fake.seen(({ alerts: [one] }) => Date.parse(one?.endsAt ?? '') <= world.clock.wallMs());
  expect(ended.alerts[0]?.startsAt).toBe(first.alerts[0]?.startsAt);
  expect(alerts.families().some(({ name }) => name === 'blackstart_alertmanager_sent_alerts_total')).toBe(true);
});

test('alerts that cannot be stored are told all the same', async () => {
  const world: World = { clock: fakeClock(nowMs), facts: running, saved: null };
  const { fake, options } = await manager('a');
  const failing = startAlerting(
    { alertmanagers: [options], scenario: 'shop', url: 'http://127.0.0.1:9400', ca: null, saved: null },
    {
      clock: world.clock,
      random: seededRandom(1),
      log: silent,
      facts: () => world.facts,
      save: () => Promise.reject(new Error('disk full')),
    },
  );
  ends.push(() => failing.stop());
  await world.clock.advance(5_000);
  await fake.seen(() => true);
});
