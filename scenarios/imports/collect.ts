/** The SLOs of all imported files, as objectives that a scenario could have written itself. */
import { codeOf, messageOf } from '../../contract/failure.ts';
import { isObject } from '../../contract/json.ts';
import { type Mistake, Mistakes } from '../../contract/mistake.ts';
import {
  type Declared,
  declaredBy,
  isOpenSlo,
  noteLoose,
  type OpenDocument,
  openDocument,
} from '../openslo/documents.ts';
import { oddCondition, translateOpenSlo } from '../openslo/translate.ts';
import type { Read as ReadDocument } from '../parse/document.ts';
import { type At, choice, placeIn, shown } from '../parse/reader.ts';
import { isSloth, slothSpec } from '../sloth/spec.ts';
import { translateSloth } from '../sloth/translate.ts';
import { composed, type Sourced } from './compose.ts';
import { readDocuments } from './documents.ts';
import { type ImportPlan, importPlan } from './plan.ts';
import type { Note, Translated, Written } from './translated.ts';

/** Reads a file that a scenario names: its text, and how to name it to the user. Throws as the file system does. */
export type ReadBeside = (path: string) => { readonly file: string; readonly text: string };

export type Imported = { readonly objectives: readonly Sourced[]; readonly notes: readonly Note[] };

type Desk = { readonly mistakes: Mistake[]; readonly notes: Note[]; readonly read: ReadBeside };
/** Translated, with the window of its language where the file says none. */
type Found = Translated & { readonly place: string; readonly usualWindow: string | null };

/** Every mistake of every file is noted in `mistakes`, with its own file and line. */
export function imported(value: unknown, at: At, mistakes: Mistake[], read: ReadBeside): Imported {
  const desk: Desk = { mistakes, notes: [], read };
  if (!Array.isArray(value)) at.note(shown(value), 'a list');
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  const objectives = items.flatMap((item, index) => {
    const plan = importPlan(item, at.in(index));
    return plan === undefined ? [] : imports(plan, desk);
  });
  return { objectives, notes: desk.notes };
}

function imports(plan: ImportPlan, desk: Desk): readonly Sourced[] {
  const documents = plan.files.flatMap(({ path, at }) => opened(path, at, desk));
  const found = [...openSlos(documents, plan, desk), ...sloths(documents, plan, desk)];
  for (const { value, placeOf } of documents) {
    if (!isOpenSlo(value) && !isSloth(value)) {
      placeIn(desk.mistakes, placeOf).note(shown(value), 'apiVersion: openslo/v1, or version: prometheus/v1 (Sloth)');
    }
  }
  noteUnknown(plan, namesIn(documents));
  return found.flatMap((one) => {
    const over = overOf(plan, one.name);
    const { check, at } = plan;
    const made = composed(one, { over, window: plan.window ?? one.usualWindow, check, at });
    if (made !== undefined) sayInstead(one, made, desk);
    return made === undefined ? [] : [made];
  });
}

function opened(path: string, at: At, { read, mistakes }: Desk): readonly ReadDocument[] {
  try {
    const { file, text } = read(path);
    const found = readDocuments(text, file);
    if (found.length === 0) at.note(`${shown(path)}, which is empty`, 'a file of OpenSLO or Sloth');
    return found;
  } catch (error) {
    if (error instanceof Mistakes) mistakes.push(...error.mistakes);
    else
      at.note(
        shown(path),
        `a file that can be read (${codeOf(error) === 'ENOENT' ? 'no such file' : messageOf(error)})`,
      );
    return [];
  }
}

/** What is skipped is not read at all: it may be what no objective can be. */
function openSlos(documents: readonly ReadDocument[], { skip }: ImportPlan, desk: Desk): readonly Found[] {
  const own = documents.filter(({ value }) => isOpenSlo(value));
  const all: { readonly document: OpenDocument; readonly placeOf: ReadDocument['placeOf'] }[] = [];
  const declared: Declared[] = [];
  for (const { value, placeOf } of own) {
    const at = placeIn(desk.mistakes, placeOf);
    const named = declaredBy(value, at);
    declared.push(named);
    if (named.kind === 'SLO' && typeof named.name === 'string' && skip.includes(named.name)) continue;
    const document = openDocument(value, at);
    if (document !== undefined) all.push({ document, placeOf });
  }
  const read = all.map(({ document }) => document);
  noteLoose(read, declared);
  return all.flatMap(({ document, placeOf }) => {
    const say = sayer(desk, placeOf);
    if ('alerts' in document) for (const place of document.alerts.odd) say(place, oddCondition);
    if (document.kind !== 'SLO') return [];
    return translateOpenSlo(document, read, say).map((one) => ({
      ...one,
      place: placeOf(one.home.path),
      usualWindow: null,
    }));
  });
}

function sloths(documents: readonly ReadDocument[], { skip }: ImportPlan, desk: Desk): readonly Found[] {
  return documents
    .filter(({ value }) => isSloth(value))
    .flatMap(({ value, placeOf }) => {
      const at = placeIn(desk.mistakes, placeOf);
      const spec = slothSpec(value, at);
      if (spec === undefined) return [];
      return translateSloth(spec, at, skip, sayer(desk, placeOf)).map((one) => ({
        ...one,
        place: placeOf(one.home.path),
        usualWindow: '30d',
      }));
    });
}

function sayer({ notes }: Desk, placeOf: (path: string) => string): (at: At, text: string) => void {
  return ({ path }, text) => notes.push({ place: placeOf(path), text });
}

/** What a scenario says instead of a file goes for every objective of that name. */
function overOf({ as, at }: ImportPlan, name: string): Written {
  const values = Object.hasOwn(as, name) ? (as[name] ?? {}) : {};
  const place = at.in('as').in(name);
  return { values, places: Object.fromEntries(Object.keys(values).map((key) => [key, place.in(key)])) };
}

/** Names of all SLOs, sound or not. */
function namesIn(documents: readonly ReadDocument[]): readonly string[] {
  const values = documents.flatMap(({ value }): readonly unknown[] => {
    if (!isObject(value)) return [];
    if (isOpenSlo(value))
      return value['kind'] === 'SLO' && isObject(value['metadata']) ? [value['metadata']['name']] : [];
    return Array.isArray(value['slos']) ? value['slos'].filter(isObject).map(({ name }) => name) : [];
  });
  return [...new Set(values.filter((name) => typeof name === 'string'))];
}

function noteUnknown({ as, skip, at }: ImportPlan, names: readonly string[]): void {
  if (names.length === 0) return; // nothing was read, which has been noted
  for (const name of Object.keys(as)) {
    if (!names.includes(name)) at.in('as').in(name).note(shown(name), choice(names, name));
  }
  for (const [index, name] of skip.entries()) {
    if (!names.includes(name)) at.in('skip').in(index).note(shown(name), choice(names, name));
  }
}

/** Where results of a check stand for queries that are not theirs, that has to be known. */
function sayInstead({ queries, place }: Found, { source }: Sourced, { notes }: Desk): void {
  const { check } = source;
  if (typeof check !== 'string') return; // a mistake, and noted as one
  if ('why' in queries) {
    notes.push({ place, text: `its queries are not asked: results of the check ${check} stand for them` });
  } else if (queries.check !== check) {
    notes.push({ place, text: `its queries are over the check ${queries.check}: results of ${check} stand for them` });
  }
}
