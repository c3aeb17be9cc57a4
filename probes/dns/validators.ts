/** blackbox_exporter's four validators over the records of a section, as lines; `contract/check.ts` has words of its own for them. */
import { patternOf } from '../../contract/pattern.ts';

export type RecordRules = {
  readonly failIfMatchesRegexp: readonly string[];
  /** Its name says the opposite of what it does: it fails when not all records match all of these. */
  readonly failIfAllMatchRegexp: readonly string[];
  readonly failIfNotMatchesRegexp: readonly string[];
  readonly failIfNoneMatchesRegexp: readonly string[];
};
export type RuleName = keyof RecordRules;

export type Broken =
  /** There is no record, and a rule wants a match. */
  | { readonly rule: RuleName; readonly what: 'empty' }
  /** That is no regular expression of RE2; only found out when there is a record to look at. */
  | { readonly rule: RuleName; readonly what: 'pattern'; readonly pattern: string; readonly mistake: string }
  /** One record did, or did not, match. */
  | { readonly rule: RuleName; readonly what: 'record'; readonly pattern: string; readonly line: string }
  /** Of all records together. */
  | { readonly rule: RuleName; readonly what: 'all' };

/** The first rule that does not hold, in blackbox_exporter's order; `undefined` when all do. */
export function brokenRule(lines: readonly string[], rules: RecordRules): Broken | undefined {
  if (lines.length === 0) {
    const wanting = (['failIfNotMatchesRegexp', 'failIfNoneMatchesRegexp'] as const).find(
      (rule) => rules[rule].length > 0,
    );
    return wanting === undefined ? undefined : { rule: wanting, what: 'empty' };
  }
  let all = true;
  let any = false;
  for (const line of lines) {
    for (const rule of order) {
      for (const pattern of rules[rule]) {
        const compiled = patternOf(pattern);
        if ('mistake' in compiled) return { rule, what: 'pattern', pattern, mistake: compiled.mistake };
        const found = compiled.finds(line);
        if (rule === 'failIfAllMatchRegexp') all &&= found;
        else if (rule === 'failIfNoneMatchesRegexp') any ||= found;
        else if (found === (rule === 'failIfMatchesRegexp')) return { rule, what: 'record', pattern, line };
      }
    }
  }
  if (!all) return { rule: 'failIfAllMatchRegexp', what: 'all' };
  if (!any && rules.failIfNoneMatchesRegexp.length > 0) return { rule: 'failIfNoneMatchesRegexp', what: 'all' };
  return undefined;
}

const order = [
  'failIfMatchesRegexp',
  'failIfAllMatchRegexp',
  'failIfNotMatchesRegexp',
  'failIfNoneMatchesRegexp',
] as const satisfies readonly RuleName[];
