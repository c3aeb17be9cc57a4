import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode } from 'dns-packet';
import { afterEach, expect, test } from 'vitest';
import type { Clock } from '../../contract/clock.ts';
import type { Log } from '../../contract/log.ts';
import { seededRandom } from '../../contract/random.ts';
import type { Answered } from '../../lab/region/front.ts';
import { labUsers, type RunningUsers } from '../../lab/users/users.ts';
import type { Population } from '../../scenarios/world.ts';
import { fakeClock } from '../fakes/clock.ts';
import { caPem, type Site, site, until } from './site.ts';

const cleanups: (() => Promise<unknown> | undefined)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A resolver that leads every name to one address, and remembers who asked. */
type FakeResolver = { readonly port: number; readonly asked: string[]; lead(address: string | null): void };

async function resolver(ttlSeconds: number, first: string): Promise<FakeResolver> {
  const socket: Socket = createSocket('udp4');
  const asked: string[] = [];
  let address: string | null = first;
  socket.on('message', (message, from) => {
    const { id = 0, questions = [] } = decode(message);
    asked.push(`${questions[0]?.name} ${from.address}`);
    const name = questions[0]?.name ?? '';
    const answers = address === null ? [] : [{ type: 'A' as const, name, ttl: ttlSeconds, data: address }];
    socket.send(encode({ type: 'response', id, questions, answers }), from.port, from.address);
  });
  socket.bind(0, '127.115.0.53');
  await once(socket, 'listening');
  cleanups.push(() => once(socket.close(), 'close'));
  const lead = (next: string | null): void => {
    address = next;
  };
  return { port: socket.address().port, asked, lead };
}

const berliners: Population = {
  country: 'DE',
  place: 'berlin',
  hostname: 'api.agent.test',
  count: 3,
  requestEveryMs: 1_000,
};

async function town(clock: Clock, ttlSeconds = 2) {
  const place: Site = await site(115, clock);
  cleanups.push(() => place.close());
  const answers: Answered[] = [];
  const onAnswer = (answer: Answered): void => void answers.push(answer);
  const us = await place.region('us-east-1', { onAnswer });
  const eu = await place.region('eu-west-1', { onAnswer });
  const names = await resolver(ttlSeconds, eu.address);
  const complaints: object[] = [];
  const log: Log = { info: () => undefined, warn: () => undefined, error: (facts) => complaints.push(facts) };
  const users = (...populations: readonly Population[]): RunningUsers => {
    const running = labUsers(
      {
        populations,
        resolverOf: () => ({ host: '127.115.0.53', port: names.port }),
        sourceOf: (_place, index) => `127.115.1.${index + 1}`,
        caPem,
        port: place.port,
      },
      { clock, random: seededRandom(5), log },
    );
    cleanups.push(() => running.stop());
    return running;
  };
  return { us, eu, names, answers, users, complaints };
}

test('users are known to the service by their country, their name and their own addresses', async () => {
  const clock = fakeClock();
  const { answers, users, names, complaints } = await town(clock);
  const running = users(berliners, { ...berliners, hostname: 'global.agent.test', count: 2 });
  await until(
    () => answers.length >= 60,
    () => clock.advance(2),
  );
  await running.stop();

  expect(new Set(answers.map(({ source }) => source)).size).toBe(5);
  expect(new Set(answers.map(({ entry }) => entry))).toEqual(new Set(['api', 'global']));
  expect(new Set(answers.map(({ path, status }) => `${path} ${status}`))).toEqual(
    new Set(['/v1/ping 200', '/v1/records 201']),
  );
  expect(names.asked).toContain('api.agent.test 127.115.1.1');
  const [first, second] = running.stats();
  expect(first).toMatchObject({ country: 'DE', place: 'berlin', hostname: 'api.agent.test', failed: 0 });
  const served = (first?.servedBy['eu-west-1'] ?? 0) + (second?.servedBy['eu-west-1'] ?? 0);
  expect(served).toBeGreaterThanOrEqual(58);
  expect(complaints).toEqual([]);
});

test('most requests ride on a kept connection', async () => {
  const clock = fakeClock();
  const { users } = await town(clock);
  const running = users(berliners);
  await until(
    () => (running.stats()[0]?.requests ?? 0) >= 60,
    () => clock.advance(2),
  );
  const { connections = 0, requests = 0 } = running.stats()[0] ?? {};
  expect(connections).toBeGreaterThan(3);
  expect(connections).toBeLessThan(requests / 2);
});

test('a name is asked for again when its TTL has ended, and not before', async () => {
  const clock = fakeClock();
  const { users, names } = await town(clock, 3_600);
  const running = users(berliners);
  await until(
    () => (running.stats()[0]?.connections ?? 0) >= 10,
    () => clock.advance(2),
  );
  expect(names.asked).toHaveLength(3);
  expect(running.stats()[0]).toMatchObject({ resolutions: 3 });
});

test('when the name leads elsewhere, users follow with their next connection', async () => {
  const clock = fakeClock();
  const { users, names, us, answers } = await town(clock, 1);
  users({ ...berliners, country: 'US' });
  await until(
    () => answers.length > 0,
    () => clock.advance(2),
  );
  expect(answers[0]?.region).toBe('eu-west-1');
  names.lead(us.address);
  await until(
    () => answers.at(-1)?.region === 'us-east-1' && answers.at(-2)?.region === 'us-east-1',
    () => clock.advance(2),
  );
});

test('a name that leads nowhere is a failed request, and the user tries again', async () => {
  const clock = fakeClock();
  const { users, names, eu } = await town(clock);
  names.lead(null);
  const running = users(berliners);
  await until(
    () => (running.stats()[0]?.failed ?? 0) >= 3,
    () => clock.advance(2),
  );
  names.lead(eu.address);
  await until(
    () => (running.stats()[0]?.statuses['200'] ?? 0) > 0,
    () => clock.advance(2),
  );
});

test('a door that says nothing costs a user its patience, and no more', async () => {
  const clock = fakeClock();
  const { users, eu, complaints } = await town(clock);
  eu.darkMode('swallow');
  eu.pods.set([]);
  const running = users(berliners);
  await until(
    () => (running.stats()[0]?.failed ?? 0) >= 3,
    () => clock.advance(20),
  );
  await running.stop();
  expect(running.stats()[0]).toMatchObject({ statuses: {} });
  expect(complaints).toEqual([]);
});

test('users who are told to stop are gone, with their timers', async () => {
  const clock = fakeClock();
  const { users, eu } = await town(clock);
  const running = users(berliners);
  await until(
    () => (running.stats()[0]?.requests ?? 0) >= 5,
    () => clock.advance(2),
  );
  await running.stop();
  await until(() => eu.connections().every(({ closedAtMs }) => closedAtMs !== null));
  const { requests } = running.stats()[0] ?? {};
  await clock.advance(60_000);
  expect(running.stats()[0]?.requests).toBe(requests);
  expect(clock.pending).toBe(0);
});
