/** Pages of docs/drills, as their tests read them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const folder = join(import.meta.dirname, '../../docs/drills');

export function pageText(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

/** A text whose lines are broken elsewhere is the same. */
export function flowing(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** Code in a heading of the second level, to the text below it. */
export function sectionsOf(text: string): ReadonlyMap<string, string> {
  const parts = text.split(/^##? /m).slice(1);
  return new Map(
    parts.flatMap((part) => {
      const [, name] = /^`([^`\n]+)`\n/.exec(part) ?? [];
      return name === undefined ? [] : [[name, flowing(part)] as const];
    }),
  );
}

/** The cells of the tables of a page whose head begins with a word, row by row. */
export function rowsOf(text: string, head: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let isInside = false;
  for (const line of text.split('\n')) {
    const cells = line.startsWith('|') ? line.slice(1, line.lastIndexOf('|')).split(/(?<!\\)\|/) : null;
    const trimmed = cells?.map((cell) => cell.trim()) ?? [];
    if (cells === null) isInside = false;
    else if (trimmed[0] === head) isInside = true;
    else if (isInside && !/^:?-+:?$/.test(trimmed[0] ?? '')) rows.push(trimmed);
  }
  return rows;
}

/** The code in a cell: `` `stop.burn` `` to `stop.burn`. */
export function codeIn(cell: string | undefined): string {
  return /`([^`]+)`/.exec(cell ?? '')?.[1] ?? '';
}
