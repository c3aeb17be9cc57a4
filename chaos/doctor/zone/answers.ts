/** Where users end up: without an answer, at no region, at the wrong one, or out of where they may be served. */
import type { Scenario } from '../../../scenarios/scenario.ts';
import type { Finding } from '../finding.ts';
import { type AddressType, type Entry, hostOf, promiseOf, type Surroundings } from './facts.ts';
import { type Outcome, outcomeOf, partIn, shareOf } from './outcomes.ts';
import { everybodyElse, homeUsers, residents, type Users, usersAt } from './users.ts';
import { listed, whenDark, whom } from './words.ts';
import type { World } from './worlds.ts';

type Hit = { readonly users: Users; readonly part: number; readonly values: readonly string[] };

/** Of one entry name and type of address, in one world. */
export type Scene = {
  readonly around: Surroundings;
  readonly entry: Entry;
  readonly type: AddressType;
  readonly world: World;
  /** Of whom the scenario tells a share. */
  readonly home: readonly Outcome[];
};

export function sceneOf(around: Surroundings, entry: Entry, type: AddressType, world: World): Scene {
  const home = homeUsers(around.scenario).map((users) => outcomeOf({ entry, type, world, users }, around));
  return { around, entry, type, world, home };
}

export function missingNames({ scenario, entries, zone }: Surroundings): readonly Finding[] {
  return entries
    .filter(({ name }) => !zone.records.some((record) => record.name === name || isWildcardFor(record.name, name)))
    .map(
      ({ key, name }): Finding => ({
        rule: 'zone.name-missing',
        level: 'problem',
        about: name,
        dark: null,
        share: 1,
        says: `${name} is not in zone ${zone.name}: everybody who asks for the entry "${key}" (${hostOf(scenario.entry[key] ?? '')}) is told that there is no such name`,
        remedy: 'make records for it, or name in the scenario what users ask for',
      }),
    );
}

function isWildcardFor(owner: string, name: string): boolean {
  return owner.startsWith('*.') && name.endsWith(owner.slice(1));
}

/** With everything well: geo dead ends. */
export function unanswered(scene: Scene): readonly Finding[] {
  const { around, entry, type, world, home } = scene;
  const others = everybodyElse().map((users) => outcomeOf({ entry, type, world, users }, around));
  const cut = (outcomes: readonly Outcome[]): readonly Hit[] =>
    outcomes.filter((one) => one.unanswered > 0).map((one) => ({ users: one.users, part: one.unanswered, values: [] }));
  const [known, unknown] = [cut(home), cut(others)];
  // A type that nobody gets an answer of is not there: something else is to be said of it.
  if (known.length === home.length && unknown.length === others.length && type === 'AAAA') return [];
  const counts = known.some(({ users }) => users.share !== 0);
  return [counts ? known : unknown]
    .filter((hits) => hits.length > 0)
    .map((hits): Finding => {
      const share = counts ? shareOf(hits) : null;
      return {
        rule: 'zone.no-answer',
        level: counts ? 'problem' : 'advice',
        about: entry.name,
        dark: null,
        share,
        says: `${whom(
          share,
          hits.map(({ users }) => users),
        )} get no ${type} record for ${entry.name}: no record is for where they are, and there is no default`,
        remedy: `add a record for the default location (country "*") of ${entry.name}, type ${type}`,
      };
    });
}

/** Answers that lead to no region of the scenario. */
export function stray({ entry, type, world, home }: Scene): readonly Finding[] {
  if (world.dark !== null) return [];
  const hits = home.flatMap(({ users, led }) =>
    led.filter(({ region }) => region === null).map((one) => ({ ...one, users })),
  );
  if (hits.length === 0) return [];
  const share = shareOf(hits);
  const values = listed(hits.flatMap((hit) => hit.values));
  return [
    {
      rule: 'zone.stray-address',
      level: 'problem',
      about: entry.name,
      dark: null,
      share,
      says: `${whom(
        share,
        hits.map(({ users }) => users),
      )} get ${values} for ${entry.name} (${type}), which is no region's of the scenario`,
      remedy: "correct the record, or the region's endpoint in the scenario",
    },
  ];
}

/** Where the scenario says which region a place or a drill leads to. */
export function wrongRegion(scene: Scene): readonly Finding[] {
  return scene.world.dark === null ? againstChecks(scene) : againstDrill(scene, scene.world.dark);
}

