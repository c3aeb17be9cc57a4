/** Queries over results, as sums of what is counted: how many were good, bad, or good within a limit. */
import { catalogue } from '../../contract/catalogue.ts';
import { type Expression, type Matcher, parsePromql } from './parse.ts';
import { NotUnderstood } from './words.ts';

/** What is counted, to how often: `good`, `bad`, `missing`, `timed` (results with a duration), `within 250`. */
export type Counts = {
  /** Of residency results, or of all. */
  readonly family: 'results' | 'residency';
  readonly check: string;
  readonly region: string | null;
  readonly terms: ReadonlyMap<string, number>;
};

type Share = { readonly over: Expression; readonly under: Expression };

const families: ReadonlyMap<string, Counts['family']> = new Map([
  [catalogue.probeResults.name, 'results'],
  [catalogue.residencyResults.name, 'residency'],
]);
const timed = catalogue.probeDuration.name;
/** What Prometheus itself puts on a series, and what says nothing that check and region do not. */
const told: ReadonlySet<string> = new Set(['job', 'instance', 'target']);
const outcomes = ['good', 'bad', 'missing'];

/** Throws `NotUnderstood` with the reason. */
export function countsIn(query: string): Counts {
  return countsOf(parsePromql(query));
}

/** A share as one query; `complemented`: it is one minus the share. Throws `NotUnderstood` with the reason. */
export function shareIn(query: string): {
  readonly complemented: boolean;
  readonly over: Counts;
  readonly under: Counts;
} {
  const expression = parsePromql(query);
  const rest = complement(expression);
  const found = share(rest ?? expression);
  if (found === undefined) throw new NotUnderstood('it is no share of one count in another');
  return { complemented: rest !== undefined, over: countsOf(found.over), under: countsOf(found.under) };
}

function share(expression: Expression): Share | undefined {
  return expression.kind === 'binary' && expression.op === '/'
    ? { over: expression.left, under: expression.right }
    : undefined;
}

function complement(expression: Expression): Expression | undefined {
  const { kind } = expression;
  if (kind !== 'binary' || expression.op !== '-' || expression.left.kind !== 'number') return undefined;
  return expression.left.value === 1 ? expression.right : undefined;
}

function countsOf(expression: Expression): Counts {
  switch (expression.kind) {
    case 'number':
      throw new NotUnderstood(`${expression.value} is no count`);
    case 'selector':
      return selected(expression.metric, expression.matchers);
    case 'call':
      return called(expression);
    case 'binary':
      return combined(expression);
  }
}

function called({ name, of, grouping }: Extract<Expression, { kind: 'call' }>): Counts {
  const [inner] = of;
  if (!['sum', 'rate', 'increase'].includes(name) || of.length !== 1 || inner === undefined) {
    throw new NotUnderstood(`${name}() is not read: only sum, rate and increase are`);
  }
  if (grouping !== null) throw new NotUnderstood(`sum ${grouping} makes several series of it`);
  const ranged = inner.kind === 'selector' && inner.range !== null;
  if (name !== 'sum' && !ranged) throw new NotUnderstood(`${name}() wants a selector with a range in brackets`);
  if (ranged && !isRange(inner.range ?? '')) throw new NotUnderstood(`[${inner.range}] is no range`);
  return countsOf(inner);
}

/** A duration, or what a program puts one in for: Sloth's `{{.window}}`, Grafana's `$__rate_interval`. */
function isRange(range: string): boolean {
  return /^(?:(?:\d+(?:ms|[smhdwy]))+|\{\{\s*\.\w+\s*\}\}|\$\w+|\$\{\w+\})$/.test(range);
}

function combined({ op, left, right }: Extract<Expression, { kind: 'binary' }>): Counts {
  // `or vector(0)`: a count that never was is 0.
  if (op === 'or' && right.kind === 'call' && right.name === 'vector') return countsOf(left);
  if (op !== '+' && op !== '-') throw new NotUnderstood(`${op} is not read between counts`);
  const [a, b] = [countsOf(left), countsOf(right)];
  if (a.check !== b.check || a.region !== b.region || a.family !== b.family) {
    throw new NotUnderstood('it adds up different checks, regions or metrics');
  }
  const terms = new Map(a.terms);
  for (const [term, times] of b.terms) terms.set(term, (terms.get(term) ?? 0) + (op === '+' ? times : -times));
  return { ...a, terms: new Map([...terms].filter(([, times]) => times !== 0)) };
}

function selected(metric: string, matchers: readonly Matcher[]): Counts {
  const family = families.get(metric);
  const known = family !== undefined || metric === `${timed}_bucket` || metric === `${timed}_count`;
  if (!known)
    throw new NotUnderstood(`${metric === '' ? 'a metric without a name' : metric} is not a metric of results`);
  const own = metric === `${timed}_bucket` ? 'le' : family === undefined ? '' : 'outcome';
  const check = equal(matchers, 'check');
  if (check === null) throw new NotUnderstood(`${metric} has no check="…"`);
  const odd = matchers.find(({ label }) => !['check', 'region', own].includes(label) && !told.has(label));
  if (odd !== undefined) throw new NotUnderstood(`an objective cannot be of results by their label ${odd.label}`);
  const about = { family: family ?? 'results', check, region: equal(matchers, 'region') } as const;
  const terms = family === undefined ? [within(metric, matchers)] : outcomesIn(matchers);
  return { ...about, terms: new Map(terms.map((term) => [term, 1])) };
}

function equal(matchers: readonly Matcher[], label: string): string | null {
  const [found, second] = matchers.filter((matcher) => matcher.label === label);
  if (found === undefined) return null;
  if (
    found.op === '!=' ||
    found.op === '!~' ||
    second !== undefined ||
    (found.op === '=~' && /[^\w-]/.test(found.value))
  ) {
    throw new NotUnderstood(`an objective is of one ${label}, or of all`);
  }
  return found.value;
}

function within(metric: string, matchers: readonly Matcher[]): string {
  if (metric === `${timed}_count`) return 'timed';
  const le = equal(matchers.map(plainBound), 'le');
  if (le === '+Inf') return 'timed';
  if (le === null || !(Number(le) > 0)) throw new NotUnderstood(`${metric} has no le="…" with seconds`);
  // 1.005 s are 1004.9999999999999 ms in binary.
  return `within ${Number((Number(le) * 1_000).toPrecision(12))}`;
}

/** Prometheus 3 writes the bound 1 as 1.0: an expression for both is one bound. */
function plainBound(matcher: Matcher): Matcher {
  const whole = matcher.op === '=~' ? /^(\d+)(?:\(\\\.0\)\?|\|\1\\\.0)$/.exec(matcher.value)?.[1] : undefined;
  return whole === undefined ? matcher : { ...matcher, op: '=', value: whole };
}

/** Those that the matchers let through. Expressions are alternatives of plain words. */
function outcomesIn(matchers: readonly Matcher[]): readonly string[] {
  const own = matchers.filter(({ label }) => label === 'outcome');
  return outcomes.filter((outcome) =>
    own.every(({ op, value }) => {
      const words = op === '=' || op === '!=' ? [value] : value.replaceAll(/^\(|\)$/g, '').split('|');
      if (!words.every((word) => outcomes.includes(word)))
        throw new NotUnderstood(`outcome is one of ${outcomes.join(', ')}`);
      return words.includes(outcome) === (op === '=' || op === '=~');
    }),
  );
}
