/** Numbered writes that a drill left in the regions' stores. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../contract/clock.ts';
import { isObject } from '../../contract/json.ts';
import { type CanaryAccess, canaryDeps } from '../canaries/ask.ts';
import type { CanaryBook } from '../canaries/book.ts';
import { eraseCanaries } from '../canaries/erase.ts';
import type { CanaryErased } from '../canaries/facts.ts';
import { files } from '../evidence.ts';
import { entryOf, readJournal } from '../journal.ts';
import { sentenceOf } from '../trouble.ts';

/** Beside the evidence of the drill, which is sealed. */
const doneFile = 'canaries-erased.json';

export type LeftCanaries = { readonly drill: string; readonly dir: string; readonly book: CanaryBook };

export type RecoveredCanaries = { readonly drill: string } & (
  | { readonly erased: CanaryErased }
  /** Not tried: why. */
  | { readonly erased: null; readonly because: string }
);

/** Drills whose journal has canaries, and none that proves them erased. */
export async function leftCanaries(evidenceDir: string | null): Promise<readonly LeftCanaries[]> {
  if (evidenceDir === null) return [];
  const names = await readdir(evidenceDir).catch(() => []);
  const found = await Promise.all(names.map((name) => leftIn(join(evidenceDir, name))));
  return found.flat();
}

async function leftIn(dir: string): Promise<readonly LeftCanaries[]> {
  const entries = await readJournal(join(dir, files.journal)).catch(() => []);
  const book = entryOf(entries, 'canaries')?.book;
  if (book === undefined) return [];
  const erased = entryOf(entries, 'canaries-erased')?.erased;
  if (erased !== undefined && isAll(erased)) return [];
  const done = await readFile(join(dir, doneFile), 'utf8').then(parsed, () => null);
  return done !== null && isAll(done) ? [] : [{ drill: book.setup.drill, dir, book }];
}

function parsed(text: string): CanaryErased | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && isObject(value['left']) && isObject(value['unread']) ? (value as CanaryErased) : null;
  } catch {
    return null; // torn by a crash: erasing again does no harm
  }
}

function isAll({ left, unread }: CanaryErased): boolean {
  return Object.keys(left).length + Object.keys(unread).length === 0;
}

/** Those of a drill whose runner lives are its own: it would take them for lost. */
export async function recoverCanaries(
  all: readonly LeftCanaries[],
  whyNot: (drill: string) => string | null,
  { access, clock }: { readonly access: CanaryAccess | undefined; readonly clock: Clock },
): Promise<readonly RecoveredCanaries[]> {
  const recovered: RecoveredCanaries[] = [];
  for (const { drill, dir, book } of all) {
    const because = whyNot(drill);
    if (because !== null) {
      recovered.push({ drill, erased: null, because });
      continue;
    }
    const erased = await eraseCanaries(book, canaryDeps(book, access, clock));
    recovered.push({ drill, erased });
    await writeFile(join(dir, doneFile), `${JSON.stringify(erased, null, 2)}\n`).catch(sentenceOf);
  }
  return recovered;
}

/** Whether all of them are gone, and known to be. */
export function areErased(recovered: readonly RecoveredCanaries[]): boolean {
  return recovered.every(({ erased }) => erased !== null && isAll(erased));
}

export function describeCanaries(recovered: RecoveredCanaries): string {
  if (recovered.erased === null) return recovered.because;
  const { left, unread, records } = recovered.erased;
  const parts = [
    ...Object.entries(left).map(([region, ids]) => `not erased in ${region}: ${ids.join(', ')}`),
    ...Object.entries(unread).map(([region, because]) => `${region}: ${because}`),
  ];
  return parts.length === 0 ? `${records} canaries erased, and none found since` : parts.join('; ');
}