function againstChecks({ around, entry, type, world }: Scene): readonly Finding[] {
  const { scenario } = around;
  const wanted = scenario.checks.flatMap((check) =>
    check.kind === 'dns' && `${check.hostname.replace(/\.$/, '')}.` === entry.name
      ? Object.entries(check.expectRegion)
      : [],
  );
  return wanted.flatMap(([place, region]): readonly Finding[] => {
    const users = usersAt(scenario, place);
    const outcome = outcomeOf({ entry, type, world, users }, around);
    const elsewhere = outcome.led.filter((one) => one.region !== region && one.region !== null);
    if (elsewhere.length === 0) return [];
    const to = listed(elsewhere.map((one) => one.region ?? 'nowhere'));
    return [
      {
        rule: 'zone.wrong-region',
        level: 'problem',
        about: entry.name,
        dark: null,
        share: null,
        says: `users in ${place} are led to ${to} by ${entry.name} (${type}), and a check of the scenario expects ${region}`,
        remedy: `lead ${place} to ${region}, or correct what the check expects`,
      },
    ];
  });
}

function againstDrill({ around, entry, type, world, home }: Scene, dark: string): readonly Finding[] {
  const promise = promiseOf(around.scenario, entry.key, dark);
  if (promise === undefined || promise.servedBy.length === 0) return [];
  const hits = home.flatMap(({ users, led }) =>
    led
      .filter(({ region }) => region !== null && region !== dark && !promise.servedBy.includes(region))
      .map((one) => ({ ...one, users })),
  );
  const moved = hits.filter(({ users }) => movedBy(users, { around, entry, type, dark }));
  if (moved.length === 0) return [];
  const share = shareOf(moved);
  return [
    {
      rule: 'zone.wrong-region',
      level: 'problem',
      about: entry.name,
      dark,
      share,
      says: `${whenDark(world.dark)}, ${whom(
        share,
        moved.map(({ users }) => users),
      )} are led to ${listed(moved.map(({ region }) => region ?? ''))} by ${entry.name} (${type}), and the drill expects ${listed(promise.servedBy)} to take over`,
      remedy: `lead them to ${listed(promise.servedBy)}, or add the region to "servedBy" of the drill`,
    },
  ];
}

type Moving = Pick<Scene, 'around' | 'entry' | 'type'> & { readonly dark: string };

/** Whether these users were at the region before it was dark. */
function movedBy(users: Users, { around, entry, type, dark }: Moving): boolean {
  const well = { dark: null, healthy: () => true };
  return partIn(outcomeOf({ entry, type, world: well, users }, around), dark) > 0;
}

/** Residents who are led out of where they may be served. Those without a share are a country each. */
export function led(scene: Scene): readonly Finding[] {
  const { around, entry, type, world, home } = scene;
  const { scenario } = around;
  const countries = residents(scenario).map((users) => outcomeOf({ entry, type, world, users }, around));
  const hits = [...home, ...countries].flatMap(({ users, led: places }) =>
    places
      .filter(({ region }) => region !== null && users.allowed !== null && !users.allowed.includes(region))
      .map((one) => ({ ...one, users })),
  );
  if (hits.length === 0) return [];
  const share = shareOf(hits);
  const allowed = listed(hits.flatMap(({ users }) => users.allowed ?? []));
  return [
    {
      rule: 'zone.residency',
      level: mustHold(scenario, entry.key) ? 'problem' : 'advice',
      about: entry.name,
      dark: world.dark,
      share,
      says: `${whenDark(world.dark)}, ${whom(
        share,
        hits.map(({ users }) => users),
      )} are led to ${listed(hits.map(({ region }) => region ?? ''))} by ${entry.name} (${type}), and may only be served in ${allowed || 'no region'}`,
      remedy:
        'lead them by location to records of that jurisdiction alone, by aliases that do not look at the health of their target: no answer there is better than a wrong one',
    },
  ];
}

/** Where no drill says of any entry that residency holds, it is to hold for each. */
function mustHold({ drills }: Scenario, entry: string): boolean {
  const held = drills.flatMap(({ expect }) => expect).filter(({ residency }) => residency === 'holds');
  return held.length === 0 || held.some((expectation) => expectation.entry === entry);
}
