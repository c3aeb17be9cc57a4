import { type Mistake, Mistakes } from '../../contract/mistake.ts';
import { plainOf } from './plain.ts';
import { cutTo } from './reader.ts';
import { type At, type Composed, composed, type Position, plainInFlow, syntaxMistakes } from './yaml.ts';

export type Read = { readonly value: unknown; readonly placeOf: (path: string) => string };

/** YAML, and JSON with it. Throws `Mistakes` when the text is neither. */
export function readDocument(text: string, file: string): Read {
  const { documents, at } = quoted(text, file);
  const mistakes = syntaxMistakes({ documents, at }, text, file);
  const [document, second] = documents;
  if (mistakes.length > 0 || document === undefined) throw new Mistakes(mistakes.slice(0, 1));
  if (second !== undefined)
    throw new Mistakes([{ place: placed(file, at(second.range[0])), got: 'a second document', want: 'one' }]);
  const [read] = readingsOf({ documents: [document], at }, file);
  return read as Read;
}

/** What documents that are whole say, and where. Throws `Mistakes` with those of all of them. */
export function readingsOf({ documents, at }: Composed, file: string): readonly Read[] {
  const all = documents.map((document) => plainOf(document, at));
  const mistakes = all.flatMap(({ mistakes: found }) =>
    found.map(({ at: place, got, want }): Mistake => ({ place: placed(file, place), got, want })),
  );
  if (mistakes.length > 0) throw new Mistakes(mistakes);
  return all.map(({ value, places }) => ({
    value: value ?? undefined,
    placeOf: (path) => `${placed(file, nearest(places, path))}${path === '' ? '' : ` ${cutTo(longestPath, path)}`}`,
  }));
}

function placed(file: string, { line, column }: Position): string {
  return `${file}:${line}:${column}`;
}

/**
 * YAML has no brackets in an unquoted text within braces. A JSON path there, as in `{ records: $.records[*] }`, can mean
 * nothing else, so it is quoted before the text is read; `at` leads back to the user's own columns. Nothing but such an
 * unquoted text is touched: what is like one in quotes, in a block of text or in a comment is the user's.
 */
function quoted(given: string, file: string): Composed {
  const plain = composed(given, file, true);
  if (plain.documents.every(({ errors }) => errors.length === 0)) return plain;
  const text = given.replace(/^\uFEFF/, '');
  const paths = plainInFlow(text).flatMap((start) => pathAt(text, start) ?? []);
  if (paths.length === 0) return plain;
  const added = new Map<number, number[]>();
  let source = '';
  let doneTo = 0;
  for (const { start, end } of paths) {
    const { line, column } = plain.at(start);
    added.set(line, [...(added.get(line) ?? []), column, column + end - start]);
    source += `${text.slice(doneTo, start)}"${text.slice(start, end)}"`;
    doneTo = end;
  }
  const { documents, at } = composed(source + text.slice(doneTo), file, true);
  // The i-th quote of a line stands i columns further right than where the user's text goes on.
  const own: At = (offset) => {
    const { line, column } = at(offset);
    return { line, column: column - (added.get(line) ?? []).filter((quote, index) => quote + index < column).length };
  };
  return { documents, at: own };
}

/** The JSON path that begins there, if it has brackets and ends its text. */
function pathAt(text: string, start: number): { readonly start: number; readonly end: number } | undefined {
  const path = /\$(?:\.[\w-]+|\[\*\])+(?=\s*(?:[,}\]]|$|\s#))/my;
  path.lastIndex = start;
  const [found] = path.exec(text) ?? [];
  return found?.includes('[') === true ? { start, end: start + found.length } : undefined;
}

/** Keys are the user's own, and may be of any length. */
const longestPath = 200;

/** The place of the path, or of the closest thing above it that is there. */
function nearest(places: ReadonlyMap<string, Position>, path: string): Position {
  for (const end of endsOf(path).reverse()) {
    const found = places.get(path.slice(0, end));
    if (found !== undefined) return found;
  }
  return places.get('') ?? { line: 1, column: 1 };
}

/** Where each step of a path of `pathTo` ends. What is in the quotes of a key is the user's own, brackets and dots too. */
function endsOf(path: string): number[] {
  const ends: number[] = [];
  for (let end = 0; end < path.length; ends.push(end)) {
    end = path.startsWith('["', end) ? afterQuoted(path, end) : afterPlain(path, end);
  }
  return ends;
}

function afterQuoted(path: string, start: number): number {
  let next = start + '["'.length;
  while (next < path.length && path[next] !== '"') next += path[next] === '\\' ? 2 : 1;
  return Math.min(path.length, next + '"]'.length);
}

function afterPlain(path: string, start: number): number {
  let next = start + 1;
  while (next < path.length && path[next] !== '.' && path[next] !== '[') next += 1;
  return next;
}
