import { describe, expect, test } from 'vitest';
import { parseHead } from '../../../probes/http/head.ts';
import { cookieJar } from '../../../probes/http/journey/cookies.ts';

describe('no text makes us think for long', () => {
  /** Of quadratic work these would take minutes, of cubic years; the test’s own limit ends it. */
  const long = 32_000;
  test.each([
    ['blanks and then none', `A:${' '.repeat(long)}\0`],
    ['blanks before a value', `A:${' '.repeat(long)}b`],
    ['blanks behind a value', `A: b${' '.repeat(long)}`],
    ['blanks within', `A: b${'\t '.repeat(long / 2)}c`],
    ['a name without an end', 'a'.repeat(long)],
    ['colons', ':'.repeat(long)],
  ])('a header of %s', (_what, line) => {
    for (let turn = 0; turn < 20; turn += 1) parseHead(`HTTP/1.1 200 OK\r\n${line}`);
    expect(parseHead('HTTP/1.1 200 OK')).toMatchObject({ status: 200 });
  });

  test.each([
    ['blanks', `a=${' '.repeat(long)}b`],
    ['semicolons', ';'.repeat(long)],
    ['equals signs', '='.repeat(long)],
    ['attributes', `a=1${'; Domain=x'.repeat(long / 10)}`],
  ])('a cookie of %s', (_what, text) => {
    const jar = cookieJar();
    for (let turn = 0; turn < 20; turn += 1) jar.take(new URL('http://api.test/'), [text], 0);
    expect(jar.header(new URL('http://api.test/'), 1)).toBeUndefined();
  });
});
