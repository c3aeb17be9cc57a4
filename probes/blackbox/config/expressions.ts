/** Expressions that are compiled when a file is loaded: RE2, and CEL over `body`. */
import { Environment } from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';
import { checked } from './leaves.ts';
import type { Shape } from './reading.ts';

/** RE2's syntax, as a text. */
export const pattern: Shape<string> = checked((text) => {
  try {
    RE2JS.compile(text);
    return undefined;
  } catch (error) {
    return `an RE2 expression (${reason(error)})`;
  }
});

const environment = new Environment().registerVariable('body', 'dyn');

export const cel: Shape<string> = checked((text) => {
  const { valid, error } = environment.check(text);
  return valid ? undefined : `a CEL expression over body (${reason(error)})`;
});

function reason(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}
