import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** "BKST": marks the file as ours. */
const applicationId = 0x42_4b_53_54;
const schemaVersion = 1;

const tables = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE sequence (
  agent TEXT NOT NULL, boot TEXT NOT NULL, vantage TEXT NOT NULL, through INTEGER NOT NULL,
  align_by_ms REAL NOT NULL, clock TEXT, PRIMARY KEY (agent, boot)) WITHOUT ROWID;
CREATE TABLE block (
  id INTEGER PRIMARY KEY, count INTEGER NOT NULL, skip INTEGER NOT NULL,
  agent TEXT NOT NULL, boot TEXT NOT NULL, vantage TEXT NOT NULL, clock TEXT, align_by_ms REAL NOT NULL,
  from_ms REAL NOT NULL, to_ms REAL NOT NULL, names TEXT NOT NULL, bursts TEXT NOT NULL,
  bytes INTEGER NOT NULL, frame TEXT NOT NULL);
CREATE TABLE gap (
  agent TEXT NOT NULL, boot TEXT NOT NULL, from_seq INTEGER NOT NULL, to_seq INTEGER NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (agent, boot, from_seq)) WITHOUT ROWID;
CREATE TABLE slice (
  width_ms INTEGER NOT NULL, at_ms INTEGER NOT NULL, check_id TEXT NOT NULL, vantage TEXT NOT NULL, burst TEXT NOT NULL,
  expected INTEGER NOT NULL, remainder TEXT NOT NULL,
  PRIMARY KEY (width_ms, at_ms, check_id, vantage, burst)) WITHOUT ROWID;
CREATE TABLE slice_region (
  width_ms INTEGER NOT NULL, at_ms INTEGER NOT NULL, check_id TEXT NOT NULL, vantage TEXT NOT NULL, burst TEXT NOT NULL,
  region TEXT NOT NULL, good INTEGER NOT NULL, bad INTEGER NOT NULL, missing TEXT NOT NULL, durations TEXT NOT NULL,
  PRIMARY KEY (width_ms, at_ms, check_id, vantage, burst, region)) WITHOUT ROWID;
CREATE TABLE agent (
  agent TEXT PRIMARY KEY, vantage TEXT NOT NULL, region TEXT NOT NULL, boot TEXT NOT NULL, version TEXT NOT NULL,
  first_seen_ms REAL NOT NULL, last_seen_ms REAL NOT NULL, settled TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE checks (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE drill (
  id TEXT PRIMARY KEY, started_ms REAL NOT NULL, ended_ms REAL, body TEXT NOT NULL, html TEXT) WITHOUT ROWID;
CREATE TABLE burst (id TEXT PRIMARY KEY, until_ms REAL NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE annotation (id INTEGER PRIMARY KEY, at_ms REAL NOT NULL, text TEXT NOT NULL, drill TEXT);
PRAGMA application_id = ${applicationId};
PRAGMA user_version = ${schemaVersion};
`;

/** Tables that came later, and that a release without them does not miss. */
const additions = `
CREATE TABLE IF NOT EXISTS held (agent TEXT PRIMARY KEY, spans TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS removed (agent TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS slice_detail (
  width_ms INTEGER NOT NULL, at_ms INTEGER NOT NULL, check_id TEXT NOT NULL, vantage TEXT NOT NULL, burst TEXT NOT NULL,
  minutes TEXT, leaks TEXT, PRIMARY KEY (width_ms, at_ms, check_id, vantage, burst)) WITHOUT ROWID;
`;

/** Frames of results are tens of kilobytes: in larger pages they are written by fewer calls. Of new files alone. */
const pageBytes = 16_384;

/**
 * What is looked at before it is used. Not the raw log, of gigabytes: nothing is counted from it but its end, and what is
 * read of it is looked at then.
 */
const readAtStart = [
  'meta',
  'sequence',
  'gap',
  'slice',
  'slice_region',
  'agent',
  'checks',
  'drill',
  'burst',
  'annotation',
];

/** A file that we cannot use, in one sentence for the person who named it. */
export class UnusableStore extends Error {
  constructor(file: string, why: string) {
    super(`${file}: ${why}`);
    this.name = 'UnusableStore';
  }
}

/** Opens the database for writing, making it when it is not there. Throws `UnusableStore`. */
export function openForWriting(file: string): DatabaseSync {
  refuseIncomplete(file);
  if (!existsSync(file)) make(file);
  const database = openFile(file, false);
  try {
    refuseForeign(database, file);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000;');
    database.exec(additions);
    return database;
  } catch (error) {
    database.close();
    throw usable(error, file);
  }
}

export function openForReading(file: string): DatabaseSync {
  const database = openFile(file, true);
  database.exec('PRAGMA busy_timeout = 2000;');
  return database;
}

/** Held as long as the process lives, also when it is killed: two aggregators must not share a state directory. */
export function lockState(file: string): DatabaseSync {
  const database = openFile(file, false);
  try {
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE;');
    return database;
  } catch {
    database.close();
    throw new UnusableStore(file, 'another aggregator is using this state directory');
  }
}

function openFile(file: string, readOnly: boolean): DatabaseSync {
  try {
    return new DatabaseSync(file, { readOnly });
  } catch (error) {
    throw usable(error, file);
  }
}

/** Under another name until it is whole: so a file of ours that is empty was emptied by somebody. */
function make(file: string): void {
  const unfinished = `${file}.new`;
  for (const suffix of ['', '-journal']) rmSync(`${unfinished}${suffix}`, { force: true });
  const database = openFile(unfinished, false);
  try {
    database.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA synchronous = FULL; BEGIN IMMEDIATE; ${tables} COMMIT;`);
  } catch (error) {
    throw usable(error, file);
  } finally {
    database.close();
  }
  renameSync(unfinished, file);
}

/**
 * A database and its log of what is not in it yet belong together. SQLite would take the one without the other for an
 * older state, or throw away the log of an empty file, and say nothing.
 */
function refuseIncomplete(file: string): void {
  const size = (suffix: string): number => statSync(`${file}${suffix}`, { throwIfNoEntry: false })?.size ?? -1;
  const [own, log, index] = [size(''), size('-wal'), size('-shm')];
  if (own < 0 && log > 0)
    throw new UnusableStore(file, 'missing, but its log (-wal) is there: put it back, or move that away');
  if (own === 0) throw new UnusableStore(file, 'empty, as no state of ours is: put back what it was, or move it away');
  if (own > 0 && log < 0 && index >= 0) {
    throw new UnusableStore(
      file,
      'its log (-wal) is missing, with the newest results in it: put it back, or move -shm away to go on without',
    );
  }
}

function refuseForeign(database: DatabaseSync, file: string): void {
  const id = database.prepare('PRAGMA application_id').get()?.['application_id'];
  if (id !== applicationId) throw new UnusableStore(file, 'a database of some other program, not an aggregator state');
  const version = database.prepare('PRAGMA user_version').get()?.['user_version'];
  if (version !== schemaVersion) {
    throw new UnusableStore(
      file,
      `got schema version ${String(version)}, want ${schemaVersion}: made by another release`,
    );
  }
  for (const name of readAtStart) {
    const damage = database.prepare(`PRAGMA quick_check(${name})`).get()?.['quick_check'];
    if (damage !== 'ok') throw new UnusableStore(file, `the database is damaged: ${String(damage)}`);
  }
}

export function usable(error: unknown, file: string): Error {
  if (error instanceof UnusableStore) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new UnusableStore(file, `not a database that can be used: ${why}`);
}
