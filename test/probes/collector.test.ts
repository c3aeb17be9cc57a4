import { describe, expect, test } from 'vitest';
import { silent } from '../../contract/log.ts';
import { collector } from '../../probes/collector.ts';
import type { Unnumbered } from '../../probes/record.ts';
import type { Numbered } from '../../probes/spool.ts';
import { wheelOn } from '../../probes/wheel.ts';
import { fakeClock } from '../fakes/clock.ts';

function result(round: number): Unnumbered {
  return {
    check: 'home',
    round,
    startMs: round,
    durationMs: 1,
    outcome: 'good',
    phases: {},
    region: null,
    servedBy: null,
    client: 'fresh',
    burst: null,
    details: {},
    quality: { lateMs: 0, loopDelayMs: 0 },
  };
}

function gathering() {
  const clock = fakeClock();
  const writes: number[][] = [];
  const disk = { full: false };
  const spool = {
    append(results: readonly Unnumbered[]): readonly Numbered[] {
      if (disk.full) throw new Error('disk full');
      writes.push(results.map(({ round }) => round));
      return [];
    },
  };
  const gathered = collector({ clock, wheel: wheelOn(clock) }, spool, silent, () => undefined);
  return { clock, writes, disk, gathered };
}

describe('the collector', () => {
  test('writes what came within a moment at once, and in a quiet moment once it is old enough', async () => {
    const { clock, writes, gathered } = gathering();
    gathered.add(result(1));
    gathered.onQuiet();
    expect(writes).toEqual([]);
    await clock.advance(35);
    gathered.add(result(2));
    gathered.onQuiet();
    expect(writes).toEqual([[1, 2]]);
  });

  test('lets nothing wait for longer than the link allows where it is never quiet', async () => {
    const { clock, writes, gathered } = gathering();
    gathered.add(result(1));
    await clock.advance(80);
    expect(writes).toEqual([[1]]);
  });

  test('keeps what the disk does not take, and tries again once a second', async () => {
    const { clock, writes, disk, gathered } = gathering();
    disk.full = true;
    gathered.add(result(1));
    await clock.advance(100);
    gathered.add(result(2));
    disk.full = false;
    await clock.advance(800);
    expect(writes).toEqual([]);
    await clock.advance(300);
    expect(writes).toEqual([[1, 2]]);
  });

  test('says when the oldest began that nobody else knows of', () => {
    const { gathered } = gathering();
    expect(gathered.oldestStartMs()).toBeUndefined();
    gathered.add(result(7));
    gathered.add(result(3));
    expect(gathered.oldestStartMs()).toBe(3);
    gathered.flush();
    expect(gathered.oldestStartMs()).toBeUndefined();
  });
});
