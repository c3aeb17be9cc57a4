import { expect, test } from 'vitest';
import { newHistory } from '../../../probes/blackbox/history.ts';
import { newProbeLog } from '../../../probes/blackbox/log.ts';
import { exposition } from '../../../probes/blackbox/metrics.ts';
import { promNumber } from '../../../probes/blackbox/number.ts';
import { page } from '../../../probes/blackbox/page.ts';
import { parseQuery, parseUrlTarget, splitHostPort } from '../../../probes/blackbox/target.ts';

test.each([
  [0, '0'],
  [-0, '0'],
  [1, '1'],
  [-1, '-1'],
  [0.5, '0.5'],
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [1.25e-7, '1.25e-07'],
  [999_999, '999999'],
  [1_000_000, '1e+06'],
  [3_668_918_509, '3.668918509e+09'],
  [-62_135_596_800, '-6.21355968e+10'],
  [1e21, '1e+21'],
  [1e100, '1e+100'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
])('%d is written %s', (value, text) => {
  expect(promNumber(value)).toBe(text);
});

test('families, labels and samples are in order, and what would end a line early is escaped', () => {
  const text = exposition([
    { name: 'b', help: 'one\nand\\two', type: 'counter', samples: [{ labels: {}, value: 2 }] },
    {
      name: 'a',
      help: 'first',
      type: 'gauge',
      samples: [
        { labels: { z: 'B', y: 'same' }, value: 1 },
        { labels: { z: 'A"\\\n', y: 'same' }, value: 2 },
      ],
    },
  ]);
  expect(text).toBe(
    '# HELP a first\n# TYPE a gauge\na{y="same",z="A\\"\\\\\\n"} 2\na{y="same",z="B"} 1\n' +
      '# HELP b one\\nand\\\\two\n# TYPE b counter\nb 2\n',
  );
});

test('the log quotes what has blanks, quotes or control characters in it, and leaves out what is below its level', () => {
  const log = newProbeLog('warn', { target: 'a b' }, () => 1_000);
  log.debug('not this');
  log.warn('plain', { err: 'say "no"\n', path: 'C:\\x', count: 3 });
  expect(log.text()).toBe(
    'time=1970-01-01T00:00:01.000Z level=WARN msg=plain target="a b" err="say \\"no\\"\\n" path=C:\\x count=3\n',
  );
});

test('of a thousand lines and more the first thousand stay', () => {
  const log = newProbeLog('debug', {}, () => 0);
  for (let line = 0; line < 1_500; line += 1) log.debug(`line ${line}`);
  expect(log.text().trim().split('\n')).toHaveLength(1_000);
});

test('the history holds its limit, and as many failed probes that fell out of it', () => {
  const history = newHistory(2);
  const add = (target: string, success: boolean): void =>
    history.add({ module: 'm', target, success, debug: () => target });
  for (const target of ['bad 1', 'bad 2', 'bad 3', 'good 1', 'good 2', 'good 3'])
    add(target, target.startsWith('good'));
  expect(history.list().map(({ id, target }) => `${id} ${target}`)).toEqual([
    '1 bad 2',
    '2 bad 3',
    '4 good 2',
    '5 good 3',
  ]);
  expect(history.byId(0)).toBeUndefined();
  expect(history.byId(5)?.target).toBe('good 3');
  expect(history.byTarget('bad 3', '')?.id).toBe(2);
  expect(history.byTarget('bad 3', 'other')).toBeUndefined();
});

test('the page shows the newest first, and nothing of a target is markup', () => {
  const debug = (): string => '';
  const html = page([
    { id: 1, module: 'm', target: '<script>', success: true, debug },
    { id: 2, module: 'm', target: "a'b", success: false, debug },
  ]);
  expect(html).not.toContain('<script>');
  expect(html.indexOf('logs?id=2')).toBeLessThan(html.indexOf('logs?id=1'));
  expect(html).toContain('<td>a&#39;b</td><td><strong>Failure</strong></td>');
});

test.each([
  ['shop.example', { scheme: 'http', hostname: 'shop.example', port: '', host: 'shop.example', path: '' }],
  [
    'https://a:b@shop.example:8443/x?y=1#z',
    { scheme: 'https', hostname: 'shop.example', port: '8443', path: '/x?y=1' },
  ],
  ['http://[::1]:80/', { hostname: '::1', port: '80', host: '[::1]:80' }],
  ['HTTP://x/', { scheme: 'http', hostname: 'HTTP', port: '', host: 'HTTP:', path: '//x/' }],
])('%s is read as a URL', (target, value) => {
  expect(parseUrlTarget(target)).toMatchObject({ ok: true, value });
});

test.each(['http://a b/', 'http://h:port/', 'http://[::1/', 'http://h/%zz', 'http://h/\u0001'])(
  '%s is no URL',
  (target) => {
    expect(parseUrlTarget(target)).toMatchObject({ ok: false });
  },
);

test.each([
  ['h:1', { host: 'h', port: '1' }],
  ['[::1]:1', { host: '::1', port: '1' }],
  [':1', { host: '', port: '1' }],
  ['h:', { host: 'h', port: '' }],
])('%s is a host and a port', (text, value) => {
  expect(splitHostPort(text)).toEqual({ ok: true, value });
});

test.each([
  ['h', 'missing port in address'],
  ['::1', 'too many colons in address'],
  ['[::1]', 'missing port in address'],
  ['[::1', "missing ']' in address"],
  ['a]b:1', "unexpected ']' in address"],
])('%s: %s', (text, mistake) => {
  expect(splitHostPort(text)).toEqual({ ok: false, mistake: `address ${text}: ${mistake}` });
});

test('of a query the first value counts, and broken pairs are not there', () => {
  expect([...parseQuery('a=1&a=2&b=x%20y+z&c&d=%zz&e=1;2&=&f=%26')]).toEqual([
    ['a', '1'],
    ['b', 'x y z'],
    ['c', ''],
    ['', ''],
    ['f', '&'],
  ]);
});
