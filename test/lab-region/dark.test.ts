import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { fakeClock } from '../fakes/clock.ts';
import { instantClock } from '../fakes/instant-clock.ts';
import { podsIn } from '../fakes/pods.ts';
import { ask, keptConnection, type Site, type Standing, site, until } from './site.ts';

let open: Site | undefined;
afterEach(() => open?.close());

async function door(changed: Parameters<Site['region']>[1] = {}): Promise<Standing> {
  open = await site(112, instantClock());
  return open.region('us-east-1', changed);
}

test('a kept connection sees 503 when the pods go, and 200 again when they return', async () => {
  const { url, pods, connections } = await door();
  const agent = keptConnection();
  const statuses = [];
  for (const count of [2, 0, 1]) {
    pods.set(podsIn('ready', count));
    const { status, headers } = await ask(`${url}/v1/ping`, { agent });
    statuses.push([status, headers['x-region']]);
  }
  expect(statuses).toEqual([
    [200, 'us-east-1'],
    [503, undefined],
    [200, 'us-east-1'],
  ]);
  expect(connections().map(({ answers }) => answers.map(({ status }) => status))).toEqual([[200, 503, 200]]);
  agent.destroy();
});

test('pods that start or end are not ready: health says 503', async () => {
  const { url, pods } = await door();
  pods.set([...podsIn('starting', 1), ...podsIn('terminating', 1)]);
  expect((await ask(`${url}/health`)).status).toBe(503);
  pods.set(podsIn('ready', 1));
  expect((await ask(`${url}/health`)).status).toBe(200);
});

test('without pods the platform goes on answering', async () => {
  const { url, pods } = await door();
  pods.set([]);
  for (const path of ['/inventory', '/residency-log', '/metrics']) {
    const { status, headers } = await ask(`${url}${path}`);
    expect([status, headers['x-region']]).toEqual([200, undefined]);
  }
});

test('a refusing door ends what is open, refuses connects, and opens again with the pods', async () => {
  const { url, pods, darkMode } = await door();
  const agent = keptConnection();
  await ask(url, { agent });
  darkMode('refuse');
  expect((await ask(url, { agent })).status).toBe(200);
  pods.set([]);
  await expect(ask(url, { agent })).rejects.toThrow();
  await expect(ask(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  pods.set(podsIn('ready', 1));
  await expect
    .poll(() =>
      ask(url).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200);
  agent.destroy();
});

test('a door that changes its mind while it opens ends as it was told last', async () => {
  const { url, pods, darkMode } = await door();
  darkMode('refuse');
  pods.set([]);
  pods.set(podsIn('ready', 1));
  pods.set([]);
  await expect.poll(() => ask(url).catch((error: { code: string }) => error.code)).toBe('ECONNREFUSED');
  darkMode('status-503');
  await expect
    .poll(() =>
      ask(url).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(503);
});

test('a swallowing door accepts, and says nothing on old connections or new ones', async () => {
  const { url, pods, darkMode, connections } = await door();
  const agent = keptConnection();
  await ask(url, { agent });
  darkMode('swallow');
  pods.set([]);
  const giveUp = new AbortController();
  const open = ask(url, { agent, signal: giveUp.signal });
  const fresh = connect({ host: new URL(url).hostname, port: Number(new URL(url).port) });
  await once(fresh, 'connect');
  let heard = 0;
  fresh.on('data', () => {
    heard += 1;
  });
  fresh.write('anything at all');
  const health = await Promise.race([open, once(fresh, 'end'), Promise.resolve('silence')]);
  await until(() => connections().length === 2);
  expect([health, heard]).toEqual(['silence', 0]);
  giveUp.abort();
  await expect(open).rejects.toThrow('aborted');
  fresh.destroy();
  await until(() => connections().every(({ closedAtMs }) => closedAtMs !== null));
  pods.set(podsIn('ready', 1));
  expect((await ask(url)).status).toBe(200);
  agent.destroy();
});

test('a planted status takes the place of 503, on every path of the pods', async () => {
  const { url, pods } = await door({ plants: [{ kind: 'door-dark-status', region: 'us-east-1', status: 451 }] });
  expect((await ask(url)).status).toBe(200);
  pods.set([]);
  expect((await ask(url)).status).toBe(451);
  expect((await ask(`${url}/health`)).status).toBe(451);
});

test('a pod that is told to end finishes what it has begun, and takes no more', async () => {
  const clock = fakeClock();
  open = await site(112, clock);
  const plan = { jurisdiction: 'US', workloads: {}, serving: 'a', place: 'p', roundTripMs: {}, serviceMs: 100 };
  const { url, pods } = await open.region('us-east-1', { plan });
  pods.set(podsIn('ready', 1));
  const begun = ask(url);
  await until(() => clock.pending > 0);
  pods.set(podsIn('terminating', 1));
  expect((await ask(url)).status).toBe(503);
  await clock.advance(5_000);
  const { status, headers } = await begun;
  expect([status, headers['x-pod']]).toEqual([200, 'pod-0']);
});

test('a door that is closed leaves no timer and no connection', async () => {
  const clock = fakeClock();
  open = await site(112, clock);
  const { url, close, connections } = await open.region('us-east-1', { roundTripOf: () => 40 });
  const cut = ask(url);
  await until(() => clock.pending > 0);
  await Promise.all([close(), expect(cut).rejects.toThrow()]);
  await until(() => connections().every(({ closedAtMs }) => closedAtMs !== null));
  expect(clock.pending).toBe(0);
});
