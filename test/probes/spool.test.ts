import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silent } from '../../contract/log.ts';
import { maxFrameBytes, parseFromAgent } from '../../contract/wire.ts';
import type { Unnumbered } from '../../probes/record.ts';
import { openSpool, type Spool } from '../../probes/spool.ts';
import { pump } from '../../probes/uplink/pump.ts';

let dir = '';
const open: Spool[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'blackstart-spool-'));
});
afterEach(() => {
  for (const spool of open.splice(0)) spool.close();
  rmSync(dir, { recursive: true, force: true });
});

function spoolOf(boot: string, maxBytes = 1_000_000): Spool {
  const spool = openSpool({ stateDir: dir, boot, maxBytes }, silent);
  open.push(spool);
  return spool;
}
/** As a kill does: nothing more is written, and the lock is gone. */
function abandon(spool: Spool): void {
  open.splice(open.indexOf(spool), 1);
  spool.close();
}

function results(count: number, reason?: string): Unnumbered[] {
  return Array.from({ length: count }, (_, index) => ({
    check: 'home',
    round: index,
    startMs: 1_700_000_000_000,
    durationMs: 1,
    outcome: reason === undefined ? 'good' : 'bad',
    ...(reason === undefined ? {} : { failedAt: 'answer', reason }),
    phases: {},
    region: null,
    servedBy: null,
    client: 'fresh',
    burst: null,
    details: {},
    quality: { lateMs: 0, loopDelayMs: 0 },
  }));
}

/** All numbers of a boot that the frames hold, gaps told apart. */
function held(spool: Spool, boot: string): { results: number[]; gaps: [number, number][] } {
  const found: { results: number[]; gaps: [number, number][] } = { results: [], gaps: [] };
  let after = 0;
  for (let frame = spool.next(boot, after); frame !== undefined; frame = spool.next(boot, after)) {
    const parsed = parseFromAgent(frame.text);
    if (!parsed.ok) throw new Error(parsed.reason);
    if (parsed.frame.type === 'results') found.results.push(...parsed.frame.results.map(({ seq }) => seq));
    else if (parsed.frame.type === 'gap') found.gaps.push([parsed.frame.fromSeq, parsed.frame.toSeq]);
    after = frame.toSeq;
  }
  return found;
}

const upTo = (last: number, from = 1): number[] => Array.from({ length: last - from + 1 }, (_, index) => from + index);

describe('the spool', () => {
  test('numbers results from 1 without holes, in frames that the link allows', () => {
    const spool = spoolOf('b1');
    spool.append(results(3));
    spool.append(results(1_201));
    expect(spool.lastSeq).toBe(1_204);
    expect(held(spool, 'b1')).toEqual({ results: upTo(1_204), gaps: [] });
  });

  test('cuts large results into frames below the limit', () => {
    const spool = spoolOf('b1', 64 * 1_048_576);
    spool.append(results(500, 'x'.repeat(4_000)));
    let after = 0;
    for (let frame = spool.next('b1', after); frame !== undefined; frame = spool.next('b1', after)) {
      expect(Buffer.byteLength(frame.text)).toBeLessThan(maxFrameBytes);
      after = frame.toSeq;
    }
    expect(after).toBe(500);
  });

  test('keeps what was not acknowledged over a kill, under the boot that made it', () => {
    const first = spoolOf('b1');
    first.append(results(10));
    first.append(results(10));
    first.acknowledge('b1', 10);
    abandon(first);
    const second = spoolOf('b2');
    second.append(results(5));
    expect(second.olderBoots()).toEqual(['b1']);
    expect(held(second, 'b1').results).toEqual(upTo(20, 11));
    expect(held(second, 'b2').results).toEqual(upTo(5));
  });

  test('forgets what was acknowledged, and only that', () => {
    const spool = spoolOf('b1');
    spool.append(results(10));
    spool.append(results(10));
    spool.acknowledge('b1', 15);
    expect(held(spool, 'b1').results).toEqual(upTo(20, 11));
    spool.acknowledge('b1', 20);
    expect(spool.heldBytes).toBe(0);
  });

  test('at its bound the oldest go, earlier boots first, and one gap names them', () => {
    const first = spoolOf('b1', 8_000);
    first.append(results(5));
    abandon(first);
    const spool = spoolOf('b2', 8_000);
    for (let turn = 0; turn < 40; turn += 1) spool.append(results(5));
    expect(spool.heldBytes).toBeLessThanOrEqual(8_000);
    expect(held(spool, 'b1')).toEqual({ results: [], gaps: [[1, 5]] });
    const { results: left, gaps } = held(spool, 'b2');
    expect(gaps.length).toBe(1);
    const [[from, to] = [0, 0]] = gaps;
    expect(from).toBe(1);
    expect(left).toEqual(upTo(200, to + 1));
    expect(spool.droppedCount).toBe(to + 5);
  });

  test('its files stay near its bound, however much goes through it', () => {
    const spool = spoolOf('b1', 1_048_576);
    for (let turn = 0; turn < 400; turn += 1) spool.append(results(50, 'x'.repeat(200)));
    const bytes = readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
    expect(spool.droppedCount).toBeGreaterThan(10_000);
    // Pages are never quite full, and the log of what is written next is 800 KiB.
    expect(bytes).toBeLessThan(1_048_576 * 1.5 + 1_048_576);
  });

  test('a gap that takes in what is on its way names no number twice and leaves none out', () => {
    const spool = spoolOf('b1', 4_000);
    const feeding = pump(spool, 'b1', 0);
    const counted = new Map<number, number>();
    let through = 0;
    for (let turn = 0; turn < 60; turn += 1) {
      spool.append(results(5));
      if (turn % 3 !== 0) continue;
      for (let frame = feeding.take(); frame !== undefined; frame = feeding.take()) {
        // As the aggregator does: what it is through with is trimmed, and a hole would be held for ever.
        expect(frame.fromSeq).toBeLessThanOrEqual(through + 1);
        for (let seq = through + 1; seq <= frame.toSeq; seq += 1) counted.set(seq, (counted.get(seq) ?? 0) + 1);
        through = Math.max(through, frame.toSeq);
      }
    }
    for (let frame = feeding.take(); frame !== undefined; frame = feeding.take()) through = frame.toSeq;
    expect(through).toBe(300);
    expect(spool.droppedCount).toBeGreaterThan(0);
    expect([...counted.values()].every((times) => times === 1)).toBe(true);
  });

  test('a file that is no spool is replaced, not trusted', () => {
    writeFileSync(join(dir, 'spool.sqlite'), 'this is no database, however long it may be'.repeat(100));
    const spool = spoolOf('b1');
    spool.append(results(1));
    expect(held(spool, 'b1').results).toEqual([1]);
  });
});

