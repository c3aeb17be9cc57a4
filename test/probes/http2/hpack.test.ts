import { expect, test } from 'vitest';
import { type Header, packHeaders, unpacker } from '../../../probes/http2/hpack.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const bounds = { maxListBytes: 16_384, maxHeaders: 128 };

test('RFC 7541’s requests with Huffman codes are read, each with the table of those before (C.4)', () => {
  const { unpack } = unpacker(bounds);
  const get: readonly Header[] = [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'www.example.com'],
  ];
  expect(unpack(hex('8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff'))).toEqual(get);
  expect(unpack(hex('8286 84be 5886 a8eb 1064 9cbf'))).toEqual([...get, ['cache-control', 'no-cache']]);
  expect(unpack(hex('8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf'))).toEqual([
    [':method', 'GET'],
    [':scheme', 'https'],
    [':path', '/index.html'],
    [':authority', 'www.example.com'],
    ['custom-key', 'custom-value'],
  ]);
});

test('what is written is read, however long it is', () => {
  const headers: readonly Header[] = [
    [':status', '200'],
    ['x', ''],
    ['y', 'z'.repeat(127)],
    ['long', 'ÿ'.repeat(5_000)],
  ];
  expect(unpacker(bounds).unpack(packHeaders(headers))).toEqual(headers);
});

test('a table that is made smaller forgets the oldest, and none may be larger than was agreed', () => {
  const { unpack } = unpacker(bounds);
  // a: 1 and b: 2, 34 bytes each, then a table of 40 bytes: only the newer is left.
  expect(unpack(hex('4001 6101 31 4001 6201 32'))).toEqual([
    ['a', '1'],
    ['b', '2'],
  ]);
  expect(unpack(hex('3f09 be'))).toEqual([['b', '2']]);
  expect(unpack(hex('bf'))).toBeUndefined();
  expect(unpack(hex('3fe2 1f'))).toBeUndefined();
});

test.each([
  ['an index of nothing', '80'],
  ['an index beyond the tables', 'be'],
  ['a number without an end', 'ffffffffffff'],
  ['a text beyond the block', '1001 6105 31'],
  ['a code that ends the text', '1001 6184 ffff ffff'],
  ['padding of zeros', '1001 6181 18'],
  ['padding of a whole byte', '1001 6182 1fff'],
])('%s is no header', (_what, block) => {
  expect(unpacker(bounds).unpack(hex(block))).toBeUndefined();
});
