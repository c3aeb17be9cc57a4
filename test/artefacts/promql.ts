/** Enough of PromQL's lexis to say which series a query asks for and which labels it names. */

export type Selector = { readonly metric: string; readonly labels: readonly string[] };
export type Asking = {
  readonly selectors: readonly Selector[];
  /** In `by (…)` and their like. */
  readonly groupings: readonly string[];
};

const pattern = /"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[a-zA-Z_:][\w:]*|\d[\w.]*|[<>=!~]+|\S/g;
const groupingWords = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);
const words = new Set([...groupingWords, 'or', 'and', 'unless', 'bool', 'offset']);

/** Throws where it meets what generated queries have no need of. */
export function askingOf(expr: string): Asking {
  const tokens: readonly string[] = expr.match(pattern) ?? [];
  const selectors: Selector[] = [];
  const groupings: string[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] ?? '';
    const next = tokens[at + 1];
    if (!/^[a-zA-Z_:]/.test(token)) continue;
    if (groupingWords.has(token)) {
      const end = tokens.indexOf(')', at);
      groupings.push(...tokens.slice(at + 2, end).filter((one) => one !== ','));
      at = end;
    } else if (next === '{') {
      const end = tokens.indexOf('}', at);
      selectors.push({ metric: token, labels: labelsIn(tokens.slice(at + 2, end)) });
      at = end;
    } else if (next !== '(' && !words.has(token) && !isFollowedByGrouping(tokens, at)) {
      selectors.push({ metric: token, labels: [] });
    }
  }
  return { selectors, groupings };
}

/** `sum by (region) (…)`. */
function isFollowedByGrouping(tokens: readonly string[], at: number): boolean {
  return ['by', 'without'].includes(tokens[at + 1] ?? '');
}

/** `name`, operator, text, and a comma. */
function labelsIn(tokens: readonly string[]): readonly string[] {
  return tokens.filter((token, index) => /^[a-zA-Z_]/.test(token) && /^[=!]/.test(tokens[index + 1] ?? ''));
}
