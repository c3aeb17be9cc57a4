/**
 * All slices as numbers in one array, and their texts once: a month of them crosses from the store's thread in a moment,
 * where hundreds of thousands of objects would take seconds.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { MissingReason } from '../../contract/result.ts';
import type { SliceRow } from './rows.ts';

export type PackedSlices = { readonly numbers: Float64Array; readonly texts: readonly string[] };

type Value = string | number | null;
type Row = readonly Value[];

const keyColumns = 'width_ms, at_ms, check_id, vantage, burst';
const keyLength = 5;

export function packSlices(database: DatabaseSync): PackedSlices {
  const numbers = growing();
  const texts = textBook();
  // Both in the order of their keys, so that each slice's regions are the next.
  const regions = rowsOf(database, `SELECT ${keyColumns}, region, good, bad, missing, durations FROM slice_region`);
  let region = regions.next();
  const slices = `SELECT ${keyColumns}, expected, remainder, minutes, leaks FROM slice LEFT JOIN slice_detail USING (${keyColumns})`;
  for (const slice of rowsOf(database, slices)) {
    const own: Row[] = [];
    for (; region.done !== true && isOf(region.value, slice); region = regions.next()) own.push(region.value);
    const [widthMs, atMs, checkId, vantage, burst, expected, remainder, minutes, leaks] = slice;
    numbers.add(widthMs as number, atMs as number, texts.of(checkId), texts.of(vantage), texts.of(burst));
    numbers.add(expected as number, texts.of(remainder), texts.of(minutes ?? ''), texts.of(leaks ?? ''), own.length);
    for (const [, , , , , name, good, bad, missing, durations] of own) {
      numbers.add(texts.of(name), good as number, bad as number, texts.of(missing));
      numbers.list(JSON.parse(String(durations)) as readonly number[]);
    }
  }
  return { numbers: numbers.take(), texts: texts.all };
}

function rowsOf(database: DatabaseSync, select: string): IterableIterator<Row> {
  const statement = database.prepare(`${select} ORDER BY ${keyColumns}`);
  statement.setReturnArrays(true);
  return statement.iterate() as unknown as IterableIterator<Row>;
}

function isOf(region: Row, slice: Row): boolean {
  for (let index = 0; index < keyLength; index += 1) if (region[index] !== slice[index]) return false;
  return true;
}

function growing() {
  let values = new Float64Array(65_536);
  let used = 0;
  const room = (more: number): void => {
    if (used + more <= values.length) return;
    const larger = new Float64Array(values.length * 2 + more);
    larger.set(values);
    values = larger;
  };
  return {
    add(...more: readonly number[]): void {
      room(more.length);
      for (const one of more) {
        values[used] = one;
        used += 1;
      }
    },
    /** Its length first. */
    list(more: readonly number[]): void {
      room(more.length + 1);
      values[used] = more.length;
      values.set(more, used + 1);
      used += more.length + 1;
    },
    take: () => values.slice(0, used),
  };
}

function textBook() {
  const known = new Map<string, number>();
  const all: string[] = [];
  return {
    all,
    of(value: Value | undefined): number {
      const text = String(value);
      let index = known.get(text);
      if (index === undefined) {
        index = all.push(text) - 1;
        known.set(text, index);
      }
      return index;
    },
  };
}

export type UnpackedSlice = Omit<SliceRow, 'regions'> & {
  readonly regions: readonly {
    readonly region: string;
    readonly good: number;
    readonly bad: number;
    /** As JSON. */
    readonly missing: string;
    /** Where in the packed numbers those of its histogram are: sum, those of zero, and each bucket with its count. */
    readonly from: number;
    readonly length: number;
  }[];
};

/** One after the other: all at once would be as large as what they become. */
export function unpackSlices({ numbers, texts }: PackedSlices, each: (slice: UnpackedSlice) => void): void {
  let at = 0;
  const number = (): number => {
    at += 1;
    return numbers[at - 1] as number;
  };
  const text = (): string => texts[number()] as string;
  while (at < numbers.length) {
    const id = { widthMs: number(), atMs: number(), checkId: text(), vantage: text(), burst: text() };
    const expected = number();
    const remainder = text() as MissingReason;
    const [minutes, leaks] = [text(), text()];
    const regions: UnpackedSlice['regions'][number][] = [];
    for (let left = number(); left > 0; left -= 1) {
      const counts = { region: text(), good: number(), bad: number(), missing: text() };
      const length = number();
      regions.push({ ...counts, from: at, length });
      at += length;
    }
    const detail = { ...(minutes !== '' && { minutes }), ...(leaks !== '' && { leaks }) };
    each({ ...id, expected, remainder, ...detail, regions });
  }
}
