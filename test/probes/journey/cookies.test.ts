import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cookieJar } from '../../../probes/http/journey/cookies.ts';
import { type Ground, ground, travelled } from '../../fakes/journeys.ts';

const nowMs = Date.UTC(2026, 0, 1);

describe('a jar of cookies', () => {
  test.each([
    ['to the host that set it', 'http://api.test/', 'a=1', 'http://api.test/x', 'a=1'],
    ['at whatever port', 'http://api.test:81/', 'a=1', 'http://api.test:82/', 'a=1'],
    ['not to a host below it', 'http://api.test/', 'a=1', 'http://www.api.test/', undefined],
    ['below it, where it says so', 'http://api.test/', 'a=1; Domain=api.test', 'http://www.api.test/', 'a=1'],
    ['to the whole domain', 'http://www.api.test/', 'a=1; domain=.Api.Test', 'http://api.test/', 'a=1'],
    ['not to a domain that only ends so', 'http://api.test/', 'a=1; Domain=api.test', 'http://xapi.test/', undefined],
    ['not to somebody else', 'http://api.test/', 'a=1; Domain=other.test', 'http://other.test/', undefined],
    ['not to a top-level domain', 'http://api.test/', 'a=1; Domain=test', 'http://other.test/', undefined],
    ['not to other addresses', 'http://127.0.0.1/', 'a=1; Domain=0.0.1', 'http://126.0.0.1/', undefined],
    ['below its path', 'http://api.test/', 'a=1; Path=/one', 'http://api.test/one/two', 'a=1'],
    ['not beside its path', 'http://api.test/', 'a=1; Path=/one', 'http://api.test/onetwo', undefined],
    ['below the folder that set it', 'http://api.test/a/b', 'a=1', 'http://api.test/a/c', 'a=1'],
    ['not above it', 'http://api.test/a/b', 'a=1', 'http://api.test/c', undefined],
    ['over TLS, where it is secure', 'https://api.test/', 'a=1; Secure', 'https://api.test/', 'a=1'],
    ['not in the clear then', 'https://api.test/', 'a=1; Secure', 'http://api.test/', undefined],
    ['but to this machine', 'http://127.0.0.1/', 'a=1; Secure', 'http://127.0.0.1/', 'a=1'],
    ['while it lasts', 'http://api.test/', 'a=1; Max-Age=60', 'http://api.test/', 'a=1'],
    ['not when it ended', 'http://api.test/', 'a=1; Max-Age=0', 'http://api.test/', undefined],
    [
      'not when it ended by date',
      'http://api.test/',
      'a=1; Expires=Thu, 01 Jan 1970 00:00:01 GMT',
      'http://api.test/',
      undefined,
    ],
    [
      'by its age before its date',
      'http://api.test/',
      'a=1; Max-Age=9; Expires=Thu, 01 Jan 1970 00:00:01 GMT',
      'http://api.test/',
      'a=1',
    ],
    ['with signs in its value', 'http://api.test/', 'a="b=c d"; x', 'http://api.test/', 'a="b=c d"'],
    ['not without a name', 'http://api.test/', '=1', 'http://api.test/', undefined],
    ['not without a value', 'http://api.test/', 'just words', 'http://api.test/', undefined],
  ])('sends one %s', (_what, from, set, to, header) => {
    const jar = cookieJar();
    jar.take(new URL(from), [set], nowMs);
    expect(jar.header(new URL(to), nowMs + 1)).toBe(header);
  });

  test('replaces and deletes what has the same name, domain and path, and sends longer paths first', () => {
    const jar = cookieJar();
    const url = new URL('http://api.test/one/two');
    jar.take(url, ['a=1; Path=/', 'b=1; Path=/', 'a=2; Path=/', 'c=1; Path=/one', 'd=1; Path=/'], nowMs);
    jar.take(url, ['d=; Path=/; Max-Age=-1'], nowMs);
    expect(jar.header(url, nowMs)).toBe('c=1; a=2; b=1');
  });

  test('holds no more than a hundred', () => {
    const jar = cookieJar();
    const many = Array.from({ length: 5_000 }, (_, at) => `c${at}=1`);
    jar.take(new URL('http://api.test/'), many, nowMs);
    expect(jar.header(new URL('http://api.test/'), nowMs)?.split('; ').length).toBe(100);
  });
});

describe('cookies over redirects', () => {
  let world: Ground;
  beforeEach(async () => {
    world = await ground();
  });
  afterEach(() => world.close());

  test('go along with what follows, go before given ones, and end with the journey', async () => {
    const heard: (string | undefined)[] = [];
    const at = await world.http((request, response) => {
      heard.push(request.headers.cookie);
      if (request.url === '/') response.writeHead(302, { location: '/in', 'set-cookie': ['s=1', 't=2; Path=/other'] });
      response.end();
    });
    const context = await world.context();
    const url = `http://api.test:${at.port}/`;
    for (const headers of [{}, { cookie: 's=0; mine=x' }]) await travelled(url, context, { headers });
    await travelled(url, context, { cookies: false });
    expect(heard).toEqual([undefined, 's=1', 's=0; mine=x', 'mine=x; s=1', undefined, undefined]);
  });
});
