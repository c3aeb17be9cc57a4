/** Results on disk until the aggregator has them: bounded, numbered without holes, there again after a kill. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Log } from '../contract/log.ts';
import type { Result } from '../contract/result.ts';
import { encode, maxFrameBytes, maxResultsPerFrame } from '../contract/wire.ts';
import type { Unnumbered } from './record.ts';

/** A frame as it goes over the link: results, or the gap that is left of them. */
export type SpooledFrame = {
  readonly boot: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly text: string;
};

export type Spool = {
  /** Numbers the results and writes them. Throws when the disk takes nothing; no number is used up then. */
  append(results: readonly Unnumbered[]): readonly Result[];
  /** The last number given in this boot; 0 before the first. */
  readonly lastSeq: number;
  /** Earlier boots that left something behind, oldest first. */
  olderBoots(): readonly string[];
  /** The first frame of a boot that has anything behind `afterSeq`. */
  next(boot: string, afterSeq: number): SpooledFrame | undefined;
  /** Everything of that boot to `seq` is on the aggregator's disk. */
  acknowledge(boot: string, seq: number): void;
  readonly heldBytes: number;
  /** Results that left unacknowledged, named by gap frames. */
  readonly droppedCount: number;
  close(): void;
};

export type SpoolOptions = { readonly stateDir: string; readonly boot: string; readonly maxBytes: number };

export const defaultSpoolBytes = 64 * 1_048_576;
/** What a row costs beside its text. */
const rowBytes = 96;

type Row = { readonly id: number; readonly from_seq: number; readonly to_seq: number; readonly bytes: number };

export function openSpool(options: SpoolOptions, log: Log): Spool {
  const { boot } = options;
  const db = openDatabase(options.stateDir, log);
  const insert = db.prepare(
    'INSERT INTO frames (boot, from_seq, to_seq, gap, bytes, text) VALUES (?, ?, ?, ?, ?, ?) RETURNING id',
  );
  const select = db.prepare(
    'SELECT from_seq, to_seq, text FROM frames WHERE boot = ? AND to_seq > ? ORDER BY to_seq LIMIT 1',
  );
  const remove = db.prepare('DELETE FROM frames WHERE boot = ? AND to_seq <= ? RETURNING bytes');
  let heldBytes = Number(db.prepare('SELECT coalesce(sum(bytes), 0) AS held FROM frames').get()?.['held']);
  let lastSeq = 0;
  let droppedCount = 0;

  function put(frame: SpooledFrame, gap: boolean): void {
    const bytes = Buffer.byteLength(frame.text) + rowBytes;
    insert.get(frame.boot, frame.fromSeq, frame.toSeq, gap ? 1 : 0, bytes, frame.text);
    heldBytes += bytes;
  }

  /** The oldest go first: what they say is stale, and the gap that is left says that they were there. */
  function dropOldest(): void {
    const oldest = db.prepare('SELECT * FROM frames WHERE gap = 0 ORDER BY id LIMIT 1').get() as
      | (Row & { readonly boot: string })
      | undefined;
    if (oldest === undefined) return;
    const before = db
      .prepare('SELECT * FROM frames WHERE boot = ? AND gap = 1 AND to_seq = ?')
      .get(oldest.boot, oldest.from_seq - 1) as Row | undefined;
    const fromSeq = before?.from_seq ?? oldest.from_seq;
    const toSeq = oldest.to_seq;
    if (before !== undefined) db.prepare('DELETE FROM frames WHERE id = ?').run(before.id);
    const text = encode({ type: 'gap', boot: oldest.boot, fromSeq, toSeq, reason: 'dropped' });
    const bytes = text.length + rowBytes;
    db.prepare('UPDATE frames SET gap = 1, from_seq = ?, bytes = ?, text = ? WHERE id = ?').run(
      fromSeq,
      bytes,
      text,
      oldest.id,
    );
    heldBytes += bytes - oldest.bytes - (before?.bytes ?? 0);
    droppedCount += oldest.to_seq - oldest.from_seq + 1;
  }

  return {
    append(results) {
      const numbered = results.map((result, index): Result => ({ ...result, seq: lastSeq + 1 + index }));
      const before = { heldBytes, droppedCount };
      inTransaction(
        db,
        () => {
          for (const frame of framesOf(boot, numbered)) put(frame, false);
          while (heldBytes > options.maxBytes && hasResults(db)) dropOldest();
        },
        () => {
          ({ heldBytes, droppedCount } = before);
        },
      );
      lastSeq += numbered.length;
      return numbered;
    },
    get lastSeq() {
      return lastSeq;
    },
    olderBoots: () =>
      db
        .prepare('SELECT boot FROM frames WHERE boot <> ? GROUP BY boot ORDER BY min(id)')
        .all(boot)
        .map((row) => String(row['boot'])),
    next(of, afterSeq) {
      const row = select.get(of, afterSeq);
      if (row === undefined) return undefined;
      return { boot: of, fromSeq: Number(row['from_seq']), toSeq: Number(row['to_seq']), text: String(row['text']) };
    },
    acknowledge(of, seq) {
      for (const row of remove.all(of, seq)) heldBytes -= Number(row['bytes']);
    },
    get heldBytes() {
      return heldBytes;
    },
    get droppedCount() {
      return droppedCount;
    },
    close: () => db.close(),
  };
}

