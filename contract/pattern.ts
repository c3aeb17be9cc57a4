/** Regular expressions as RE2 has them: what a stranger sends costs time in proportion to its length, whatever the pattern. */
import { RE2JS } from 're2js';

export type Pattern = {
  /** Whether it is found somewhere in the text. */
  finds(text: string): boolean;
  /** What it finds first in these bytes of UTF-8; `null` when it finds nothing. */
  match(bytes: Buffer): Groups | null;
};

export type Groups = {
  /** The whole match, then its groups; `null` for one that took no part. */
  readonly values: readonly (Buffer | null)[];
  /** Which group has which name. */
  readonly names: Readonly<Record<string, number>>;
};

const maxKept = 1_000;
const kept = new Map<string, Pattern | { readonly mistake: string }>();

/** Compiled once. The mistake is one sentence. */
export function patternOf(source: string): Pattern | { readonly mistake: string } {
  let found = kept.get(source);
  if (found === undefined) {
    found = compiled(source);
    if (kept.size >= maxKept) kept.clear();
    kept.set(source, found);
  }
  return found;
}

function compiled(source: string): Pattern | { readonly mistake: string } {
  try {
    const pattern = RE2JS.compile(source);
    return { finds: (text) => pattern.matcher(text).find(), match: (bytes) => groupsOf(pattern, bytes) };
  } catch (error) {
    return { mistake: error instanceof Error ? error.message : String(error) };
  }
}

function groupsOf(pattern: RE2JS, bytes: Buffer): Groups | null {
  const matcher = pattern.matcher(bytes);
  if (!matcher.find()) return null;
  const values = Array.from({ length: matcher.groupCount() + 1 }, (_, group) => {
    const from = matcher.start(group);
    return from < 0 ? null : bytes.subarray(from, matcher.end(group));
  });
  return { values, names: pattern.namedGroups() };
}
