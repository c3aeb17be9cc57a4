import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Log } from '../../contract/log.ts';

/** Opens the spool's file, alone: a second agent is refused, a file that is broken begins anew. */
export function openDatabase(stateDir: string, log: Log): DatabaseSync {
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

/** Nothing can be written now; later it may. */
export function isDiskTrouble(error: unknown): boolean {
  const { errcode } = error as { readonly errcode?: number };
  // The lower byte of an extended code is the plain one.
  return errcode !== undefined && [sqliteFull, sqliteIo].includes(errcode & 0xff);
}

const sqliteBusy = 5;
const sqliteIo = 10;
const sqliteFull = 13;
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
