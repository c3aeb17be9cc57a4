/** The one writer of the database. Runs in a thread of its own, so that waiting for the disk holds nobody up. */
import type { DatabaseSync } from 'node:sqlite';
import type { AgentRow, CheckRow, Commit, Fold, SliceId, SliceRow } from './rows.ts';

export type Writer = {
  commit(commit: Commit): void;
  fold(fold: Fold): void;
  saveAgent(agent: AgentRow): void;
  saveChecks(checks: readonly CheckRow[]): void;
  setMeta(key: string, value: string): void;
  saveDrill(id: string, startedMs: number, endedMs: number | null, body: string, html: string | null): void;
  saveBurst(id: string, untilMs: number, body: string): void;
  saveAnnotation(atMs: number, text: string, drill: string | null): number;
  /** Deletes the oldest blocks beyond `maxBytes`, except those not folded yet or made while a drill ran. */
  prune(maxBytes: number): number;
};

export function writerOf(database: DatabaseSync): Writer {
  const run = transactionsOf(database);
  const statements = prepare(database);
  let logBytes = Number(database.prepare('SELECT coalesce(sum(bytes), 0) AS total FROM block').get()?.['total']);
  return {
    commit(commit) {
      run(() => {
        for (const row of commit.sequences) {
          const { agent, boot, vantage, through, alignByMs, clock } = row;
          statements.sequence.run(
            agent,
            boot,
            vantage,
            through,
            alignByMs,
            clock === null ? null : JSON.stringify(clock),
          );
        }
        for (const row of commit.blocks) {
          const clock = row.clock === null ? null : JSON.stringify(row.clock);
          const { firstId, count, skip, agent, boot, vantage, alignByMs, fromMs, toMs, names, bursts, frame } = row;
          const origin = [firstId, count, skip, agent, boot, vantage, clock, alignByMs] as const;
          statements.block.run(...origin, fromMs, toMs, names, bursts, Buffer.byteLength(frame), frame);
        }
        for (const { agent, boot, fromSeq, toSeq, reason } of commit.gaps) {
          statements.gap.run(agent, boot, fromSeq, toSeq, reason);
        }
      });
      for (const { frame } of commit.blocks) logBytes += Buffer.byteLength(frame);
    },
    fold: (fold) =>
      run(() => {
        for (const row of fold.changed) writeSlice(statements, row);
        for (const id of fold.removed) removeSlice(statements, id);
        for (const agent of fold.agents) saveAgent(statements, agent);
        statements.meta.run('folded', String(fold.throughId));
      }),
    saveAgent: (agent) => saveAgent(statements, agent),
    saveChecks: (checks) =>
      run(() => {
        for (const check of checks) statements.check.run(check.id, JSON.stringify(check));
      }),
    setMeta: (key, value) => void statements.meta.run(key, value),
    saveDrill: (id, startedMs, endedMs, body, html) => void statements.drill.run(id, startedMs, endedMs, body, html),
    saveBurst: (id, untilMs, body) => void statements.burst.run(id, untilMs, body),
    saveAnnotation: (atMs, text, drill) => Number(statements.annotation.run(atMs, text, drill).lastInsertRowid),
    prune(maxBytes) {
      const { blocks, bytes } = run(() => {
        database.exec(forgetting);
        return prune(database, logBytes - maxBytes);
      });
      logBytes -= bytes;
      return blocks;
    },
  };
}

function transactionsOf(database: DatabaseSync): <T>(work: () => T) => T {
  return (work) => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const value = work();
      database.exec('COMMIT');
      return value;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  };
}

type Statements = ReturnType<typeof prepare>;

