import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLError } from 'yaml';
import { Mistakes } from '../../contract/mistake.ts';
import { pathTo } from './reader.ts';

export type Read = { readonly value: unknown; readonly placeOf: (path: string) => string };
export type Position = { readonly line: number; readonly column: number };

/** YAML, and JSON with it. Throws `Mistakes` when the text is neither. */
export function readDocument(text: string, file: string): Read {
  const { source, columnOf } = quoted(text);
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, merge: true, prettyErrors: false });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: columnOf(line, col) };
  };
  const [broken] = document.errors; // what follows the first one is mostly its echo
  if (broken !== undefined) throw syntaxMistake(broken, at(broken.pos[0]), text, file);
  return readingOf(document, at, file);
}

/** What a document that is whole says, and where. */
export function readingOf(document: Document, at: (offset: number) => Position, file: string): Read {
  const places = placesIn(document, at);
  return {
    value: document.toJS() ?? undefined,
    placeOf(path) {
      const { line, column } = nearest(places, path);
      return `${file}:${line}:${column}${path === '' ? '' : ` ${path}`}`;
    },
  };
}

export function syntaxMistake(error: YAMLError, { line, column }: Position, text: string, file: string): Mistakes {
  const got = text.split('\n')[line - 1]?.trim().slice(0, 80) ?? '';
  const problem = error.message.replace(/\s+/g, ' ').trim();
  const duplicate = error.code === 'DUPLICATE_KEY';
  const want = duplicate ? 'each key once' : `valid YAML (${problem})`;
  return new Mistakes([
    { place: `${file}:${line}:${column}`, got: got === '' ? 'the end of the file' : JSON.stringify(got), want },
  ]);
}

/**
 * YAML has no brackets in an unquoted text within braces. A JSON path there, as in `{ records: $.records[*] }`, can mean
 * nothing else, so it is quoted before the text is read; `columnOf` leads back to the user's own columns.
 */
function quoted(text: string): {
  readonly source: string;
  readonly columnOf: (line: number, column: number) => number;
} {
  const plain = { source: text, columnOf: (_: number, column: number) => column };
  if (parseDocument(text, { prettyErrors: false }).errors.length === 0) return plain;
  const added = new Map<number, number[]>();
  const source = text.split('\n').map((content, index) =>
    content.replaceAll(/(?<=[{,:[]\s+)\$(?:\.[\w-]+|\[\*\])+(?=\s*[,}\]])/g, (path, offset: number) => {
      added.set(index + 1, [...(added.get(index + 1) ?? []), offset + 1, offset + 1 + path.length]);
      return `"${path}"`;
    }),
  );
  if (added.size === 0) return plain;
  return {
    source: source.join('\n'),
    // The i-th quote of a line stands i columns further right than where the user's text goes on.
    columnOf: (line, column) => column - (added.get(line) ?? []).filter((own, index) => own + index < column).length,
  };
}

/** Key path to where its value is written; of a mapping's entry, where its key is. */
function placesIn(document: Document, at: (offset: number) => Position): ReadonlyMap<string, Position> {
  const places = new Map<string, Position>();
  const visit = (node: unknown, path: string, keyOffset?: number): void => {
    const offset = keyOffset ?? (node as Node | null)?.range?.[0] ?? 0;
    places.set(path, at(offset));
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        const name = isScalar(key) ? String(key.value) : String(key);
        visit(value, pathTo(path, name), (key as Node | null)?.range?.[0]);
      }
    }
    if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) visit(item, pathTo(path, index));
    }
  };
  visit(document.contents, '');
  return places;
}

/** The place of the path, or of the closest thing above it that is there. */
function nearest(places: ReadonlyMap<string, Position>, path: string): Position {
  for (let above = path; above !== ''; above = above.replace(/(\.[^.[\]]*|\[[^[\]]*\]|^[^.[\]]*)$/, '')) {
    const found = places.get(above);
    if (found !== undefined) return found;
  }
  return places.get('') ?? { line: 1, column: 1 };
}
