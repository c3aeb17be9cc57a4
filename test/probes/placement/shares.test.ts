import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silent } from '../../../contract/log.ts';
import { parseFromAgent } from '../../../contract/wire.ts';
import { openSpool, type Spool } from '../../../probes/spool.ts';
import { unnumbered } from '../../fakes/unnumbered.ts';

let dir = '';
let open: Spool | undefined;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'blackstart-shares-'));
});
afterEach(() => {
  open?.close();
  open = undefined;
  rmSync(dir, { recursive: true, force: true });
});

/** As the next process does after a kill. */
function spoolOf(boot: string, ranked: readonly string[], nowMs = 1_000): Spool {
  open?.close();
  open = openSpool({ stateDir: dir, boot, maxBytes: 1_000_000, aggregators: { ranked, nowMs } }, silent);
  return open;
}
const rounds = (...startsMs: readonly number[]) => startsMs.map((startMs) => unnumbered({ roundStartMs: startMs }));
const frameTexts = (spool: Spool, boot: string): string[] => {
  const texts: string[] = [];
  for (let frame = spool.next(boot, 0); frame !== undefined; frame = spool.next(boot, frame.toSeq))
    texts.push(frame.text);
  return texts;
};

test('a result is numbered for the aggregator in whose tenure its round starts, whenever it is made', () => {
  const spool = spoolOf('p1', ['a', 'b']);
  spool.append(rounds(1_000, 2_000));
  spool.tenures?.move('b', 2_501);
  const made = spool.append(rounds(2_000, 3_000, 4_000));
  const [a, b] = [spool.shareOf('a'), spool.shareOf('b')];
  expect(made.map(({ boot, seq }) => [boot, seq])).toEqual([
    [a.boot, 3],
    [b.boot, 1],
    [b.boot, 2],
  ]);
  expect([a.lastSeq, b.lastSeq]).toEqual([3, 2]);
  expect(spool.tenures?.spansOf('a')).toEqual([[1_000, 2_501]]);
  expect(spool.tenures?.spansOf('b')).toEqual([[2_501, null]]);
});

test('after a restart what was left waits for whose it was, and nobody else', () => {
  const first = spoolOf('p1', ['a', 'b']);
  first.append(rounds(1_000));
  const bootOfA = first.shareOf('a').boot;
  first.tenures?.move('b', 1_500);
  first.append(rounds(2_000));
  const bootOfB = first.shareOf('b').boot;
  const second = spoolOf('p2', ['a', 'b'], 9_000);
  expect(second.tenures?.current).toBe('b');
  expect(second.shareOf('a').olderBoots()).toEqual([bootOfA]);
  expect(second.shareOf('b').olderBoots()).toEqual([bootOfB]);
  second.acknowledge(bootOfA, 1);
  expect([second.shareOf('a').holds, second.shareOf('b').holds]).toEqual([false, true]);
});

test('rounds of an aggregator that is not in the list any more are the most wanted one’s from now on', () => {
  const first = spoolOf('p1', ['a', 'b']);
  first.tenures?.move('b', 1_500);
  const second = spoolOf('p2', ['a', 'c'], 9_000);
  expect(second.tenures?.current).toBe('a');
  const [made] = second.append(rounds(9_500));
  expect(made?.boot).toBe(second.shareOf('a').boot);
  expect(second.shareOf('a').holds).toBe(true);
});

test('of several runs with one aggregator each, the last says where the agent is', () => {
  for (const [boot, only] of [
    ['1', 'c'],
    ['2', 'a'],
  ] as const) {
    spoolOf(boot, [only]).append(rounds(1_000));
  }
  expect(spoolOf('3', ['a', 'b'], 9_000).tenures?.current).toBe('a');
});

test('an agent that knew one aggregator is still at it when it learns of others', () => {
  const first = spoolOf('p1', ['b']);
  expect(first.tenures).toBeNull();
  expect(first.append(rounds(1_000)).map(({ boot }) => boot)).toEqual(['p1']);
  const second = spoolOf('p2', ['a', 'b'], 9_000);
  expect(second.tenures?.current).toBe('b');
  expect(second.shareOf('a').olderBoots()).toEqual([]);
  expect(second.shareOf('b').olderBoots()).toEqual(['p1']);
});

test('with one aggregator everything goes to it, whatever it was called before', () => {
  spoolOf('p1', ['a']).append(rounds(1_000));
  expect(spoolOf('p2', ['renamed']).shareOf('renamed').olderBoots()).toEqual(['p1']);
});

test('a clock that was set back between two runs begins anew, where the agent is', () => {
  spoolOf('p1', ['a', 'b'], 50_000).tenures?.move('b', 60_000);
  const second = spoolOf('p2', ['a', 'b'], 1_000);
  expect(second.tenures?.spansOf('b')).toEqual([[1_000, null]]);
  expect(second.tenures?.knownFromMs).toBe(1_000);
});

test('what is given up becomes a gap that waits for the same aggregator, with its reason', () => {
  const spool = spoolOf('p1', ['a', 'b']);
  spool.append(rounds(1_000, 2_000));
  spool.append(rounds(3_000));
  const share = spool.shareOf('a');
  expect(share.giveUp()).toBe(3);
  expect(share.giveUp()).toBe(0);
  const gaps = frameTexts(spool, share.boot).map((text) => parseFromAgent(text));
  expect(gaps).toMatchObject([
    { frame: { type: 'gap', fromSeq: 1, toSeq: 2, reason: 'aggregator-lost' } },
    { frame: { type: 'gap', fromSeq: 3, toSeq: 3, reason: 'aggregator-lost' } },
  ]);
});
