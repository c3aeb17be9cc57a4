import { afterEach, describe, expect, test } from 'vitest';
import { httpSwitchboard, type Switchboard } from '../../chaos/switchboard.ts';
import { Trouble } from '../../chaos/trouble.ts';
import { systemClock } from '../../contract/clock.ts';
import type { Json } from '../../contract/json.ts';
import { labSwitchboard, type RunningSwitchboard } from '../../lab/switchboard/server.ts';
import { doorSubject, healthSubject } from '../../lab/switchboard/subjects.ts';
import { instantClock } from '../fakes/instant-clock.ts';
import { ask, keptConnection, type Site, type Standing, site } from './site.ts';

const token = 'a-token-of-this-test';
const signal = new AbortController().signal;
let open: Site | undefined;
let running: RunningSwitchboard | undefined;
afterEach(async () => {
  await running?.close();
  await open?.close();
});

async function world(): Promise<{ readonly door: Standing; readonly board: Switchboard }> {
  const clock = systemClock();
  open = await site(113, instantClock());
  const door = await open.region('us-east-1');
  const subjects = {
    door: doorSubject((trouble) => door.trouble(trouble)),
    'health-route': healthSubject((status) => door.healthStatus(status)),
  };
  running = await labSwitchboard({ host: '127.113.0.7', region: 'us-east-1', token, subjects }, clock);
  return { door, board: httpSwitchboard({ region: 'us-east-1', url: running.url, token }, clock) };
}

async function set(board: Switchboard, subject: string, setting: Json): Promise<void> {
  const at = await board.read(subject, signal);
  const drill = setting === null ? null : 'd1';
  expect(await board.write(at, { setting, drill, leaseMs: 600_000 }, signal)).toBe(true);
}

describe('a door, by its switchboard', () => {
  test('fails the health check alone', async () => {
    const { door, board } = await world();
    await set(board, 'health-route', { status: 503 });
    const statuses = async (): Promise<readonly number[]> =>
      Promise.all(['/health', '/v1/ping'].map(async (path) => (await ask(`${door.url}${path}`)).status));
    expect(await statuses()).toEqual([503, 200]);
    await set(board, 'health-route', null);
    expect(await statuses()).toEqual([200, 200]);
  });

  test.each(['refuse', 'reset'] as const)(
    'ends connections that are open: %s, and takes new ones again',
    async (how) => {
      const { door, board } = await world();
      const agent = keptConnection();
      expect((await ask(`${door.url}/v1/ping`, { agent })).status).toBe(200);
      await set(board, 'door', { how });
      await expect(ask(`${door.url}/v1/ping`, { agent })).rejects.toThrow(
        how === 'refuse' ? /ECONN/ : /ECONNRESET|hang up/,
      );
      await expect(ask(`${door.url}/v1/ping`)).rejects.toThrow(/ECONN|hang up|disconnected/);
      await set(board, 'door', null);
      expect((await ask(`${door.url}/v1/ping`)).status).toBe(200);
      agent.destroy();
    },
  );
});

describe('a switchboard', () => {
  test('obeys whoever saw the newest version, and nobody else', async () => {
    const { board } = await world();
    const seen = await board.read('door', signal);
    expect(seen).toMatchObject({ setting: null, drill: null, endsByItself: true });
    await set(board, 'door', { how: 'latency', addMs: 300 });
    expect(await board.write(seen, { setting: null, drill: null, leaseMs: 1_000 }, signal)).toBe(false);
    expect(await board.renew('door', 'd1', 600_000, signal)).toBe(true);
    expect(await board.renew('door', 'd2', 600_000, signal)).toBe(false);
    expect((await board.read('door', signal)).setting).toEqual({ how: 'latency', addMs: 300 });
  });

  test('refuses a stranger, a subject that it does not have, and a setting that is none', async () => {
    const { board } = await world();
    const stranger = httpSwitchboard({ region: 'us-east-1', url: running?.url ?? '', token: 'guess' }, systemClock());
    await expect(stranger.read('door', signal)).rejects.toThrow('answered 401');
    await expect(board.read('window', signal)).rejects.toThrow('answered 404');
    await expect(set(board, 'door', { how: 'explode' })).rejects.toBeInstanceOf(Trouble);
  });
});
