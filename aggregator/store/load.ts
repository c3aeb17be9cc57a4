import type { DatabaseSync } from 'node:sqlite';
import type { BurstRequest } from '../../contract/api.ts';
import type { DrillReport } from '../../contract/drill.ts';
import { type CountedDrill, countedDrills, reachesBeyond } from '../slo/drilled.ts';
import { packSlices } from './packed-slices.ts';
import type { AgentRow, BlockRow, CheckRow, ClockRow, Loaded } from './rows.ts';

type Row = Record<string, unknown>;

/** Most drills that are shown; older ones stay on disk. */
const maxDrills = 200;

export function load(database: DatabaseSync): Loaded {
  const meta = new Map(
    all(database, 'SELECT key, value FROM meta').map((row) => [text(row, 'key'), text(row, 'value')]),
  );
  const foldedId = Number(meta.get('folded') ?? 0);
  const last = database.prepare('SELECT id + count AS next FROM block ORDER BY id DESC LIMIT 1').get();
  const assignment = meta.get('assignment');
  const removed = new Set(all(database, 'SELECT agent FROM removed').map((row) => text(row, 'agent')));
  const held = new Map(all(database, 'SELECT * FROM held').map((row) => [text(row, 'agent'), text(row, 'spans')]));
  const drills = all(database, `SELECT body FROM drill ORDER BY started_ms DESC LIMIT ${maxDrills}`);
  return {
    sequences: all(database, 'SELECT * FROM sequence').map((row) => ({
      agent: text(row, 'agent'),
      boot: text(row, 'boot'),
      vantage: text(row, 'vantage'),
      through: Number(row['through']),
      alignByMs: Number(row['align_by_ms']),
      clock: clockOf(row),
    })),
    agents: all(database, 'SELECT * FROM agent').map((row) => ({
      agent: text(row, 'agent'),
      vantage: text(row, 'vantage'),
      region: text(row, 'region'),
      boot: text(row, 'boot'),
      version: text(row, 'version'),
      firstSeenMs: Number(row['first_seen_ms']),
      lastSeenMs: Number(row['last_seen_ms']),
      settled: JSON.parse(text(row, 'settled')) as { [everyMs: string]: number },
      held: (JSON.parse(held.get(text(row, 'agent')) ?? 'null') as AgentRow['held']) ?? null,
      isRemoved: removed.has(text(row, 'agent')),
    })),
    checks: all(database, 'SELECT body FROM checks').map((row) => JSON.parse(text(row, 'body')) as CheckRow),
    slices: packSlices(database),
    unfolded: all(database, 'SELECT * FROM block WHERE id > ? ORDER BY id', foldedId).map(blockOf),
    foldedId,
    nextId: Math.max(Number(last?.['next'] ?? 1), foldedId + 1),
    drills: drills.map((row) => JSON.parse(text(row, 'body')) as DrillReport),
    bursts: all(database, 'SELECT body FROM burst').map((row) => JSON.parse(text(row, 'body')) as BurstRequest),
    totals: meta.get('totals') ?? null,
    assignment: assignment === undefined ? null : (JSON.parse(assignment) as { version: number; hash: string }),
    alerts: meta.get('alerts') ?? null,
    schedules: meta.get('schedules') ?? null,
  };
}

/** What verdicts count of all drills that reach beyond that moment, however many; their reports are read one by one. */
export function drillsBeyond(database: DatabaseSync, ms: number): readonly CountedDrill[] {
  const found: CountedDrill[] = [];
  for (const row of database.prepare('SELECT body FROM drill WHERE ended_ms IS NULL OR ended_ms > ?').iterate(ms)) {
    const drills = countedDrills([JSON.parse(text(row, 'body')) as DrillReport]);
    found.push(...drills.filter((drill) => reachesBeyond(drill, ms)));
  }
  return found;
}

export function blockOf(row: Row): BlockRow {
  return {
    firstId: Number(row['id']),
    count: Number(row['count']),
    skip: Number(row['skip']),
    agent: text(row, 'agent'),
    boot: text(row, 'boot'),
    vantage: text(row, 'vantage'),
    clock: clockOf(row),
    alignByMs: Number(row['align_by_ms']),
    fromMs: Number(row['from_ms']),
    toMs: Number(row['to_ms']),
    names: text(row, 'names'),
    bursts: text(row, 'bursts'),
    frame: text(row, 'frame'),
  };
}

function clockOf(row: Row): ClockRow | null {
  return row['clock'] === null ? null : (JSON.parse(text(row, 'clock')) as ClockRow);
}

function all(database: DatabaseSync, sql: string, ...values: readonly number[]): readonly Row[] {
  return database.prepare(sql).all(...values);
}

function text(row: Row, column: string): string {
  return String(row[column]);
}
