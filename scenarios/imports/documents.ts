import { LineCounter, parseAllDocuments } from 'yaml';
import { Mistakes } from '../../contract/mistake.ts';
import { type Position, type Read, readingOf, syntaxMistake } from '../parse/document.ts';
import { pathTo } from '../parse/reader.ts';

/** Each document of a YAML or JSON file, and each item of one that is a list. Throws `Mistakes` when it is neither. */
export function readDocuments(text: string, file: string): readonly Read[] {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const documents = [...parseAllDocuments(text, { lineCounter: lines, merge: true, prettyErrors: false })];
  const broken = documents.flatMap(({ errors }) => errors.slice(0, 1)); // what follows the first is mostly its echo
  if (broken.length > 0) {
    throw new Mistakes(broken.flatMap((error) => syntaxMistake(error, at(error.pos[0]), text, file).mistakes));
  }
  return documents
    .map((document) => readingOf(document, at, file))
    .filter(({ value }) => value !== undefined)
    .flatMap(items);
}

function items({ value, placeOf }: Read): readonly Read[] {
  if (!Array.isArray(value)) return [{ value, placeOf }];
  return value.map((item: unknown, index) => {
    const head = pathTo('', index);
    const join = (path: string): string => (path === '' || path.startsWith('[') ? `${head}${path}` : `${head}.${path}`);
    return { value: item, placeOf: (path) => placeOf(join(path)) };
  });
}
