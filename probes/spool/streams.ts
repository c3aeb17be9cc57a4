/** Boots and whose they are. Each (start of the agent, aggregator) is a boot with numbers of its own. */
import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { isDiskTrouble } from './database.ts';

export type Streams = {
  /** The boot under which this process numbers what that aggregator has. */
  bootOf(aggregator: string): string;
  /** `undefined`: made by a release that knew one aggregator only. */
  ownerOf(boot: string): string | undefined;
  /** Boots known to be that aggregator's, those that left nothing among them. */
  bootsOf(aggregator: string): readonly string[];
  /** Those that something waits for and that are not among these. */
  ownersBeside(aggregators: readonly (string | undefined)[]): readonly string[];
  /** Writes what a full disk has not taken so far, before anything of these boots is written. Throws while it takes nothing. */
  settle(): void;
  /** Who had everything in the last run, if that knew one aggregator. */
  readonly lastOwner: string | undefined;
};

/** `several`: with one aggregator the boot is the process's own, as it always was. */
export function openStreams(db: DatabaseSync, boot: string, several: boolean): Streams {
  db.exec('CREATE TABLE IF NOT EXISTS streams (boot TEXT PRIMARY KEY, owner TEXT NOT NULL) WITHOUT ROWID');
  const last = db.prepare('SELECT owner FROM streams ORDER BY boot DESC LIMIT 1').get();
  whereThereIsRoom(() => db.exec('DELETE FROM streams WHERE boot NOT IN (SELECT boot FROM frames)'));
  const insert = db.prepare('INSERT OR IGNORE INTO streams VALUES (?, ?)');
  const owners = new Map(
    db
      .prepare('SELECT boot, owner FROM streams')
      .all()
      .map((row) => [String(row['boot']), String(row['owner'])]),
  );
  const boots = new Map<string, string>();
  const unwritten = new Map<string, string>();

  function settle(): void {
    for (const [own, aggregator] of unwritten) {
      insert.run(own, aggregator);
      unwritten.delete(own);
    }
  }
  return {
    bootOf(aggregator) {
      const known = boots.get(aggregator);
      if (known !== undefined) return known;
      const suffix = createHash('sha256').update(aggregator).digest('hex').slice(0, 8);
      const own = several ? `${boot}-${suffix}` : boot;
      boots.set(aggregator, own);
      owners.set(own, aggregator);
      unwritten.set(own, aggregator);
      whereThereIsRoom(settle);
      return own;
    },
    ownerOf: (of) => owners.get(of),
    bootsOf: (aggregator) => [...owners].flatMap(([of, owner]) => (owner === aggregator ? [of] : [])),
    ownersBeside: (aggregators) => [...new Set(owners.values())].filter((owner) => !aggregators.includes(owner)),
    settle,
    lastOwner: last === undefined ? undefined : String(last['owner']),
  };
}

function whereThereIsRoom(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!isDiskTrouble(error)) throw error;
  }
}
