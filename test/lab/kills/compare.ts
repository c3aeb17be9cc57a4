/** Ledgers against counts: every difference is a sentence. */
import { type UnpackedSlice, unpackSlices } from '../../../aggregator/store/packed-slices.ts';
import { openStore } from '../../../aggregator/store/store.ts';
import type { StoredResult } from '../../../contract/api.ts';
import { checkEveryMs } from './programs.ts';
import type { LedgerLine, Remains } from './run.ts';

const sliceMs = 10_000;

export async function differences(remains: Remains): Promise<readonly string[]> {
  const store = await openStore(remains.database);
  const { slices, sequences, unfolded } = store.loaded;
  await store.close();
  const kept: UnpackedSlice[] = [];
  unpackSlices(slices, (slice) => kept.push(slice));
  const alignByMs = new Map(sequences.map((row) => [`${row.agent} ${row.boot}`, row.alignByMs]));
  return [
    ...(unfolded.length === 0 ? [] : [`${unfolded.length} blocks are in no slice after a clean end`]),
    ...oneByOne(remains),
    ...sliceBySlice(remains, kept, alignByMs),
  ];
}

function keyOf({ agent, boot, seq }: { readonly agent: string; readonly boot: string; readonly seq: number }): string {
  return `${agent} ${boot} ${seq}`;
}

/** Each number of each boot is one result or in one gap record, and nothing else is there. */
function oneByOne({ ledger, results, kept }: Remains): readonly string[] {
  const found: string[] = [];
  const counted = new Map<string, StoredResult>();
  for (const result of results) {
    if (counted.has(keyOf(result))) found.push(`${keyOf(result)} is counted twice`);
    counted.set(keyOf(result), result);
  }
  const named = (line: LedgerLine): boolean =>
    kept.gaps.some(
      (gap) => gap.agent === line.agent && gap.boot === line.boot && gap.fromSeq <= line.seq && line.seq <= gap.toSeq,
    );
  const written = new Set<string>();
  const last = new Map<string, number>();
  for (const line of ledger) {
    const key = keyOf(line);
    if (written.has(key)) found.push(`${key} is in the ledger twice`);
    written.add(key);
    last.set(`${line.agent} ${line.boot}`, Math.max(line.seq, last.get(`${line.agent} ${line.boot}`) ?? 0));
    const result = counted.get(key);
    if (named(line) === (result !== undefined))
      found.push(`${key} is ${result ? 'both counted and in a gap' : 'lost'}`);
    if (result && `${result.checkId} ${result.outcome}` !== `${line.check} ${line.outcome}`) {
      found.push(`${key}: got ${result.checkId} ${result.outcome}, want ${line.check} ${line.outcome}`);
    }
  }
  for (const key of counted.keys()) if (!written.has(key)) found.push(`${key} is counted, and no ledger knows it`);
  for (const { agent, boot, through } of kept.through) {
    const want = last.get(`${agent} ${boot}`) ?? 0;
    if (through !== want) found.push(`${agent} ${boot}: counted through ${through}, want ${want}`);
  }
  return found;
}

type Tally = { good: number; other: number };

/**
 * Good is good. What is bad may have been excused since, when its vantage was in trouble: it is missing then, with the
 * reason `bad-sample`, so the two are compared as one. A result that was made far from its round may be in the slice of
 * either: it is counted at most once more in each, and the sums over all slices are exact.
 */
function sliceBySlice(
  { ledger, results }: Remains,
  slices: readonly UnpackedSlice[],
  alignByMs: ReadonlyMap<string, number>,
): readonly string[] {
  const sure = tallies();
  const either = tallies();
  const want = tallies();
  const seenAtMs = new Map(results.map((result) => [keyOf(result), result.atMs]));
  for (const line of ledger) {
    const atMs = seenAtMs.get(keyOf(line));
    if (atMs === undefined) continue;
    const series = `${line.check} ${line.agent}`;
    const moved = Math.round((alignByMs.get(`${line.agent} ${line.boot}`) ?? 0) / checkEveryMs) * checkEveryMs;
    const places = [floorToSlice(line.round * checkEveryMs + moved), floorToSlice(atMs)];
    want.add(series, line.outcome);
    const [first, second] = places;
    if (first === second) sure.add(`${series} ${first}`, line.outcome);
    else for (const place of places) either.add(`${series} ${place}`, line.outcome);
  }
  const found: string[] = [];
  const sums = tallies();
  for (const slice of slices) {
    const series = `${slice.checkId} ${slice.vantage}`;
    const got = cameInto(slice);
    sums.merge(series, got);
    const key = `${series} ${slice.atMs}`;
    const [least, more] = [sure.of(key), either.of(key)];
    if (isBetween(got.good, least.good, more.good) && isBetween(got.other, least.other, more.other)) continue;
    found.push(`slice ${key}: got ${shown(got)}, want ${shown(least)} and up to ${shown(more)} more`);
  }
  for (const series of new Set([...want.keys(), ...sums.keys()])) {
    const [got, wanted] = [shown(sums.of(series)), shown(want.of(series))];
    if (got !== wanted) found.push(`all slices of ${series}: got ${got}, want ${wanted}`);
  }
  return found;
}

function cameInto(slice: UnpackedSlice): Tally {
  const tally = { good: 0, other: 0 };
  for (const { good, bad, missing } of slice.regions) {
    tally.good += good;
    const reasons = JSON.parse(missing) as Readonly<Record<string, number>>;
    tally.other += bad + Object.values(reasons).reduce((sum, results) => sum + results, 0);
  }
  return tally;
}

function tallies() {
  const held = new Map<string, Tally>();
  const of = (key: string): Tally => held.get(key) ?? { good: 0, other: 0 };
  const merge = (key: string, more: Tally): void => {
    const known = of(key);
    held.set(key, { good: known.good + more.good, other: known.other + more.other });
  };
  return {
    of,
    merge,
    keys: () => held.keys(),
    add: (key: string, outcome: string) =>
      merge(key, outcome === 'good' ? { good: 1, other: 0 } : { good: 0, other: 1 }),
  };
}

function floorToSlice(timeMs: number): number {
  return Math.floor(timeMs / sliceMs) * sliceMs;
}

function isBetween(got: number, least: number, more: number): boolean {
  return least <= got && got <= least + more;
}

function shown({ good, other }: Tally): string {
  return `${good} good and ${other} others`;
}
