/** Expressions that are compiled when a file is loaded: RE2, and CEL over `body`. */
import { RE2JS } from 're2js';
import { compileCel } from './cel.ts';
import { checked } from './leaves.ts';
import type { Shape } from './reading.ts';

/** RE2's syntax, as a text. */
export const pattern: Shape<string> = checked((text) => {
  try {
    RE2JS.compile(text);
    return undefined;
  } catch (error) {
    return `an RE2 expression (${error instanceof Error ? error.message : String(error)})`;
  }
});

export const cel: Shape<string> = checked((text) => {
  const compiled = compileCel(text);
  return 'fault' in compiled ? `a CEL expression over body (${compiled.fault})` : undefined;
});
