import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silent } from '../../contract/log.ts';
import { completeLedger, openLedger } from '../../probes/ledger.ts';
import { openSpool } from '../../probes/spool.ts';

test('after a kill between spool and ledger, and in the middle of a line, the ledger has every number once', () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'blackstart-ledger-'));
  const file = join(stateDir, 'ledger.jsonl');
  const result = {
    check: 'home',
    round: 1,
    startMs: 1,
    durationMs: 1,
    outcome: 'good',
    phases: {},
    region: null,
    servedBy: null,
    client: 'fresh',
    burst: null,
    details: {},
    quality: { lateMs: 0, loopDelayMs: 0 },
  } as const;
  const first = openSpool({ stateDir, boot: 'b1', maxBytes: 1e6 }, silent);
  const before = openLedger(file);
  before.write('b1', first.append([result, result]));
  first.append([result, result]);
  appendFileSync(file, '{"boot":"b1","se');
  before.close();
  first.close();

  const second = openSpool({ stateDir, boot: 'b2', maxBytes: 1e6 }, silent);
  const after = openLedger(file);
  completeLedger(file, after, second);
  after.write('b2', second.append([result]));
  after.close();
  second.close();
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ boot, seq }) => `${boot} ${seq}`)).toEqual(['b1 1', 'b1 2', 'b1 3', 'b1 4', 'b2 1']);
  rmSync(stateDir, { recursive: true });
});
