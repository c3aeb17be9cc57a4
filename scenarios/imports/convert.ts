/** Files of OpenSLO and Sloth as the objectives that a scenario would write itself. */
import { type Mistake, Mistakes } from '../../contract/mistake.ts';
import { type Names, namesIn } from '../parse/names.ts';
import { objectives } from '../parse/objectives.ts';
import { placeIn } from '../parse/reader.ts';
import { noteRepeated } from '../parse/scenario.ts';
import type { Scenario } from '../scenario.ts';
import { imported, type ReadBeside } from './collect.ts';
import type { Sourced } from './compose.ts';
import { behind } from './whole.ts';

export type Conversion = {
  readonly objectives: readonly { readonly [key: string]: unknown }[];
  readonly notes: readonly string[];
};

export type ConvertOptions = {
  readonly files: readonly string[];
  readonly window: string | null;
  readonly check: string | null;
  /** Whose checks and regions the objectives have to name; `null`: any. */
  readonly scenario: Scenario | null;
};

/** Throws `Mistakes` with all of them at once. */
export function converted({ files, window, check, scenario }: ConvertOptions, read: ReadBeside): Conversion {
  const mistakes: Mistake[] = [];
  const at = placeIn(mistakes, placeOf);
  const plan = { from: files, ...(window === null ? {} : { window }), ...(check === null ? {} : { check }) };
  const found = imported([plan], at, mistakes, read);
  const names = scenario === null ? namesOf(found.objectives) : namesIn({ ...scenario });
  const sources = found.objectives.map(({ source }) => source);
  const places = behind(at, 0, found.objectives);
  objectives(names)(sources, places);
  noteRepeated(sources, 'id', places, 'an id that no other has: id under as, in an import of its own');
  if (mistakes.length > 0) throw new Mistakes(mistakes);
  return {
    objectives: found.objectives.map(({ source }) => inOrder(source)),
    notes: found.notes.map(({ place, text }) => `${place}: ${text}`),
  };
}

/** Of the command line, whose options these were. */
function placeOf(path: string): string {
  if (path.endsWith('window')) return '--window';
  return path.endsWith('check') ? '--check' : 'FILE';
}

function namesOf(all: readonly Sourced[]): Names {
  const regions = all.map(({ source }) => source['region']).filter((region) => typeof region === 'string');
  return namesIn({
    checks: all.map(({ source }) => ({ name: source['check'] })),
    regions: Object.fromEntries(regions.map((region) => [region, {}])),
  });
}

const order = ['id', 'check', 'region', 'from', 'indicator', 'target', 'window', 'calendar', 'budget'];

function inOrder(source: Sourced['source']): Sourced['source'] {
  const rank = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length);
  return Object.fromEntries(Object.entries(source).sort(([a], [b]) => rank(a) - rank(b)));
}
