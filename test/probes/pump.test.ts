import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { silent } from '../../contract/log.ts';
import { parseFromAgent } from '../../contract/wire.ts';
import { openSpool } from '../../probes/spool.ts';
import { pump } from '../../probes/uplink/pump.ts';
import { result } from '../aggregator/harness.ts';

const stateDir = mkdtempSync(join(tmpdir(), 'blackstart-pump-'));
let close = (): void => undefined;
afterEach(() => {
  close();
  rmSync(stateDir, { recursive: true, force: true });
});

function spoolOf(boot: string) {
  const spool = openSpool({ stateDir, boot, maxBytes: 1e6 }, silent);
  close = spool.close;
  return spool;
}

test('an aggregator that lost its disk is told which numbers are gone, and goes on behind them', () => {
  const old = spoolOf('b1');
  for (let seq = 1; seq <= 3; seq += 1) old.append([result(seq)]);
  old.acknowledge('b1', 2);
  old.close();
  const spool = spoolOf('b2');
  for (let seq = 1; seq <= 4; seq += 1) spool.append([result(seq)]);
  spool.acknowledge('b2', 3);
  const feeding = pump(spool, 'b2', 0);
  const sent: string[] = [];
  for (let frame = feeding.take(); frame !== undefined; frame = feeding.take()) {
    const parsed = parseFromAgent(frame.text);
    sent.push(`${frame.boot} ${parsed.ok ? parsed.frame.type : parsed.reason} ${frame.fromSeq}-${frame.toSeq}`);
  }
  expect(sent.toSorted()).toEqual(['b1 gap 1-2', 'b1 results 3-3', 'b2 gap 1-3', 'b2 results 4-4']);
});

test('an aggregator that knows of all that was acknowledged gets no gap for this boot, whatever is left in the spool', () => {
  const spool = spoolOf('b1');
  for (let seq = 1; seq <= 3; seq += 1) spool.append([result(seq)]);
  spool.acknowledge('b1', 2);
  const feeding = pump(spool, 'b1', 2);
  expect([feeding.take()?.fromSeq, feeding.take()]).toEqual([3, undefined]);
  feeding.acknowledged('b1', 3);
  expect(pump(spool, 'b1', 3).take()).toBeUndefined();
  expect(feeding.drained).toBe(true);
});
