import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Backlog, QueuedRequest, QueueFile, StepRows, Waiting } from './queue-rows.ts';

/** "BKRW": marks the file as ours. */
const applicationId = 0x42_4b_52_57;
const schemaVersion = 1;
const tables = `
CREATE TABLE request (
  id INTEGER PRIMARY KEY AUTOINCREMENT, destination TEXT NOT NULL, shard INTEGER NOT NULL, version INTEGER NOT NULL,
  step_ms INTEGER NOT NULL, samples INTEGER NOT NULL, histograms INTEGER NOT NULL, bytes INTEGER NOT NULL,
  body BLOB NOT NULL);
CREATE INDEX request_order ON request (destination, shard, id);
CREATE TABLE live (destination TEXT NOT NULL, id TEXT NOT NULL, native INTEGER NOT NULL,
  PRIMARY KEY (destination, id)) WITHOUT ROWID;
CREATE TABLE step (destination TEXT PRIMARY KEY, last_ms INTEGER NOT NULL) WITHOUT ROWID;
PRAGMA application_id = ${applicationId};
PRAGMA user_version = ${schemaVersion};
`;

/** Opens or makes the file. Throws when it is some other program's or damaged. */
export function openQueueFile(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    if (database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined) {
      database.exec(`BEGIN IMMEDIATE; ${tables} COMMIT;`);
    }
    const id = database.prepare('PRAGMA application_id').get()?.['application_id'];
    const version = database.prepare('PRAGMA user_version').get()?.['user_version'];
    if (id === applicationId && version === schemaVersion) return database;
    throw new Error(`${file}: not a queue of remote write that this release can read`);
  } catch (error) {
    database.close();
    throw error;
  }
}

type Statements = ReturnType<typeof prepare>;

function prepare(database: DatabaseSync) {
  return {
    insert: database.prepare(
      'INSERT INTO request (destination, shard, version, step_ms, samples, histograms, bytes, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    began: database.prepare('INSERT OR REPLACE INTO live VALUES (?, ?, ?)'),
    ended: database.prepare('DELETE FROM live WHERE destination = ? AND id = ?'),
    step: database.prepare('INSERT OR REPLACE INTO step VALUES (?, ?)'),
    next: database.prepare('SELECT * FROM request WHERE destination = ? AND shard = ? ORDER BY id LIMIT 1'),
    oldest: database.prepare('SELECT id FROM request WHERE destination = ? ORDER BY id LIMIT 1'),
    remove: database.prepare('DELETE FROM request WHERE id = ? RETURNING samples + histograms AS points, bytes'),
    backlog: database.prepare(
      'SELECT coalesce(sum(samples + histograms), 0) AS points, coalesce(sum(bytes), 0) AS bytes FROM request WHERE destination = ?',
    ),
    lastStep: database.prepare('SELECT last_ms FROM step WHERE destination = ?'),
    live: database.prepare('SELECT id, native FROM live WHERE destination = ?'),
    destinations: database.prepare('SELECT destination FROM step UNION SELECT destination FROM request'),
  };
}

export function queueFile(database: DatabaseSync): QueueFile {
  const statements = prepare(database);
  const backlogs = new Map<string, Backlog>();
  const backlogOf = (destination: string): Backlog => {
    const known = backlogs.get(destination) ?? sumOf(statements.backlog, destination);
    backlogs.set(destination, known);
    return known;
  };
  const take = (destination: string, id: number): number => {
    const row = statements.remove.get(id);
    if (row === undefined) return 0;
    const { samples, bytes } = backlogOf(destination);
    const points = Number(row['points']);
    backlogs.set(destination, { samples: samples - points, bytes: bytes - Number(row['bytes']) });
    return points;
  };
  /** What was taken in memory is only so when it is on disk. */
  const transact = <T>(destination: string, work: () => T): T => {
    const before = backlogOf(destination);
    database.exec('BEGIN IMMEDIATE');
    try {
      const value = work();
      database.exec('COMMIT');
      return value;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      backlogs.set(destination, before);
      throw error;
    }
  };
  return {
    open: (destination) => ({
      lastStepMs: Number(statements.lastStep.get(destination)?.['last_ms'] ?? 0),
      live: statements.live.all(destination).map((row) => ({ id: String(row['id']), native: row['native'] === 1 })),
      backlog: backlogOf(destination),
    }),
    keepOnly(destinations) {
      const others = statements.destinations.all().map((row) => String(row['destination']));
      return others
        .filter((name) => !destinations.includes(name))
        .reduce((samples, name) => samples + transact(name, () => forget(database, name, backlogOf(name))), 0);
    },
    put: (step, maxBytes) =>
      transact(step.destination, () => {
        insert(statements, step);
        const { samples, bytes } = backlogOf(step.destination);
        backlogs.set(step.destination, {
          samples: samples + step.requests.reduce((sum, one) => sum + one.samples + one.histograms, 0),
          bytes: bytes + step.requests.reduce((sum, { body }) => sum + body.length, 0),
        });
        let dropped = 0;
        while (backlogOf(step.destination).bytes > maxBytes) {
          const oldest = statements.oldest.get(step.destination);
          if (oldest === undefined) break;
          dropped += take(step.destination, Number(oldest['id']));
        }
        return { dropped, backlog: backlogOf(step.destination) };
      }),
    next: (destination, shard) => waitingOf(statements.next.get(destination, shard)),
    done: (destination, id) =>
      transact(destination, () => {
        take(destination, id);
        return backlogOf(destination);
      }),
  };
}

function sumOf(statement: StatementSync, destination: string): Backlog {
  const row = statement.get(destination);
  return { samples: Number(row?.['points'] ?? 0), bytes: Number(row?.['bytes'] ?? 0) };
}

function insert(statements: Statements, { destination, stepMs, requests, began, ended }: StepRows): void {
  for (const { shard, version, samples, histograms, body } of requests) {
    statements.insert.run(destination, shard, version, stepMs, samples, histograms, body.length, body);
  }
  for (const { id, native } of began) statements.began.run(destination, id, native ? 1 : 0);
  for (const id of ended) statements.ended.run(destination, id);
  statements.step.run(destination, stepMs);
}

function forget(database: DatabaseSync, destination: string, { samples }: Backlog): number {
  for (const table of ['request', 'live', 'step']) {
    database.prepare(`DELETE FROM ${table} WHERE destination = ?`).run(destination);
  }
  return samples;
}

function waitingOf(row: Record<string, unknown> | undefined): Waiting | null {
  if (row === undefined) return null;
  const { id, shard, version, step_ms: stepMs, samples, histograms, body } = row;
  const request: QueuedRequest = {
    version: version === 2 ? 2 : 1,
    shard: Number(shard),
    stepMs: Number(stepMs),
    samples: Number(samples),
    histograms: Number(histograms),
    body: body as Uint8Array,
  };
  return { id: Number(id), ...request };
}
