/** What an Alertmanager inhibits, by its documentation: for who has none at hand. test/real/rules holds it against a real one. */

type Labels = Readonly<Record<string, string>>;
type Inhibition = {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
  readonly equal: readonly string[];
};

function matches(matchers: readonly string[], labels: Labels): boolean {
  return matchers.every((matcher) => {
    const [, name = '', operator = '', value = ''] = /^\s*(\w+)\s*(=~|!~|!=|=)\s*"?(.*?)"?\s*$/.exec(matcher) ?? [];
    const has = labels[name] ?? '';
    const holds = operator.includes('~') ? new RegExp(`^(?:${value})$`).test(has) : has === value;
    return operator.startsWith('!') ? !holds : holds;
  });
}

/** Alerts that somebody is paged for: those that no other one inhibits. A label that both lack is equal. */
export function notInhibited<A extends Labels>(alerts: readonly A[], rules: readonly Inhibition[]): readonly A[] {
  return alerts.filter(
    (target) =>
      !rules.some(
        ({ source_matchers: from, target_matchers: to, equal }) =>
          matches(to, target) &&
          alerts.some(
            (source) =>
              source !== target &&
              matches(from, source) &&
              // One that both sides match is not inhibited by another such one.
              !(matches(from, target) && matches(to, source)) &&
              equal.every((name) => (source[name] ?? '') === (target[name] ?? '')),
          ),
      ),
  );
}
