import { describe, expect, test } from 'vitest';
import type { Mistake } from '../../../contract/mistake.ts';
import { type TargetLimits, targetLimits } from '../../../probes/limits.ts';

function limits(...allowed: string[]): TargetLimits {
  const mistakes: Mistake[] = [];
  const made = targetLimits({ allowed }, (mistake) => mistakes.push(mistake));
  expect(mistakes).toEqual([]);
  return made;
}
const mistakeIn = (text: string): string | undefined => {
  const mistakes: Mistake[] = [];
  targetLimits({ allowed: [text] }, (mistake) => mistakes.push(mistake));
  return mistakes[0]?.place;
};

describe('without a list', () => {
  test.each([
    '192.0.2.1',
    '127.0.0.1',
    '10.0.0.1',
    '::1',
    '2001:db8::1',
    'fd00:ec2::255',
    '100.100.100.201',
    'fec0::1',
  ])('%s is asked', (address) => expect(limits().refusal(address, 80)).toBeUndefined());

  test.each([
    ['169.254.0.1', 'link-local'],
    ['169.254.255.255', 'link-local'],
    ['224.0.0.251', 'link-local'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['febf:ffff::1', 'link-local'],
    ['ff02::fb', 'link-local'],
    ['169.254.169.254', 'metadata'],
    ['169.254.170.2', 'metadata'],
    ['fd00:ec2::254', 'metadata'],
    ['FD00:0EC2:0:0:0:0:0:0254', 'metadata'],
    ['fd20:ce::254', 'metadata'],
    ['fd00:c1::a9fe:a9fe', 'metadata'],
    ['fd00:c1::169.254.169.254', 'metadata'],
    ['fd00:42::42', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['168.63.129.16', 'metadata'],
    ['192.0.0.192', 'metadata'],
  ])('%s is refused: it is %s', (address, what) => {
    expect(limits().refusal(address, 80)).toMatch(what);
  });

  test.each([
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '0:0:0:0:0:FFFF:A9FE:A9FE',
    '::169.254.169.254',
    '::ffff:0:169.254.169.254',
    '64:ff9b::169.254.169.254',
    '64:ff9b:1::a9fe:a9fe',
    '64:ff9b:1:a9fe:a9:fe00::',
    '64:ff9b:1:a9:fe:a9fe::',
    '64:ff9b:1::a9:fea9:fe00:0',
    '2002:a9fe:a9fe::1',
    '2001:0:1:2::5601:5601',
    '2001:0:a9fe:a9fe::1',
    '2001:db8::5efe:169.254.169.254',
    '2001:db8::200:5efe:a9fe:a9fe',
    '::ffff:100.100.100.200',
    '64:ff9b::a83f:8110',
  ])('%s is refused: an IPv4 address is written in it', (address) => {
    expect(limits().refusal(address, 80)).toMatch('metadata');
  });

  test('the reason says how to allow it', () => {
    expect(limits().refusal('169.254.169.254', 80)).toBe(
      "169.254.169.254 port 80 is a cloud's metadata address, which this agent does not ask: --allow-target 169.254.169.254:80 allows it",
    );
    expect(limits().refusal('fe80::1', 53)).toMatch('--allow-target [fe80::1]:53 allows it');
    expect(limits().refusal('fe80::1', 0)).toMatch('--allow-target fe80::1 allows it');
  });
});

describe('with a list', () => {
  test('only what is on it is asked', () => {
    const some = limits('10.1.0.0/16', '192.0.2.7', '2001:db8::/32');
    expect(['10.1.255.3', '192.0.2.7', '2001:db8:1::1', '::ffff:10.1.0.1'].map((a) => some.refusal(a, 443))).toEqual(
      Array.from({ length: 4 }, () => undefined),
    );
    for (const address of ['10.2.0.1', '192.0.2.8', '127.0.0.1', '2001:db9::1', '64:ff9b::10.1.0.1'])
      expect(some.refusal(address, 443)).toMatch(/is none of the targets .* --allow-target .* allows it$/);
  });

  test('a prefix may end within a byte', () => {
    const some = limits('10.0.0.128/25', '2001:db8::/33', '::ffff:192.0.2.0/121');
    expect(some.refusal('10.0.0.128', 1)).toBeUndefined();
    expect(some.refusal('10.0.0.127', 1)).toBeDefined();
    expect(some.refusal('2001:db8:7fff::', 1)).toBeUndefined();
    expect(some.refusal('2001:db8:8000::', 1)).toBeDefined();
    expect(some.refusal('192.0.2.127', 1)).toBeUndefined();
    expect(some.refusal('192.0.2.128', 1)).toBeDefined();
  });

  test('an entry with a port allows that port alone', () => {
    for (const entry of ['192.0.2.7:443', '192.0.2.0/24:443', '[::ffff:192.0.2.7]:443']) {
      expect(limits(entry).refusal('192.0.2.7', 443)).toBeUndefined();
      expect(limits(entry).refusal('192.0.2.7', 80)).toBeDefined();
      expect(limits(entry).refusal('192.0.2.7', 0)).toBeDefined();
    }
    expect(limits('[2001:db8::/32]:443').refusal('2001:db8::1', 443)).toBeUndefined();
    expect(limits('[2001:db8::/32]:443').refusal('2001:db8::1', 444)).toBeDefined();
  });

  test('what is guarded has to be allowed by itself: a wide range does not open it', () => {
    expect(limits('0.0.0.0/0', '::/0').refusal('192.0.2.1', 80)).toBeUndefined();
    expect(limits('0.0.0.0/0', '::/0').refusal('169.254.169.254', 80)).toMatch('metadata');
    expect(limits('0.0.0.0/0', '::/0').refusal('::ffff:169.254.1.1', 80)).toMatch('link-local');
    expect(limits('169.254.0.0/16').refusal('169.254.1.1', 80)).toBeUndefined();
    expect(limits('169.254.0.0/16').refusal('169.254.169.254', 80)).toMatch('metadata');
    expect(limits('169.254.169.254').refusal('169.254.169.254', 80)).toBeUndefined();
    expect(limits('169.254.169.254').refusal('::ffff:a9fe:a9fe', 80)).toBeUndefined();
    expect(limits('169.254.169.254:80').refusal('169.254.169.254', 8080)).toMatch('metadata');
  });
});

describe('names on the list', () => {
  const signal = new AbortController().signal;
  function led(list: readonly string[], host: string, address: string, port = 443): string | undefined {
    const some = limits(...list);
    some.named?.(host, address, signal);
    return some.refusal(address, port, signal);
  }

  test('allow the address that they led to, in the attempt that was led there, and in no other', () => {
    const some = limits('shop.example');
    some.named?.('api.shop.example', '192.0.2.7', signal);
    expect(some.refusal('192.0.2.7', 443, signal)).toBeUndefined();
    expect(some.refusal('192.0.2.8', 443, signal)).toBeDefined();
    expect(some.refusal('192.0.2.7', 443, new AbortController().signal)).toBeDefined();
    expect(some.refusal('192.0.2.7', 443)).toBeDefined();
  });

  test('never allow what is guarded: a name may lead anywhere', () => {
    expect(led(['shop.example'], 'shop.example', '169.254.169.254')).toMatch('metadata');
    expect(led(['shop.example'], 'shop.example', '::ffff:169.254.169.254')).toMatch('metadata');
  });

  test.each([
    ['shop.example', 'shop.example', true],
    ['shop.example', 'API.Shop.Example.', true],
    ['shop.example', 'evilshop.example', false],
    ['shop.example', 'shop.example.evil', false],
    ['.shop.example', 'shop.example', false],
    ['.shop.example', 'a.b.shop.example', true],
    ['*.shop.example', 'a.shop.example', true],
    ['bücher.example', 'xn--bcher-kva.example', true],
    ['shop.example:443', 'shop.example', true],
    ['shop.example:444', 'shop.example', false],
  ])('%s and %s: %s', (entry, host, isAllowed) => {
    expect(led([entry], host, '192.0.2.7') === undefined).toBe(isAllowed);
    expect(limits(entry).refusal(host, 443) === undefined).toBe(isAllowed);
  });
});

test.each([
  '',
  '10.0.0.0/33',
  '10.0.0.0/x',
  '10.0.0.300',
  '192.0.2.1:0',
  '192.0.2.1:65536',
  'shop..example',
  'a b',
  '2001:db8::/129',
  'http://a.example',
  '[shop.example]:1',
])('%j is no target, and is said to be none', (text) => expect(mistakeIn(text)).toBe('--allow-target'));
