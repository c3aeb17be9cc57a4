/** Regular expressions as RE2 has them: what a stranger sends costs time in proportion to its length, whatever the pattern. */
import { RE2JS } from 're2js';

export type Pattern = {
  /** Whether it is found somewhere in the text. */
  finds(text: string): boolean;
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
    return { finds: (text) => pattern.matcher(text).find() };
  } catch (error) {
    return { mistake: error instanceof Error ? error.message : String(error) };
  }
}
