/** How long it takes to come back with 30 days of slices and a raw log. */
import { join } from 'node:path';
import { emptyHistogram, observe, toText } from '../../aggregator/slices/histogram.ts';
import { tierWidthsMs } from '../../aggregator/slices/tiers.ts';
import type { SliceRow } from '../../aggregator/store/rows.ts';
import { openForWriting } from '../../aggregator/store/schema.ts';
import { type Writer, writerOf } from '../../aggregator/store/writer.ts';
import { systemClock } from '../../contract/clock.ts';
import { inFolder, start } from './programs.ts';
import { token } from './sender.ts';
import { median } from './table.ts';

const clock = systemClock();
const vantages = 3;
const checks = 10;
const hourMs = 3_600_000;
/** Since when slices of each width are there. */
const keptMs = [2 * hourMs, 48 * hourMs, 30 * 24 * hourMs] as const;
const blocks = 2_000;
const blockBytes = 90_000;
const restarts = 3;

export type Restarted = {
  readonly tookMs: number;
  readonly cpuMs: number;
  readonly rssBytes: number;
  readonly slices: number;
  readonly logBytes: number;
};

export async function restarted(file: string): Promise<Restarted> {
  return inFolder(async (dir) => {
    const slices = fill(join(dir, 'aggregator.sqlite'));
    const took: number[] = [];
    const spent = [];
    for (let time = 0; time < restarts; time += 1) {
      const measured = await start(file, [dir, token, String(checks)]);
      took.push(measured.startedMs);
      spent.push(await measured.spent());
      await measured.stop();
    }
    return {
      tookMs: median(took),
      cpuMs: median(spent.map(({ cpuMs }) => cpuMs)),
      rssBytes: median(spent.map(({ rssBytes }) => rssBytes)),
      slices,
      logBytes: blocks * blockBytes,
    };
  });
}

function fill(file: string): number {
  const database = openForWriting(file);
  const writer = writerOf(database);
  const nowMs = clock.nowMs();
  let slices = 0;
  for (let check = 0; check < checks; check += 1) {
    for (let vantage = 0; vantage < vantages; vantage += 1) {
      const changed = slicesOf(`check-${check}/us-east-1`, `vantage-${vantage}`, nowMs);
      slices += changed.length;
      writer.fold({ throughId: 1 + 500 * blocks, changed, removed: [], agents: [] });
    }
  }
  for (let block = 0; block < blocks; block += 100) fillLog(writer, block, nowMs);
  database.close();
  return slices;
}

function slicesOf(checkId: string, vantage: string, nowMs: number): readonly SliceRow[] {
  return tierWidthsMs.flatMap((widthMs, tier) => {
    const rows: SliceRow[] = [];
    const toMs = tier === 0 ? nowMs : nowMs - (keptMs[tier - 1] ?? 0);
    const firstMs = Math.floor((nowMs - (keptMs[tier] ?? 0)) / widthMs) * widthMs;
    for (let atMs = firstMs; atMs < toMs; atMs += widthMs) {
      const durations = emptyHistogram();
      const good = widthMs / 1_000;
      for (let sample = 0; sample < Math.min(good, 100); sample += 1) {
        observe(durations, 0.02 + ((sample * 7_919 + atMs / widthMs) % 100) / 2_000);
      }
      const regions = [{ region: 'us-east-1', good, bad: 0, missing: {}, durations: toText(durations) }];
      rows.push({ widthMs, atMs, checkId, vantage, burst: '', expected: good, remainder: 'agent-gone', regions });
    }
    return rows;
  });
}

function fillLog(writer: Writer, from: number, nowMs: number): void {
  const frame = 'x'.repeat(blockBytes);
  writer.commit({
    sequences: [],
    gaps: [],
    blocks: Array.from({ length: 100 }, (_, index) => ({
      firstId: 1 + 500 * (from + index),
      count: 500,
      skip: 0,
      agent: 'vantage-0',
      boot: 'bench',
      vantage: 'vantage-0',
      clock: null,
      alignByMs: 0,
      fromMs: nowMs - 1_000,
      toMs: nowMs,
      names: '',
      bursts: '',
      frame,
    })),
  });
}
