import { describe, expect, test } from 'vitest';
import { httpApp } from '../../aggregator/api/app.ts';
import { access } from '../../aggregator/api/auth.ts';
import type { Core } from '../../aggregator/api/core.ts';
import { silent } from '../../contract/log.ts';

/** Behind the door nothing is there: whoever comes through meets an error, but not this one. */
const app = httpApp({ log: silent } as Core, access({ write: 'w', read: 'r' }, false));
const paths = app.routes.filter(({ method, path }) => method === 'GET' && path !== '*').map(({ path }) => path);
const open = ['/-/healthy', '/-/ready'];

async function status(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<number> {
  return (await app.request(path.replace(':id', 'x'), { headers, method })).status;
}

describe('beyond loopback', () => {
  test('all roads that are read are known here', () => {
    for (const path of ['/', '/metrics', '/federate', '/api/v1/fleet', ...open]) expect(paths).toContain(path);
    expect(paths.length).toBeGreaterThan(14);
  });
  test.each(paths.filter((path) => !open.includes(path)))('GET %s needs a token', async (path) => {
    expect(await status(path)).toBe(401);
    expect(await status(path, {}, 'HEAD')).toBe(401);
    expect(await status(path, { authorization: 'Bearer wrong' })).toBe(401);
    expect(await status(path, { authorization: 'Basic r' })).toBe(401);
    expect(await status(path, { authorization: 'Bearer r' })).not.toBe(401);
    expect(await status(path, { authorization: 'Bearer w' })).not.toBe(401);
  });
  test('so does what is not there, so that nobody learns what is', async () => {
    expect(await status('/nothing')).toBe(401);
  });
  test('whether it lives may be asked by anybody', async () => {
    expect(await status('/-/healthy')).toBe(200);
    expect(await status('/-/ready')).not.toBe(401);
  });
});

test('a token that was replaced is the new one from then on', () => {
  let token = 'old';
  const { mayRead } = access({ write: 'w', read: () => token }, false);
  expect(mayRead('Bearer old')).toBe(true);
  token = 'new';
  expect([mayRead('Bearer old'), mayRead('Bearer new')]).toEqual([false, true]);
});
