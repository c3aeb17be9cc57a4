import { isObject } from '../../contract/json.ts';
import { type Mistake, Mistakes } from '../../contract/mistake.ts';
import type { ReadBeside } from '../imports/collect.ts';
import { imports, nothingBeside, withImports } from '../imports/whole.ts';
import { builtInPlaces } from '../places.ts';
import type { Scenario } from '../scenario.ts';
import { alertmanagers } from './alertmanagers.ts';
import { allowance, anywhen, overrides } from './allowance.ts';
import { checkPlans } from './checks.ts';
import { drillPlans } from './drills.ts';
import { exchange } from './exchange.ts';
import { switchboards } from './faults.ts';
import { type Names, namesIn } from './names.ts';
import { objectives } from './objectives.ts';
import { type At, dictionary, list, object, optional, placeIn, required, shown } from './reader.ts';
import { regionPlans } from './regions.ts';
import { identity, inventories, nobody, places, residencyLogs, residencyRules, zone } from './service.ts';
import { metricPrefix, name, text, url } from './values.ts';
import { withWeights } from './weighting.ts';

/**
 * A scenario as written (YAML's or JSON's values, or a TypeScript object), complete and with its units converted.
 * Throws `Mistakes` with all of them at once; `placeOf` says where a key path is in the user's file,
 * `read` gives the files that it imports.
 */
export function parseScenario(
  value: unknown,
  placeOf: (path: string) => string = pathAlone,
  read: ReadBeside = nothingBeside,
): Scenario {
  const mistakes: Mistake[] = [];
  const at = placeIn(mistakes, placeOf);
  const whole = isObject(value) ? withImports(value, at, mistakes, read) : null;
  const scenario =
    whole === null ? at.note(shown(value), 'a mapping with service, entry and regions') : parse(whole.source, whole.at);
  if (mistakes.length > 0 || scenario === undefined) throw new Mistakes(mistakes);
  const notes = (whole?.notes ?? []).map(({ place, text }) => `${place}: ${text}`);
  return notes.length === 0 ? scenario : { ...scenario, notes };
}

function pathAlone(path: string): string {
  return path === '' ? 'scenario' : path;
}

function parse(source: { readonly [key: string]: unknown }, at: At): Scenario | undefined {
  const names = namesIn(source);
  const { lab: _, ...own } = source; // the lab's own section is for the lab alone
  const found = shape(names)(own, at);
  if (names.regions.length + names.entries.length === 0) {
    at.in('entry').note('no entry name and no region', 'at least one of either: there is nothing to watch');
  }
  noteRepeated(source['checks'], 'name', at.in('checks'));
  noteRepeated(source['objectives'], 'id', at.in('objectives'));
  noteRepeated(source['drills'], 'name', at.in('drills'));
  if (found === undefined) return undefined;
  const { identity: written, metrics, places: placed, ...rest } = found;
  const { userCountry, ...who } = written;
  return {
    ...rest,
    objectives: withWeights(rest, at.in('objectives')),
    vantages: names.vantages,
    identity: who,
    userCountryHeader: userCountry,
    places: { ...builtInPlaces, ...placed },
    metricsPrefix: metrics.prefix,
  };
}

function shape(names: Names) {
  return object({
    service: required(name),
    entry: optional(dictionary(url, name), {}),
    zone: optional(zone, null),
    regions: optional(regionPlans(names), {}),
    vantages: optional(list(name), []),
    identity: optional(identity, nobody),
    residency: optional(residencyRules(names), []),
    inventory: optional(inventories(names), {}),
    residencyLog: optional(residencyLogs(names), {}),
    places: optional(places, {}),
    references: optional(list(url), []),
    checks: optional(checkPlans(names), []),
    objectives: optional(objectives(names), []),
    drills: optional(drillPlans(names), []),
    allow: optional(allowance(names), anywhen),
    switchboards: optional(switchboards(names), {}),
    restorer: optional(object({ image: required(image) }), null),
    metrics: optional(object({ prefix: required(metricPrefix) }), { prefix: 'blackstart' }),
    overrides: optional(overrides, {}),
    ...exchange,
    ...alertmanagers,
    ...imports,
  });
}

const image = text('an image, such as registry.example/blackstart:0.1.0');

export function noteRepeated(items: unknown, key: string, at: At, want = `a ${key} that no other has`): void {
  if (!Array.isArray(items)) return;
  const keys: unknown[] = items.map((item: unknown) => (isObject(item) ? item[key] : undefined));
  for (const [index, found] of keys.entries()) {
    if (typeof found !== 'string' || keys.indexOf(found) === index) continue;
    at.in(index)
      .in(key)
      .note(`${shown(found)} a second time`, want);
  }
}
