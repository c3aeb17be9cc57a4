/** JSON paths of RFC 9535. */
import { query } from 'jsonpath-rfc9535';
import type { Json } from './json.ts';

/** Every value that the path finds, in the order of the document. Throws on a path that `jsonPathMistake` refuses. */
export function valuesAt(document: Json, path: string): readonly Json[] {
  return query(document as Parameters<typeof query>[0], path) as readonly Json[];
}

/** What is wrong with the path, one sentence; `undefined` where nothing is. */
export function jsonPathMistake(path: string): string | undefined {
  try {
    query(null, path);
    return undefined;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).split('\n')[0];
  }
}
