import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A record of a user, as the service hands it to a disk. Where that disk is, the disk itself writes down. */
export type UserRecord = { readonly id: string; readonly country: string; readonly requestId: string };
export type StoredRecord = UserRecord & { readonly region: string };

/**
 * One region's disk. Append-only JSON lines, in the hands of the operating system when `append` returns, so that
 * anybody who reads the file sees them. Other regions may have the same disk open: that is how data leaks.
 */
export type Store = {
  append(record: UserRecord): void;
  close(): void;
};

export function regionStore(storeDir: string, region: string): Store {
  const file = appendOnly(join(storeDir, region), 'records.jsonl');
  return {
    append: ({ id, country, requestId }) => file.append({ id, country, region, requestId } satisfies StoredRecord),
    close: file.close,
  };
}

/** The lines of the region's store as it lies on disk, unparsed; no store, no lines. */
export function readStore(storeDir: string, region: string): Promise<readonly string[]> {
  return linesOf(join(storeDir, region, 'records.jsonl'));
}

/** JSON lines in a folder that is made when it is not there. */
export function appendOnly(
  folder: string,
  name: string,
): { append(line: object): void; close(): void; readonly path: string } {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  const descriptor = openSync(path, 'a');
  return {
    path,
    append: (line) => void writeSync(descriptor, `${JSON.stringify(line)}\n`),
    close: () => closeSync(descriptor),
  };
}

export async function linesOf(path: string): Promise<readonly string[]> {
  try {
    return (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
