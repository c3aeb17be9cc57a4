/** The spool of an agent whose disk is full: nothing of it is an error, and nothing is forgotten or doubled later. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silent } from '../../../contract/log.ts';
import type { Unnumbered } from '../../../probes/record.ts';
import { openSpool, type Spool } from '../../../probes/spool.ts';
import { atEnd } from '../at-end.ts';
import { smallDisk } from './disk.ts';

const dir = mkdtempSync(join(tmpdir(), 'blackstart-agent-disk-'));
const disk = smallDisk(join(dir, 'disk'), 8);
atEnd(() => {
  disk?.unmount();
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
});
if (disk === null) process.stdout.write('no file system can be mounted here: what needs a small one is skipped\n');

const aggregator = 'http://blackstart.example:9400/';

function open(boot: string): Spool {
  const aggregators = { ranked: [aggregator], nowMs: 1 };
  const spool = openSpool({ stateDir: join(dir, 'disk', 'agent'), boot, maxBytes: 67_108_864, aggregators }, silent);
  atEnd(() => {
    try {
      spool.close();
    } catch {
      // It was closed by the test.
    }
  });
  return spool;
}
function results(count: number): Unnumbered[] {
  return Array.from({ length: count }, (_, round) => ({
    ...{ check: 'home', round, startMs: 1_700_000_000_000, durationMs: 1, outcome: 'good', phases: {}, region: null },
    ...{ servedBy: null, client: 'fresh', burst: null, details: {}, quality: { lateMs: 0, loopDelayMs: 0 } },
  }));
}

test.skipIf(disk === null)('a full disk takes no result and no acknowledgement, and later both', () => {
  const first = open('b1');
  first.append(results(100));
  first.append(results(100));
  disk?.fill();
  // What is left of pages that are there is used up first.
  expect(() => {
    for (let turn = 0; turn < 10_000; turn += 1) first.append(results(100));
  }).toThrow(/full/);
  const { lastSeq } = first;
  expect(() => first.acknowledge('b1', 100)).not.toThrow();
  expect(first.next('b1', 100)?.fromSeq).toBe(101);
  first.close();

  // It starts on a full disk too: no row of its own can be written.
  const second = open('b2');
  expect(second.shareOf(aggregator).olderBoots()).toEqual(['b1']);
  expect(() => second.append(results(1))).toThrow(/full/);
  expect(second.lastSeq).toBe(0);
  second.acknowledge('b1', 100);
  disk?.empty();
  expect(second.append(results(3)).map(({ seq, boot }) => `${boot} ${seq}`)).toEqual(['b2 1', 'b2 2', 'b2 3']);
  // With the next acknowledgement the one before is made good.
  second.acknowledge('b2', 3);
  expect(second.next('b1', 0)?.fromSeq).toBe(101);
  second.acknowledge('b1', lastSeq);
  expect([second.heldBytes, second.next('b1', 0), second.next('b2', 0)]).toEqual([0, undefined, undefined]);
  second.close();
});
