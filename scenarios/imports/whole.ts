/** A scenario with the objectives of its imports among its own, each at its place in its own file. */
import type { Mistake } from '../../contract/mistake.ts';
import { type At, optional } from '../parse/reader.ts';
import { imported, type ReadBeside } from './collect.ts';
import type { Sourced } from './compose.ts';
import type { Note } from './translated.ts';

type Source = { readonly [key: string]: unknown };
export type Whole = { readonly source: Source; readonly at: At; readonly notes: readonly Note[] };

/** `imports` is read here and is no longer in the source; mistakes in any of its files are noted in `mistakes`. */
export function withImports(scenario: Source, at: At, mistakes: Mistake[], read: ReadBeside): Whole {
  const { imports, ...own } = scenario;
  if (imports === undefined || imports === null) return { source: own, at, notes: [] };
  const { objectives: more, notes } = imported(imports, at.in('imports'), mistakes, read);
  const { objectives: written = [] } = own;
  if (!Array.isArray(written)) return { source: own, at, notes };
  return {
    source: { ...own, objectives: [...written, ...more.map(({ source }) => source)] },
    at: { ...at, in: (key) => (key === 'objectives' ? behind(at.in(key), written.length, more) : at.in(key)) },
    notes,
  };
}

/** A list of which the last items are somewhere else. */
export function behind(list: At, count: number, more: readonly Sourced[]): At {
  return { ...list, in: (index) => more[Number(index) - count]?.at ?? list.in(index) };
}

/** Scenarios that are not read from a file have nothing beside them. */
export function nothingBeside(): never {
  throw new Error('this scenario was not read from a file');
}

/** The key, for those who mistype it. */
export const imports = { imports: optional((_, at: At) => at.note('imports', 'nothing'), undefined) };
