import { type Mistake, Mistakes } from '../../contract/mistake.ts';
import { plainOf } from './plain.ts';
import { cutTo } from './reader.ts';
import { type At, type Composed, composed, type Position, syntaxMistakes } from './yaml.ts';

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
 * nothing else, so it is quoted before the text is read; `at` leads back to the user's own columns.
 */
function quoted(text: string, file: string): Composed {
  const plain = composed(text, file, true);
  if (plain.documents.every(({ errors }) => errors.length === 0)) return plain;
  const added = new Map<number, number[]>();
  const source = text.split('\n').map((content, index) =>
    content.replaceAll(/(?<=[{,:[]\s+)\$(?:\.[\w-]+|\[\*\])+(?=\s*[,}\]])/g, (path, offset: number) => {
      added.set(index + 1, [...(added.get(index + 1) ?? []), offset + 1, offset + 1 + path.length]);
      return `"${path}"`;
    }),
  );
  if (added.size === 0) return plain;
  const { documents, at } = composed(source.join('\n'), file, true);
  // The i-th quote of a line stands i columns further right than where the user's text goes on.
  const own: At = (offset) => {
    const { line, column } = at(offset);
    return { line, column: column - (added.get(line) ?? []).filter((quote, index) => quote + index < column).length };
  };
  return { documents, at: own };
}

/** Keys are the user's own, and may be of any length. */
const longestPath = 200;

/** The place of the path, or of the closest thing above it that is there. */
function nearest(places: ReadonlyMap<string, Position>, path: string): Position {
  for (let above = path; above !== ''; above = above.replace(/(\.[^.[\]]*|\[[^[\]]*\]|^[^.[\]]*)$/, '')) {
    const found = places.get(above);
    if (found !== undefined) return found;
  }
  return places.get('') ?? { line: 1, column: 1 };
}
