import type { DatabaseSync } from 'node:sqlite';
import type { MissingReason } from '../../contract/result.ts';
import { encode } from '../../contract/wire.ts';
import { isDiskTrouble } from './database.ts';
import type { SpooledFrame } from './frames.ts';

/** The frames on disk, in the order of their numbers, and what they take. */
export type FrameTable = {
  put(frame: SpooledFrame): void;
  /** Leaves a gap in place of the oldest results, one with the gap before it; `false` when there are none. */
  dropOldest(): boolean;
  next(boot: string, afterSeq: number): SpooledFrame | undefined;
  /** Never throws for a disk that is full: what could not be forgotten then is with a later one. */
  acknowledge(boot: string, seq: number): void;
  /** Boots that left something behind but for those of this process, oldest first. */
  olderBoots(own: readonly string[]): readonly string[];
  /** Leaves gaps in place of all results of a boot; returns how many they were. */
  giveUp(boot: string, reason: MissingReason): number;
  readonly heldBytes: number;
  readonly droppedCount: number;
  /** All of `work` or nothing. */
  atomically(work: () => void): void;
};

/** What a row costs beside its text. */
const rowBytes = 96;

type Row = {
  readonly id: number;
  readonly boot: string;
  readonly from_seq: number;
  readonly to_seq: number;
  readonly bytes: number;
};

export function frameTable(db: DatabaseSync): FrameTable {
  const insert = db.prepare('INSERT INTO frames (boot, from_seq, to_seq, gap, bytes, text) VALUES (?, ?, ?, 0, ?, ?)');
  const select = db.prepare(
    'SELECT from_seq, to_seq, text FROM frames WHERE boot = ? AND to_seq > ? ORDER BY to_seq LIMIT 1',
  );
  const remove = db.prepare('DELETE FROM frames WHERE boot = ? AND to_seq <= ? RETURNING bytes');
  const count = {
    heldBytes: Number(db.prepare('SELECT coalesce(sum(bytes), 0) AS held FROM frames').get()?.['held']),
    droppedCount: 0,
  };
  /** Acknowledged, and still there: to delete takes room too. An aggregator that is sent it once more takes no notice. */
  const owed = new Map<string, number>();
  return {
    put(frame) {
      const bytes = Buffer.byteLength(frame.text) + rowBytes;
      insert.run(frame.boot, frame.fromSeq, frame.toSeq, bytes, frame.text);
      count.heldBytes += bytes;
    },
    dropOldest() {
      const dropped = leaveGap(db);
      count.heldBytes -= dropped?.freedBytes ?? 0;
      count.droppedCount += dropped?.results ?? 0;
      return dropped !== undefined;
    },
    next(boot, afterSeq) {
      const row = select.get(boot, afterSeq);
      if (row === undefined) return undefined;
      return { boot, fromSeq: Number(row['from_seq']), toSeq: Number(row['to_seq']), text: String(row['text']) };
    },
    acknowledge(boot, seq) {
      owed.set(boot, Math.max(seq, owed.get(boot) ?? 0));
      try {
        for (const [of, through] of owed) {
          for (const row of remove.all(of, through)) count.heldBytes -= Number(row['bytes']);
          owed.delete(of);
        }
      } catch (error) {
        if (!isDiskTrouble(error)) throw error;
      }
    },
    olderBoots: (own) =>
      db
        .prepare('SELECT boot FROM frames GROUP BY boot ORDER BY min(id)')
        .all()
        .map((row) => String(row['boot']))
        .filter((boot) => !own.includes(boot)),
    giveUp(boot, reason) {
      let results = 0;
      for (const row of db.prepare('SELECT * FROM frames WHERE boot = ? AND gap = 0').all(boot) as Row[]) {
        const freed = becomeGap(db, row, row.from_seq, reason);
        count.heldBytes -= freed;
        results += row.to_seq - row.from_seq + 1;
      }
      count.droppedCount += results;
      return results;
    },
    get heldBytes() {
      return count.heldBytes;
    },
    get droppedCount() {
      return count.droppedCount;
    },
    atomically(work) {
      const before = { ...count };
      db.exec('BEGIN');
      try {
        work();
        db.exec('COMMIT');
      } catch (error) {
        Object.assign(count, before);
        if (db.isTransaction) db.exec('ROLLBACK');
        throw error;
      }
    },
  };
}

function leaveGap(db: DatabaseSync): { readonly freedBytes: number; readonly results: number } | undefined {
  const oldest = db.prepare('SELECT * FROM frames WHERE gap = 0 ORDER BY id LIMIT 1').get() as Row | undefined;
  if (oldest === undefined) return undefined;
  const before = db
    .prepare('SELECT * FROM frames WHERE boot = ? AND gap = 1 AND to_seq = ?')
    .get(oldest.boot, oldest.from_seq - 1) as Row | undefined;
  if (before !== undefined) db.prepare('DELETE FROM frames WHERE id = ?').run(before.id);
  const fromSeq = before?.from_seq ?? oldest.from_seq;
  const freedBytes = becomeGap(db, oldest, fromSeq, 'dropped') + (before?.bytes ?? 0);
  return { freedBytes, results: oldest.to_seq - oldest.from_seq + 1 };
}

/** A gap to the row's last number in place of its results; returns what that frees. */
function becomeGap(db: DatabaseSync, row: Row, fromSeq: number, reason: MissingReason): number {
  const text = encode({ type: 'gap', boot: row.boot, fromSeq, toSeq: row.to_seq, reason });
  const bytes = text.length + rowBytes;
  const update = db.prepare('UPDATE frames SET gap = 1, from_seq = ?, bytes = ?, text = ? WHERE id = ?');
  update.run(fromSeq, bytes, text, row.id);
  return row.bytes - bytes;
}
