/**
 * Which aggregator has which of this agent's rounds: kept on disk, so that every result has one owner for ever. A result
 * belongs to the aggregator in whose tenure its round starts, whenever it is made and sent.
 */
import type { DatabaseSync } from 'node:sqlite';
import { maxSpans, type Span } from '../../contract/wire.ts';

export type Tenures = {
  /** Where new rounds go. */
  readonly current: string;
  /** From `atMs` on rounds are another's. */
  move(to: string, atMs: number): void;
  ownerAt(roundStartMs: number): string;
  /** Since when it is known who has what. */
  readonly knownFromMs: number;
  spansOf(aggregator: string): readonly Span[];
};

type Tenure = { readonly owner: string; readonly fromMs: number };

/** Takes up where the last process stopped; else `first` has everything from now on. */
export function openTenures(db: DatabaseSync, first: string, nowMs: number): Tenures {
  db.exec('CREATE TABLE IF NOT EXISTS tenures (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, from_ms REAL NOT NULL)');
  const insert = db.prepare('INSERT INTO tenures (owner, from_ms) VALUES (?, ?)');
  const forget = db.prepare('DELETE FROM tenures WHERE id NOT IN (SELECT id FROM tenures ORDER BY id DESC LIMIT ?)');
  let known = db
    .prepare('SELECT owner, from_ms FROM tenures ORDER BY id')
    .all()
    .map((row): Tenure => ({ owner: String(row['owner']), fromMs: Number(row['from_ms']) }));

  function begin(owner: string, fromMs: number): void {
    insert.run(owner, fromMs);
    forget.run(maxSpans);
    known = [...known, { owner, fromMs }].slice(-maxSpans);
  }
  function last(): Tenure {
    const tenure = known.at(-1);
    if (tenure === undefined) throw new Error('tenures begin with one');
    return tenure;
  }
  const [lastKnown] = known.slice(-1);
  // The machine's clock was set back between two runs: what is known of times to come is of no use.
  if (lastKnown !== undefined && lastKnown.fromMs > nowMs) {
    db.exec('DELETE FROM tenures');
    known = [];
  }
  if (known.length === 0) begin(lastKnown?.owner ?? first, nowMs);
  return {
    get current() {
      return last().owner;
    },
    move(to, atMs) {
      if (to !== last().owner) begin(to, Math.max(atMs, last().fromMs));
    },
    ownerAt(roundStartMs) {
      const tenure = known.findLast(({ fromMs }) => fromMs <= roundStartMs) ?? known[0] ?? last();
      return tenure.owner;
    },
    get knownFromMs() {
      return known[0]?.fromMs ?? 0;
    },
    spansOf: (aggregator) =>
      known.flatMap(({ owner, fromMs }, index): readonly Span[] =>
        owner === aggregator ? [[fromMs, known[index + 1]?.fromMs ?? null]] : [],
      ),
  };
}

/** Whether there ever were several aggregators here. */
export function hasTenures(db: DatabaseSync): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'tenures'").get() !== undefined;
}
