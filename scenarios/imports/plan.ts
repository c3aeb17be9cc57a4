/** The key `imports` of a scenario. */
import { isObject } from '../../contract/json.ts';
import { type At, dictionary, list, object, oneOrMore, optional, type Read, required, shown } from '../parse/reader.ts';
import { durationMs, text } from '../parse/values.ts';

export type ImportPlan = {
  readonly files: readonly { readonly path: string; readonly at: At }[];
  readonly window: string | null;
  readonly check: string | null;
  readonly as: Readonly<Record<string, { readonly [key: string]: unknown }>>;
  readonly skip: readonly string[];
  readonly at: At;
};

const file = text('the path of an OpenSLO or Sloth file, beside the scenario');
const keys: Read<{ readonly [key: string]: unknown }> = (value, at) =>
  isObject(value) ? value : at.note(shown(value), 'keys of an objective, such as { check: entry }');
const windowText: Read<string> = (value, at) => (durationMs()(value, at) === undefined ? undefined : String(value));

const shape = object({
  from: required(oneOrMore(file)),
  window: optional(windowText, null),
  check: optional(text('the name of a check'), null),
  as: optional(dictionary(keys), {}),
  skip: optional(list(text('the name of an SLO')), []),
});

export const importPlan: Read<ImportPlan> = (value, at) => {
  if (!isObject(value)) {
    const only = file(value, at);
    return only === undefined
      ? undefined
      : { files: [{ path: only, at }], window: null, check: null, as: {}, skip: [], at };
  }
  const found = shape(value, at);
  if (found === undefined) return undefined;
  const { from: paths, ...rest } = found;
  const [from, isList] = [at.in('from'), Array.isArray(value['from'])];
  const files = paths.map((path, index) => ({ path, at: isList ? from.in(index) : from }));
  return { files, ...rest, at };
};
