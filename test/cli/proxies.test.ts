import { expect, test } from 'vitest';
import { optionReader } from '../../cli/options.ts';
import { proxies } from '../../cli/proxies.ts';
import { Mistakes } from '../../contract/mistake.ts';

type Env = Readonly<Record<string, string>>;

function chosen(aggregator: string, env: Env, proxy?: string): string | null {
  const reader = optionReader();
  const url = proxies(reader, { env, ...(proxy === undefined ? {} : { proxy }) })(new URL(aggregator));
  reader.check();
  return url?.host ?? null;
}
function mistake(env: Env, proxy?: string): string {
  try {
    return String(chosen('https://blackstart.example', env, proxy));
  } catch (error) {
    return error instanceof Mistakes ? error.message : 'another error';
  }
}
const both = { HTTPS_PROXY: 'http://secure.example:3128', http_proxy: 'plain.example:3129' };

test('each scheme has its own, in capitals or not, with a scheme or without', () => {
  expect(chosen('https://blackstart.example', both)).toBe('secure.example:3128');
  expect(chosen('http://blackstart.example', both)).toBe('plain.example:3129');
  expect(chosen('http://blackstart.example', { HTTPS_PROXY: 'http://a' })).toBeNull();
  expect(chosen('https://blackstart.example', { HTTPS_PROXY: '', https_proxy: 'http://a:1' })).toBe('a:1');
  expect(chosen('https://blackstart.example', {})).toBeNull();
});

test('the option goes before the environment, and none is none', () => {
  expect(chosen('https://blackstart.example', both, 'http://own.example:1')).toBe('own.example:1');
  expect(chosen('https://127.0.0.1:9400', { NO_PROXY: '*' }, 'http://own.example:1')).toBe('own.example:1');
  expect(chosen('https://blackstart.example', both, 'none')).toBeNull();
});

test.each([
  ['https://127.0.0.1:9400', '', null],
  ['https://[::1]:9400', '', null],
  ['https://[::ffff:127.0.0.1]:9400', '', null],
  ['https://localhost', '', null],
  ['https://a.blackstart.example', 'blackstart.example', null],
  ['https://blackstart.example', 'blackstart.example', null],
  ['https://blackstart.example', '.blackstart.example', 'secure.example:3128'],
  ['https://a.blackstart.example', '.blackstart.example', null],
  ['https://notblackstart.example', 'blackstart.example', 'secure.example:3128'],
  ['https://blackstart.example:9400', 'blackstart.example:9400', null],
  ['https://blackstart.example:9401', 'blackstart.example:9400', 'secure.example:3128'],
  ['https://blackstart.example', 'blackstart.example:443', null],
  ['https://10.1.2.3', '10.0.0.0/8', null],
  ['https://11.1.2.3', '10.0.0.0/8', 'secure.example:3128'],
  ['https://10.1.2.3', '10.1.2.3', null],
  ['https://10.1.2.3:9400', '10.1.2.3:9400', null],
  ['https://[2001:db8::1]', '2001:db8::/32', null],
  ['https://blackstart.example', 'a.example, blackstart.example', null],
  ['https://blackstart.example', '*', null],
])('%s with NO_PROXY=%s: %s', (aggregator, none, proxy) => {
  expect(chosen(aggregator, { ...both, NO_PROXY: none })).toBe(proxy);
  expect(chosen(aggregator, { ...both, no_proxy: none })).toBe(proxy);
});

test('what is no proxy is said to be none, without a password that may be in it', () => {
  const want = 'got something else, want the URL of an HTTP proxy, such as http://proxy.example:3128';
  for (const text of ['socks5://sre:secret@a', 'http://', 'http://sre:%zz@a', 'http://a b'])
    expect(mistake({}, text)).toBe(`--proxy: ${want}`);
  expect(mistake({ https_proxy: 'socks5://sre:secret@a' })).toBe(`https_proxy: ${want}`);
});
