import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningAggregator } from '../../aggregator/aggregator.ts';
import { access, isLoopback } from '../../aggregator/api/auth.ts';
import type { ApiError } from '../../contract/api.ts';
import { clock, post, start } from './harness.ts';
import { burst } from './posts.ts';

describe('errors', () => {
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-aggregator-'));
  let running: RunningAggregator;
  beforeAll(async () => {
    running = await start({ stateDir: dir });
  });
  afterAll(async () => {
    await running.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test.each([
    ['/api/v1/nothing', 'GET', 404, 'not-found'],
    ['/api/v1/verdicts/none', 'GET', 404, 'not-found'],
    ['/api/v1/drills/none', 'GET', 404, 'not-found'],
    ['/api/v1/results?limit=x', 'GET', 400, 'bad-request'],
    ['/api/v1/results?limit=0', 'GET', 400, 'bad-request'],
    ['/api/v1/results?since=yesterday', 'GET', 400, 'bad-request'],
    ['/api/v1/clock', 'GET', 400, 'bad-request'],
    ['/federate', 'POST', 405, 'wrong-method'],
    ['/api/v1/fleet', 'DELETE', 405, 'wrong-method'],
    ['/-/reload', 'GET', 405, 'wrong-method'],
    ['/-/reload', 'POST', 409, 'nothing-to-reload'],
  ])('%s by %s is answered with %i and says what would be right', async (path, method, status, code) => {
    const { url } = running;
    const answer = await fetch(new URL(path, url), { method, headers: { authorization: 'Bearer write-token' } });
    expect(answer.status).toBe(status);
    const { error } = (await answer.json()) as ApiError;
    expect(error.code).toBe(code);
    expect(error.message).not.toBe('');
    expect(error.hint).not.toBe('');
  });

  test.each(['/api/v1/drills', '/api/v1/bursts', '/api/v1/annotations', '/-/reload'])(
    'writing %s needs the token',
    async (path) => {
      const { url } = running;
      expect((await post(url, path, {}, 'wrong')).status).toBe(401);
      expect((await fetch(new URL(path, url), { method: 'POST', body: '{}' })).status).toBe(401);
    },
  );

  test('a body that is no JSON is refused', async () => {
    const { url } = running;
    const headers = { authorization: 'Bearer write-token' };
    const answer = await fetch(new URL('/api/v1/drills', url), { method: 'POST', headers, body: '{' });
    expect(answer.status).toBe(400);
  });

  test('a burst with several mistakes is refused with all of them', async () => {
    const { url } = running;
    const answer = await post(
      url,
      '/api/v1/bursts',
      burst({ everyMs: 5, untilMs: clock.nowMs() + 9e9, checks: [{ kind: 'ping' }] as never }),
    );
    expect(answer.status).toBe(400);
    const { error } = (await answer.json()) as ApiError;
    for (const place of ['everyMs', 'untilMs', 'checks[0].kind', 'checks[0].id'])
      expect(error.message).toContain(place);
  });
});

describe('access', () => {
  const authorization = (token: string): string => `Bearer ${token}`;
  test('reading is free on loopback only', () => {
    const beyond = access({ write: 'w', read: null }, false);
    expect(beyond.mayRead(undefined)).toBe(false);
    expect(beyond.mayRead(authorization('w'))).toBe(true);
    const withRead = access({ write: 'w', read: 'r' }, false);
    expect(withRead.mayRead(authorization('r'))).toBe(true);
    expect(withRead.mayWrite(authorization('r'))).toBe(false);
    expect(access({ write: 'w', read: 'r' }, true).mayRead(undefined)).toBe(true);
  });
  test('an empty token opens nothing', () => {
    expect(access({ write: '', read: '' }, false).mayWrite('Bearer ')).toBe(false);
    expect(access({ write: '', read: '' }, false).mayRead(undefined)).toBe(false);
  });
  test.each([
    ['127.0.0.1', true],
    ['::1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['::', false],
    ['127.evil.example', false],
  ])('%s is loopback: %s', (host, loopback) => expect(isLoopback(host)).toBe(loopback));
});
