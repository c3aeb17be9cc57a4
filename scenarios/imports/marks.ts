/** What annotations or labels of another language say in our words. */
import { Mistakes } from '../../contract/mistake.ts';
import { readDocument } from '../parse/document.ts';
import { type At, choice, shown } from '../parse/reader.ts';
import { fixed } from './places.ts';
import type { Written } from './translated.ts';

/** Keys of an objective. Those with a structure are written as YAML on one line. */
const plain = ['id', 'check', 'region', 'from', 'target', 'window', 'missing', 'bursts', 'drills', 'weighting'];
const structured = ['indicator', 'calendar', 'exclude'];
const known = [...plain, ...structured];

/** Those of the texts whose key begins so; each key that is not known is noted. */
export function marksIn(texts: Readonly<Record<string, unknown>>, prefix: string, at: At): Written {
  const values: { [key: string]: unknown } = {};
  const places: { [key: string]: At } = {};
  for (const [name, value] of Object.entries(texts)) {
    if (!name.startsWith(prefix)) continue;
    const key = name.slice(prefix.length);
    if (known.includes(key)) {
      places[key] = fixed(at.in(name));
      values[key] = structured.includes(key) ? structure(value) : value;
    } else
      at.in(name).note(
        shown(name),
        choice(
          known.map((one) => `${prefix}${one}`),
          name,
        ),
      );
  }
  return { values, places };
}

/** The later ones win. */
export function joined(...all: readonly Written[]): Written {
  return {
    values: Object.assign({}, ...all.map(({ values }) => values)),
    places: Object.assign({}, ...all.map(({ places }) => places)),
  };
}

/** What is no YAML of its own is a text: what it should have been is said where it is read. */
function structure(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return readDocument(value, '').value;
  } catch (error) {
    if (!(error instanceof Mistakes)) throw error;
    return value;
  }
}
