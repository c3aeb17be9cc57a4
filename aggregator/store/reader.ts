/** Reads the raw log in a thread of its own: parsing ten thousand results must not hold up the link. */
import type { DatabaseSync } from 'node:sqlite';
import type { StoredResult } from '../../contract/api.ts';
import { between, resultsOf, storedResult } from './block.ts';
import { blockOf } from './load.ts';
import type { AnnotationRow, CheckRow, ResultsQuery } from './rows.ts';

export type Reader = {
  /** The text of a `ResultsAnswer`. */
  results(query: ResultsQuery): string;
  reportHtml(drill: string): string | null;
  drill(id: string): string | null;
  annotations(): readonly AnnotationRow[];
};

export function readerOf(database: DatabaseSync): Reader {
  const blocks = database.prepare(
    'SELECT * FROM block WHERE id < ? AND to_ms >= ? AND (? IS NULL OR instr(names, ?) > 0) ' +
      'AND (? IS NULL OR instr(bursts, ?) > 0) ORDER BY id DESC',
  );
  const report = database.prepare('SELECT html FROM drill WHERE id = ?');
  const drill = database.prepare('SELECT body FROM drill WHERE id = ?');
  const annotations = database.prepare('SELECT id, at_ms, text, drill FROM annotation ORDER BY at_ms DESC LIMIT 1000');

  return {
    results(query) {
      const checks = checksIn(database);
      const name = query.check === null ? null : between(checks.get(query.check)?.name ?? query.check);
      const burst = query.burst === null ? null : between(query.burst);
      const before = query.beforeId ?? Number.MAX_SAFE_INTEGER;
      const since = query.sinceMs ?? 0;
      const found: StoredResult[] = [];
      for (const row of blocks.iterate(before, since, name, name, burst, burst)) {
        const block = blockOf(row);
        for (const result of resultsIn(block, checks)) {
          if (!matches(result, query)) continue;
          if (found.length === query.limit) return answer(found, found.at(-1)?.id ?? null);
          found.push(result);
        }
      }
      return answer(found, null);
    },
    reportHtml: (id) => textOrNull(report.get(id)?.['html']),
    drill: (id) => textOrNull(drill.get(id)?.['body']),
    annotations: () =>
      annotations.all().map((row) => ({
        id: Number(row['id']),
        atMs: Number(row['at_ms']),
        text: String(row['text']),
        drill: textOrNull(row['drill']),
      })),
  };
}

/** Newest first. */
function resultsIn(block: ReturnType<typeof blockOf>, checks: ReadonlyMap<string, CheckRow>): readonly StoredResult[] {
  return resultsOf(block)
    .map((result, index) => storedResult(result, block.firstId + index, block, checks.get(result.check)))
    .reverse();
}

function matches(result: StoredResult, query: ResultsQuery): boolean {
  return (
    (query.beforeId === null || result.id < query.beforeId) &&
    (query.sinceMs === null || result.atMs >= query.sinceMs) &&
    (query.check === null || result.check === query.check || result.checkId === query.check) &&
    (query.burst === null || result.burst === query.burst)
  );
}

function checksIn(database: DatabaseSync): ReadonlyMap<string, CheckRow> {
  const rows = database.prepare('SELECT id, body FROM checks').all();
  return new Map(rows.map((row) => [String(row['id']), JSON.parse(String(row['body'])) as CheckRow]));
}

function answer(results: readonly StoredResult[], next: number | null): string {
  return JSON.stringify({ results, next });
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
