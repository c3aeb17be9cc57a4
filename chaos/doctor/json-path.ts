import type { Json } from '../../contract/json.ts';

/** The values that a path of `$`, `.name` and `[*]` leads to; none where it leads nowhere. */
export function valuesAt(document: Json, path: string): readonly Json[] {
  let values: readonly Json[] = [document];
  for (const [step, name] of path.matchAll(/\.([\w-]+)|\[\*\]/g)) {
    values = values.flatMap((value) => (step === '[*]' ? itemsOf(value) : memberOf(value, name ?? '')));
  }
  return values;
}

function itemsOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function memberOf(value: Json, name: string): readonly Json[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) return [];
  const member = (value as { readonly [key: string]: Json })[name];
  // A list member is one value here: it is `[*]` that opens it.
  return member === undefined ? [] : [member];
}
