/**
 * What verdicts cost: 100 objectives in each of 9 regions over 30 days, and the next ones after a slice.
 * `node bench/slo.ts [objectives] [regions]` prints a table.
 */
import { noSums, sumsOf } from '../aggregator/slices/slice.ts';
import { spreadText } from '../aggregator/slices/spread.ts';
import { sliceTable } from '../aggregator/slices/table.ts';
import { verdicts } from '../aggregator/slo/verdicts.ts';
import { systemClock } from '../contract/clock.ts';
import type { Objective } from '../contract/objective.ts';
import { seededRandom } from '../contract/random.ts';

const [objectiveCount = 100, regionCount = 9] = process.argv.slice(2).map(Number);
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const clock = systemClock();
const random = seededRandom(7);
const rounds = 15;
/** Objectives share them. */
const checkCount = 20;

const kinds: readonly Objective['indicator'][] = [
  { kind: 'availability', target: 0.999 },
  { kind: 'latency-under', limitMs: 250, target: 0.99 },
  { kind: 'latency', quantile: 0.95, targetMs: 250 },
  { kind: 'availability', target: 0.99 },
];
const regions = Array.from({ length: regionCount }, (_, index) => `r${index}`);
const objectives = Array.from({ length: objectiveCount }, (_, index) =>
  regions.map((region): Objective => {
    const indicator = kinds[index % kinds.length] as Objective['indicator'];
    const burst = index % 2 === 0 ? { burstMs: 300_000 } : {};
    return {
      id: `o${index}/${region}`,
      check: `c${index % checkCount}/${region}`,
      region,
      from: 'all',
      indicator,
      windowMs: 30 * dayMs,
      ...burst,
    };
  }),
).flat();

/** As they are kept: two hours of ten seconds, two days of a minute, the rest in hours. */
const endMs = Math.floor(clock.nowMs() / hourMs) * hourMs;
const table = sliceTable({ retentionMs: 31 * dayMs, maxSamples: 0 });

/** Of an hour, as it is stored: even, but for one minute in which all fail. */
function minutesOf(region: string, good: number, failed: number): string {
  const each = (good + failed) / 60;
  const parts = Array.from({ length: 60 }, (_, minute) => {
    const bad = minute * each < failed ? Math.min(each, failed - minute * each) : 0;
    return [each - bad, bad, 0];
  });
  return spreadText({ limitsMs: [], missing: parts.map(() => 0), regions: new Map([[region, parts]]) });
}

function fill(check: string, region: string): void {
  const key = { checkId: check, vantage: 'v', burst: '' };
  const add = (atMs: number, widthMs: number): void => {
    const results = widthMs / 10_000;
    const failed = random() < 0.002 ? Math.ceil(results / 10) : 0;
    const index = -18 + Math.floor(random() * 8);
    const durations = { count: results - failed, sum: 0, zero: 0, buckets: new Map([[index, results - failed]]) };
    const counts = { good: results - failed, bad: failed, missing: new Map(), durations, samplesMs: null };
    const slice = {
      atMs,
      widthMs,
      expected: results,
      remainder: 'agent-gone' as const,
      regions: new Map([[region, counts]]),
      summed: noSums,
    };
    const inMinute = widthMs === hourMs ? minutesOf(region, results - failed, failed) : undefined;
    table.restore(key, inMinute === undefined ? slice : { ...slice, spread: inMinute }, sumsOf(slice));
  };
  for (let atMs = endMs - 30 * dayMs; atMs < endMs - 2 * dayMs; atMs += hourMs) add(atMs, hourMs);
  for (let atMs = endMs - 2 * dayMs; atMs < endMs - 2 * hourMs; atMs += 60_000) add(atMs, 60_000);
  for (let atMs = endMs - 2 * hourMs; atMs < endMs; atMs += 10_000) add(atMs, 10_000);
}

let nowMs = endMs;
const series = new Map(objectives.map(({ check, region }) => [check, region ?? '']));
for (const [check, region] of series) fill(check, region);
const book = verdicts(objectives, [], {
  series: () => table.series(),
  takeTouched: table.takeTouched,
  protect: table.protect,
  retentionMs: 31 * dayMs,
  nameOf: (id) => id,
  regionOf: (id) => id.split('/')[1] ?? null,
  vantageRegion: () => null,
  witnesses: () => ({ known: 3, healthy: 3 }),
  nowMs: () => clock.nowMs(),
  completeThroughMs: () => nowMs - 60_000,
  owed: () => 0,
  onChanged: () => undefined,
});

type Spent = { readonly cpuMs: number; readonly wallMs: number };

function timed(act: () => void): Spent {
  const startMs = clock.nowMs();
  const before = process.threadCpuUsage();
  act();
  const { user, system } = process.threadCpuUsage(before);
  return { cpuMs: (user + system) / 1_000, wallMs: clock.nowMs() - startMs };
}

/** On a busy machine the wall clock tells of others: what it cost is the CPU time of this thread. */
function row(what: string, times: readonly Spent[]): void {
  const at = (share: number, of: (spent: Spent) => number): string => {
    const sorted = times.map(of).sort((a, b) => a - b);
    return (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1);
  };
  const cpu = (spent: Spent): number => spent.cpuMs;
  console.log(`| ${what} | ${at(0.5, cpu)} ms | ${at(1, cpu)} ms | ${at(0.5, ({ wallMs }) => wallMs)} ms |`);
}

console.log(`| ${objectives.length} verdicts over 30 days | CPU p50 | CPU slowest | wall p50 |`);
console.log('|---|---|---|---|');
const turns: Spent[] = [];
let isMore = true;
while (isMore) {
  const readOn = (): void => {
    isMore = book.readOn();
  };
  turns.push(timed(readOn));
}
const all = (of: (spent: Spent) => number): number => turns.reduce((sum, spent) => sum + of(spent), 0);
row(`the first, from all slices, in ${turns.length} turns`, [
  { cpuMs: all(({ cpuMs }) => cpuMs), wallMs: all(({ wallMs }) => wallMs) },
]);
row('each of those turns', turns);
row('the first look', [timed(() => book.look(nowMs))]);
row(
  'again, nothing changed',
  Array.from({ length: rounds }, () => timed(() => book.look(nowMs))),
);
row(
  'after a slice of each',
  Array.from({ length: rounds }, () => {
    for (const [check, region] of series) {
      const outcome = random() < 0.002 ? 'bad' : 'good';
      table.add({ checkId: check, vantage: 'v', burst: '' }, nowMs, {
        region,
        outcome,
        missing: null,
        durationMs: 120,
      });
    }
    nowMs += 10_000;
    return timed(() => book.look(nowMs));
  }),
);
row(
  'after a late result of a day ago in each',
  Array.from({ length: rounds }, () => {
    for (const [check, region] of series) {
      table.add({ checkId: check, vantage: 'v', burst: '' }, nowMs - dayMs, {
        region,
        outcome: 'bad',
        missing: null,
        durationMs: 120,
      });
    }
    return timed(() => book.look(nowMs));
  }),
);
row(
  'of a moment a week ago',
  Array.from({ length: rounds }, () => timed(() => book.at(nowMs - 7 * dayMs))),
);
