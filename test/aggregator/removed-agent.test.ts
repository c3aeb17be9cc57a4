/** A vantage that is taken down for good: a person says so, because silence alone never does. */
import { expect, test } from 'vitest';
import { roster } from '../../aggregator/ingest/roster.ts';
import type { FleetAnswer } from '../../contract/api.ts';
import { atEnd, getJson, start, stateDir, token, welcomed } from './harness.ts';

function remove(url: string, agent: string, bearer = token): Promise<Response> {
  const headers = { authorization: `Bearer ${bearer}` };
  return fetch(new URL(`/api/v1/fleet/${agent}`, url), { method: 'DELETE', headers });
}

async function names(url: string): Promise<readonly string[]> {
  const { agents } = await getJson<FleetAnswer>(url, '/api/v1/fleet');
  return agents.map(({ agent }) => agent).sort();
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}

test('an agent is taken out once it is stopped, stays out over a restart, and is back when it connects', async () => {
  const dir = stateDir();
  const first = await start({ stateDir: dir });
  const leaving = await welcomed(first.url, { agent: 'old', vantage: 'eu-west-1' });
  await welcomed(first.url, { agent: 'new' });
  expect(await (await remove(first.url, 'old')).json()).toMatchObject({
    error: { code: 'connected', hint: 'stop it first' },
  });
  leaving.socket.terminate();
  await until(async () => (await remove(first.url, 'old')).status === 200);
  expect(await names(first.url)).toEqual(['new']);
  expect((await remove(first.url, 'old')).status).toBe(404);
  expect((await remove(first.url, 'nobody')).status).toBe(404);
  expect((await remove(first.url, 'new', 'guessed')).status).toBe(401);
  await first.stop();

  const second = await start({ stateDir: dir });
  atEnd(() => second.stop());
  expect(await names(second.url)).toEqual(['new']);
  await welcomed(second.url, { agent: 'old', vantage: 'eu-west-1', boot: 'boot-2' });
  expect(await names(second.url)).toEqual(['new', 'old']);
});

const dayMs = 86_400_000;

test('where names have run out, one that was replaced makes room before one that is only silent', async () => {
  const row = (agent: string, vantage: string, lastSeenMs: number) => {
    const times = { firstSeenMs: 0, lastSeenMs, settled: {} };
    return { agent, vantage, region: 'r', boot: 'b', version: '1', ...times };
  };
  const silent = Array.from({ length: 4_094 }, (_, index) => row(`silent-${index}`, `v-${index}`, index));
  const all = roster([...silent, row('replaced', 'busy', 5_000), row('busy', 'busy', 9_000)], 100);
  const link = { open: true } as never;
  const hello = { type: 'hello', agent: 'new', vantage: 'n', region: 'r', boot: 'b', version: '1' } as const;
  expect(await all.claim(link, hello, 3 * dayMs)).toBe('taken');
  expect(all.agents.has('replaced')).toBe(false);
  expect(await all.claim(link, { ...hello, agent: 'newer' }, 3 * dayMs)).toBe('taken');
  expect(all.agents.has('silent-0')).toBe(false);
  expect(all.agents.size).toBe(4_096);
});
