import type { At } from '../parse/reader.ts';

/** A place that stands for all that is in it: there it has no parts. */
export function fixed(at: At): At {
  return { path: at.path, note: (got, want) => at.note(got, want), in: () => fixed(at) };
}

/** A place whose parts are somewhere else, each by its key; parts without a place of their own are at `home`. */
export function routed(home: At, places: Readonly<Record<string, At>>): At {
  return {
    path: home.path,
    note: (got, want) => home.note(got, want),
    in: (key) => (Object.hasOwn(places, key) ? places[key] : undefined) ?? fixed(home),
  };
}
