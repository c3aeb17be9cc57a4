/** The table is what miekg/dns 1.1.68, which blackbox_exporter is built on, makes of these messages. */
import { expect, test } from 'vitest';
import { classNumber, classText, rcodeText, typeNumber, typeText } from '../../../contract/dns.ts';
import { writeName } from '../../../probes/dns/names.ts';
import { isOptLine } from '../../../probes/dns/options.ts';
import { readMessage } from '../../../probes/dns/reading.ts';
import table from './records.json' with { type: 'json' };

type Row = {
  readonly message: string;
  /** Absent where the message cannot be read. */
  readonly rcode?: number;
  readonly answer?: readonly string[];
  readonly authority?: readonly string[];
  readonly additional?: readonly string[];
};
const rows: readonly Row[] = table;

test.each(rows.map((row) => [row.answer?.[0] ?? 'what cannot be read', row] as const))('%j', (_line, row) => {
  const bytes = Buffer.from(row.message, 'hex');
  const name = bytes[12] === 1 ? 'a.' : 'example.';
  const read = readMessage(bytes, { id: 0x1234, name, type: 255, class: 1 });
  if (row.rcode === undefined) return expect(read.read).toBe('garbled');
  if (read.read !== 'answer') throw new Error(read.read === 'garbled' ? read.reason : read.read);
  const { rcode, answer, authority, additional } = read.message;
  const lines = (records: typeof answer): readonly string[] => records.map(({ line }) => line);
  expect({ rcode, answer: lines(answer), authority: lines(authority), additional: lines(additional) }).toEqual({
    rcode: row.rcode,
    answer: row.answer,
    authority: row.authority ?? [],
    additional: row.additional ?? [],
  });
});

test('OPT alone is told from records by its line', () => {
  const lines = rows.flatMap(({ answer = [], authority = [], additional = [] }) => [
    ...answer,
    ...authority,
    ...additional,
  ]);
  const found = lines.filter(isOptLine);
  expect(found).not.toEqual([]);
  expect(new Set(found.map((line) => line.split('\n')[1]))).toEqual(new Set([';; OPT PSEUDOSECTION:']));
});

test('numbers without a name have one of their own', () => {
  expect([typeText(65_280), classText(32), rcodeText(12)]).toEqual(['TYPE65280', 'CLASS32', 'RCODE12']);
  expect([typeNumber('TYPE65280'), classNumber('CLASS32')]).toEqual([65_280, 32]);
  expect(['TYPE', 'TYPE65536', 'TYPE-1', 'type1', 'TYPE1e3'].map(typeNumber)).toEqual(new Array(5).fill(undefined));
});

test.each([
  ['.', '00'],
  ['a.b.', '0161016200'],
  ['a.b', '0161016200'],
  ['a\\.b.c', '03612e62016300'],
  ['\\255\\\\x', '03ff5c7800'],
  ['*._x.', '012a025f7800'],
  ['a\\.', '02612e00'],
])('the name %s is written as %s', (text, hex) => {
  expect(writeName(text)).toEqual(Buffer.from(hex, 'hex'));
});

test.each(['', '..', 'a..b', '.a', 'a\\', 'a\\999', 'x'.repeat(64), `${'x'.repeat(60)}.`.repeat(5)])(
  'the name %j is none',
  (text) => {
    expect(writeName(text)).toMatchObject({ mistake: expect.stringContaining('name: got') });
  },
);
