/** A list of every numbered result, on disk before it is sent: what a test compares the aggregator's counts with. */
import { closeSync, fdatasyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { isObject } from '../contract/json.ts';
import type { Result } from '../contract/result.ts';
import { parseFromAgent } from '../contract/wire.ts';
import type { Spool } from './spool.ts';

export type Ledger = {
  /** On the disk when it returns. */
  write(boot: string, results: readonly Result[]): void;
  close(): void;
};

/** Opens the file to append; a line that a kill cut off is taken away. */
export function openLedger(file: string): Ledger {
  const fd = openSync(file, 'a+');
  const text = readFileSync(file);
  ftruncateSync(fd, text.lastIndexOf(10) + 1);
  return {
    write(boot, results) {
      if (results.length === 0) return;
      const lines = results.map(({ seq, check, outcome, round, startMs }) =>
        JSON.stringify({ boot, seq, check, outcome, round, startMs }),
      );
      writeSync(fd, `${lines.join('\n')}\n`);
      fdatasyncSync(fd);
    },
    close: () => closeSync(fd),
  };
}

/** Adds what an earlier boot had spooled and was killed before it had written here. Before anything is sent. */
export function completeLedger(file: string, ledger: Ledger, spool: Spool): void {
  const boots = spool.olderBoots();
  if (boots.length === 0) return;
  const last = lastSeqs(readFileSync(file, 'utf8'));
  for (const boot of boots) {
    let afterSeq = last.get(boot) ?? 0;
    for (let frame = spool.next(boot, afterSeq); frame !== undefined; frame = spool.next(boot, afterSeq)) {
      const parsed = parseFromAgent(frame.text);
      if (parsed.ok && parsed.frame.type === 'results') {
        ledger.write(
          boot,
          parsed.frame.results.filter((result) => result.seq > (last.get(boot) ?? 0)),
        );
      }
      afterSeq = frame.toSeq;
    }
  }
}

function lastSeqs(text: string): Map<string, number> {
  const last = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const entry: unknown = JSON.parse(line);
    if (!isObject(entry) || typeof entry['boot'] !== 'string' || typeof entry['seq'] !== 'number') continue;
    last.set(entry['boot'], Math.max(last.get(entry['boot']) ?? 0, entry['seq']));
  }
  return last;
}