/** As few frames as the link allows; a frame that would be too large is halved until it is not. */
function framesOf(boot: string, results: readonly Result[]): readonly SpooledFrame[] {
  const [first] = results;
  const last = results.at(-1);
  if (first === undefined || last === undefined) return [];
  if (results.length <= maxResultsPerFrame) {
    const text = encode({ type: 'results', boot, fromSeq: first.seq, results });
    // Half the limit: it counts bytes, and what it is measured in on the way is not ours to know.
    if (results.length === 1 || Buffer.byteLength(text) <= maxFrameBytes / 2) {
      return [{ boot, fromSeq: first.seq, toSeq: last.seq, text }];
    }
  }
  const half = Math.min(maxResultsPerFrame, Math.ceil(results.length / 2));
  return [...framesOf(boot, results.slice(0, half)), ...framesOf(boot, results.slice(half))];
}

function hasResults(db: DatabaseSync): boolean {
  return db.prepare('SELECT 1 FROM frames WHERE gap = 0 LIMIT 1').get() !== undefined;
}

function inTransaction(db: DatabaseSync, work: () => void, undo: () => void): void {
  db.exec('BEGIN');
  try {
    work();
    db.exec('COMMIT');
  } catch (error) {
    undo();
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function openDatabase(stateDir: string, log: Log): DatabaseSync {
  mkdirSync(stateDir, { recursive: true });
  const file = join(stateDir, 'spool.sqlite');
  try {
    return prepared(file);
  } catch (error) {
    const { errcode } = error as { readonly errcode?: number };
    if (errcode === sqliteBusy) {
      throw new Error(`${stateDir}: another agent runs with this state directory`);
    }
    if (errcode !== sqliteCorrupt && errcode !== sqliteNotADatabase) throw error;
    log.error({ file }, 'the spool cannot be read, as after a power cut; it begins anew and what was in it is lost');
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
    return prepared(file);
  }
}

const sqliteBusy = 5;
const sqliteCorrupt = 11;
const sqliteNotADatabase = 26;

/**
 * Written through the kernel, not through to the disk: a kill of the process loses nothing, a power cut may lose the
 * spool. To wait for the disk would stall the probes that share the thread.
 */
function prepared(file: string): DatabaseSync {
  const db = new DatabaseSync(file);
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;');
    db.exec('PRAGMA wal_autocheckpoint = 200; PRAGMA journal_size_limit = 1048576; PRAGMA cache_size = -1024;');
    db.exec(`CREATE TABLE IF NOT EXISTS frames (id INTEGER PRIMARY KEY AUTOINCREMENT, boot TEXT NOT NULL,
      from_seq INTEGER NOT NULL, to_seq INTEGER NOT NULL, gap INTEGER NOT NULL, bytes INTEGER NOT NULL, text TEXT NOT NULL);
      CREATE INDEX IF NOT EXISTS frames_in_order ON frames (boot, to_seq);`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
