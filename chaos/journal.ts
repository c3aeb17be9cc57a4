import { type FileHandle, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Bounds } from '../contract/bounds.ts';
import type { Clock } from '../contract/clock.ts';
import { isObject, type Json } from '../contract/json.ts';
import type { Drill, DrillEvent } from './drill.ts';
import type { DrillFacts } from './facts.ts';
import { sentenceOf, Trouble } from './trouble.ts';

/** What a drill writes down before it goes on. Each line is on the disk when `append` resolves. */
export type JournalEntry =
  | { readonly type: 'planned'; readonly plan: JournalPlan }
  /** The undo record of the fault: all that mending needs. Always before `armed`. */
  | {
      readonly type: 'undo';
      readonly undo: Json;
      /** Absent where it is in the cluster of the undo record. */
      readonly lease: {
        readonly name: string;
        readonly durationMs: number;
        readonly context?: string;
        readonly namespace?: string;
      };
    }
  | { readonly type: 'armed' }
  /** From here on somebody else would mend. */
  | { readonly type: 'restorer-seen' }
  | { readonly type: 'inject-called'; readonly sentMs: number }
  | { readonly type: 'restore-called'; readonly sentMs: number }
  | { readonly type: 'event'; readonly event: DrillEvent; readonly drill: Drill }
  | { readonly type: 'message'; readonly text: string }
  | { readonly type: 'swept' }
  /** `recover` dealt with what the runner left. */
  | { readonly type: 'recovered'; readonly text: string }
  | { readonly type: 'concluded'; readonly exit: number; readonly facts: ConcludedFacts };

export type JournalPlan = {
  readonly id: string;
  readonly name: string;
  readonly scenario: string;
  readonly fault: string;
  readonly region: string;
  readonly version: string;
  readonly offset: Bounds;
};

/** All facts but the lists, which have files of their own. */
export type ConcludedFacts = Omit<DrillFacts, 'results' | 'endpoints' | 'checkers'>;

export type Stamped = JournalEntry & { readonly seq: number; readonly atMs: number };

export type Journal = {
  /** Resolves once the entry is on the disk. Entries are written in the order of the calls. */
  append(entry: JournalEntry): Promise<void>;
  close(): Promise<void>;
};

/** Opens a new journal; refuses a file that exists. */
export async function openJournal(path: string, clock: Clock): Promise<Journal> {
  const file = await open(path, 'wx').catch((error: unknown) => {
    throw new Trouble('wrong-input', `journal ${path} cannot be written: ${sentenceOf(error)}`, { cause: error });
  });
  await flushName(path);
  let seq = 0;
  let last: Promise<void> = Promise.resolve();
  return {
    append(entry) {
      seq += 1;
      const line = `${JSON.stringify({ seq, atMs: clock.nowMs(), ...entry })}\n`;
      const written = last.then(() => writeThrough(file, line));
      // A failure belongs to who appended; the next entry is tried all the same.
      last = written.catch(() => undefined);
      return written;
    },
    async close() {
      await last;
      await file.close();
    },
  };
}

/** A power cut may lose a new file's name though its content is on the disk. Not every file system can be asked for it. */
async function flushName(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

async function writeThrough(file: FileHandle, line: string): Promise<void> {
  await file.appendFile(line);
  await file.datasync();
}

/** The entries of a journal. A torn line is what a crash leaves, and is passed over. */
export async function readJournal(path: string): Promise<readonly Stamped[]> {
  return parseJournal(await readFile(path, 'utf8'));
}

export function parseJournal(text: string): readonly Stamped[] {
  const entries: Stamped[] = [];
  for (const line of text.split('\n')) {
    const entry = parseLine(line);
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

function parseLine(line: string): Stamped | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) && typeof value['type'] === 'string' && typeof value['seq'] === 'number'
      ? (value as unknown as Stamped)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The first entry of a type. */
export function entryOf<T extends JournalEntry['type']>(
  entries: readonly Stamped[],
  type: T,
): (Stamped & { readonly type: T }) | undefined {
  return entries.find((entry): entry is Stamped & { readonly type: T } => entry.type === type);
}