describe('what goes next', () => {
  test('older boots first, but every other frame is a live one', () => {
    const first = spoolOf('b1');
    for (let turn = 0; turn < 3; turn += 1) first.append(results(1));
    abandon(first);
    const spool = spoolOf('b2');
    for (let turn = 0; turn < 3; turn += 1) spool.append(results(1));
    const feeding = pump(spool, 'b2', 0);
    const order: string[] = [];
    for (let frame = feeding.take(); frame !== undefined; frame = feeding.take()) order.push(frame.boot);
    expect(order).toEqual(['b1', 'b2', 'b1', 'b2', 'b1', 'b2']);
  });

  test('the replay of a long outage goes in order and lets live results by: none waits for more than what is on its way', () => {
    const first = spoolOf('b1', 64 * 1_048_576);
    for (let turn = 0; turn < 600; turn += 1) first.append(results(50, 'x'.repeat(200)));
    abandon(first);
    const spool = spoolOf('b2', 64 * 1_048_576);
    const feeding = pump(spool, 'b2', 0);
    const old: number[] = [];
    const waits: number[] = [];
    let onTheWay: { boot: string; toSeq: number }[] = [];
    for (let turn = 0; old.length < 600; turn += 1) {
      spool.append(results(1));
      let sentBefore = 0;
      for (let frame = feeding.take(); frame !== undefined; frame = feeding.take()) {
        onTheWay.push(frame);
        if (frame.boot === 'b1') old.push(frame.toSeq);
        else waits.push(sentBefore);
        sentBefore += 1;
      }
      // One acknowledgement a turn: a slow line, on which the backlog alone would fill every turn.
      const [acked, ...rest] = onTheWay;
      if (acked !== undefined) feeding.acknowledged(acked.boot, acked.toSeq);
      onTheWay = rest;
      expect(turn).toBeLessThan(5_000);
    }
    expect(old).toEqual(Array.from({ length: 600 }, (_, index) => 50 * (index + 1)));
    // Always the first or the second frame of its turn.
    expect(Math.max(...waits)).toBeLessThanOrEqual(1);
    expect(waits.length).toBeGreaterThan(300);
  });

  test('nothing that was sent is sent again on the same connection; on the next one all that was not acknowledged', () => {
    const spool = spoolOf('b1');
    spool.append(results(2));
    spool.append(results(2));
    const feeding = pump(spool, 'b1', 0);
    expect([feeding.take()?.fromSeq, feeding.take()?.fromSeq, feeding.take()]).toEqual([1, 3, undefined]);
    feeding.acknowledged('b1', 2);
    expect(feeding.drained).toBe(false);
    const again = pump(spool, 'b1', 2);
    expect(again.take()?.fromSeq).toBe(3);
    again.acknowledged('b1', 4);
    expect(again.drained).toBe(true);
  });

  test('only so much is on its way unacknowledged', () => {
    const spool = spoolOf('b1', 64 * 1_048_576);
    for (let turn = 0; turn < 100; turn += 1) spool.append(results(50, 'x'.repeat(2_000)));
    const feeding = pump(spool, 'b1', 0);
    let sent = 0;
    for (let frame = feeding.take(); frame !== undefined; frame = feeding.take()) sent = frame.toSeq;
    expect(sent).toBeLessThan(5_000);
    feeding.acknowledged('b1', sent);
    expect(feeding.take()?.fromSeq).toBe(sent + 1);
  });
});
