import { Mistakes } from '../../contract/mistake.ts';
import { type Read, readingsOf } from '../parse/document.ts';
import { pathTo } from '../parse/reader.ts';
import { composed, syntaxMistakes } from '../parse/yaml.ts';

/** Each document of a YAML or JSON file, and each item of one that is a list. Throws `Mistakes` when it is neither. */
export function readDocuments(text: string, file: string): readonly Read[] {
  const found = composed(text, file, false);
  const mistakes = syntaxMistakes(found, text, file);
  if (mistakes.length > 0) throw new Mistakes(mistakes);
  return readingsOf(found, file)
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
