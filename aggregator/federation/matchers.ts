/** Instant vector selectors, as Prometheus 3 reads them: `name{label="value", other=~"expression"}`. */
import { lexer, type Token } from './lexer.ts';
import { wholeMatch } from './re2.ts';
import { SelectorError } from './selector-error.ts';

export type Matcher = {
  readonly label: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
  matches(value: string): boolean;
};
export type Selector = readonly Matcher[];

/** Keywords that cannot be the name of a metric outside braces. */
const reserved: ReadonlySet<string> = new Set(['on', 'ignoring', 'group_left', 'group_right', 'bool']);

/** Throws `SelectorError`. */
export function parseSelector(text: string): Selector {
  const next = lexer(text);
  const matchers: Matcher[] = [];
  let token = next();
  if (token.kind === 'identifier' && !reserved.has(token.text.toLowerCase())) {
    matchers.push(matcherOf('__name__', '=', token.text));
    token = next();
  } else if (token.kind !== '{') throw unexpected(text, token);
  if (token.kind === '{') {
    readMatchers(text, next, matchers);
    token = next();
  }
  if (token.kind !== 'end') throw unexpected(text, token);
  return matchers;
}

function readMatchers(text: string, next: () => Token, matchers: Matcher[]): void {
  const place = 'label matching';
  let token = next();
  while (token.kind !== '}') {
    const label = token;
    if (label.kind !== 'identifier' && label.kind !== 'string') {
      throw unexpected(text, label, place, 'identifier or "}"');
    }
    token = next();
    if (token.kind === 'operator') {
      const operator = token.text as Matcher['operator'];
      const value = next();
      if (value.kind !== 'string') throw unexpected(text, value, place, 'string');
      matchers.push(matcherOf(label.value, operator, value.value, { text, at: label.at }));
      token = next();
    } else if (label.kind === 'string') {
      // A quoted text alone is the name of the metric.
      matchers.push(matcherOf('__name__', '=', label.value));
    } else throw unexpected(text, token, place, 'label matching operator');
    if (token.kind === ',') token = next();
    else if (token.kind !== '}') throw unexpected(text, token, place, '"," or "}"');
  }
}

function unexpected(text: string, token: Token, place?: string, expected?: string): SelectorError {
  const where = place === undefined ? '' : ` in ${place}`;
  const want = expected === undefined ? '' : `, expected ${expected}`;
  return new SelectorError(text, token.at, `unexpected ${token.described}${where}${want}`);
}

function matcherOf(
  label: string,
  operator: Matcher['operator'],
  value: string,
  place: { readonly text: string; readonly at: number } = { text: '', at: 0 },
): Matcher {
  if (operator === '=') return { label, operator, value, matches: (other) => other === value };
  if (operator === '!=') return { label, operator, value, matches: (other) => other !== value };
  const holds = wholeMatch(value);
  if (typeof holds === 'string') throw new SelectorError(place.text, place.at, holds);
  const wanted = operator === '=~';
  const known = new Map<string, boolean>();
  return {
    label,
    operator,
    value,
    matches(other) {
      let matched = known.get(other);
      if (matched === undefined) {
        matched = holds(other) === wanted;
        known.set(other, matched);
      }
      return matched;
    },
  };
}