function prepare(database: DatabaseSync) {
  const key = 'width_ms = ? AND at_ms = ? AND check_id = ? AND vantage = ? AND burst = ?';
  return {
    sequence: database.prepare('INSERT OR REPLACE INTO sequence VALUES (?, ?, ?, ?, ?, ?)'),
    block: database.prepare('INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    gap: database.prepare('INSERT OR REPLACE INTO gap VALUES (?, ?, ?, ?, ?)'),
    slice: database.prepare('INSERT OR REPLACE INTO slice VALUES (?, ?, ?, ?, ?, ?, ?)'),
    region: database.prepare('INSERT OR REPLACE INTO slice_region VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    detail: database.prepare('INSERT OR REPLACE INTO slice_detail VALUES (?, ?, ?, ?, ?, ?, ?)'),
    dropDetail: database.prepare(`DELETE FROM slice_detail WHERE ${key}`),
    dropSlice: database.prepare(`DELETE FROM slice WHERE ${key}`),
    dropRegions: database.prepare(`DELETE FROM slice_region WHERE ${key}`),
    held: database.prepare('INSERT OR REPLACE INTO held VALUES (?, ?)'),
    removed: database.prepare('INSERT OR REPLACE INTO removed VALUES (?)'),
    notRemoved: database.prepare('DELETE FROM removed WHERE agent = ?'),
    agent: database.prepare('INSERT OR REPLACE INTO agent VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    check: database.prepare('INSERT OR REPLACE INTO checks VALUES (?, ?)'),
    meta: database.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)'),
    drill: database.prepare(
      'INSERT INTO drill VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET started_ms = excluded.started_ms, ' +
        'ended_ms = excluded.ended_ms, body = excluded.body, html = coalesce(excluded.html, html)',
    ),
    burst: database.prepare('INSERT OR REPLACE INTO burst VALUES (?, ?, ?)'),
    annotation: database.prepare('INSERT INTO annotation (at_ms, text, drill) VALUES (?, ?, ?)'),
  };
}

function writeSlice(statements: Statements, row: SliceRow): void {
  const key = [row.widthMs, row.atMs, row.checkId, row.vantage, row.burst] as const;
  statements.slice.run(...key, row.expected, row.remainder);
  const { minutes, leaks } = row;
  if (minutes !== undefined || leaks !== undefined) statements.detail.run(...key, minutes ?? null, leaks ?? null);
  else statements.dropDetail.run(...key);
  for (const { region, good, bad, missing, durations } of row.regions) {
    statements.region.run(...key, region, good, bad, JSON.stringify(missing), durations);
  }
}

function removeSlice(statements: Statements, id: SliceId): void {
  const key = [id.widthMs, id.atMs, id.checkId, id.vantage, id.burst] as const;
  statements.dropSlice.run(...key);
  statements.dropRegions.run(...key);
  statements.dropDetail.run(...key);
}

function saveAgent(statements: Statements, row: AgentRow): void {
  const { agent, vantage, region, boot, version, firstSeenMs, lastSeenMs, settled, held = null } = row;
  statements.agent.run(agent, vantage, region, boot, version, firstSeenMs, lastSeenMs, JSON.stringify(settled));
  if (held !== null) statements.held.run(agent, JSON.stringify(held));
  if (row.isRemoved === true) statements.removed.run(agent);
  else statements.notRemoved.run(agent);
}

/**
 * Boots and gap records beyond any that an honest agent brings along: they would only grow. Boots begin with the time
 * of their start, so the newest stay.
 */
const forgetting = `
DELETE FROM sequence WHERE (agent, boot) IN (SELECT agent, boot FROM (
  SELECT agent, boot, row_number() OVER (PARTITION BY agent ORDER BY boot DESC) AS place FROM sequence) WHERE place > 1000);
DELETE FROM gap WHERE (agent, boot, from_seq) IN (SELECT agent, boot, from_seq FROM (
  SELECT agent, boot, from_seq, row_number() OVER (PARTITION BY agent ORDER BY boot DESC, from_seq DESC) AS place FROM gap)
  WHERE place > 10000);
`;

/** A drill whose runner died says never that it ended: what comes so much later is not its. */
const longestDrillMs = 86_400_000;

function prune(database: DatabaseSync, excessBytes: number): { readonly blocks: number; readonly bytes: number } {
  if (excessBytes <= 0) return { blocks: 0, bytes: 0 };
  const folded = Number(database.prepare("SELECT value FROM meta WHERE key = 'folded'").get()?.['value'] ?? 0);
  const candidates = database
    .prepare(
      'SELECT id, bytes FROM block WHERE id + count - 1 <= ? AND NOT EXISTS (SELECT 1 FROM drill ' +
        'WHERE block.to_ms >= drill.started_ms AND block.from_ms <= coalesce(drill.ended_ms, drill.started_ms + ?)) ' +
        'ORDER BY id',
    )
    .iterate(folded, longestDrillMs);
  const doomed: number[] = [];
  let bytes = 0;
  for (const candidate of candidates) {
    if (bytes >= excessBytes) break;
    doomed.push(Number(candidate['id']));
    bytes += Number(candidate['bytes']);
  }
  const drop = database.prepare('DELETE FROM block WHERE id = ?');
  for (const id of doomed) drop.run(id);
  return { blocks: doomed.length, bytes };
}
