/** Queries over results, as sums of what is counted: how many were good, bad, or good within a limit. */
import { catalogue } from '../../contract/catalogue.ts';
import { parseDurationMs } from '../../contract/units.ts';
import { durationText } from '../imports/text.ts';
import { type Expression, type Matcher, parsePromql } from './parse.ts';
import { NotUnderstood } from './words.ts';

/** What is counted, to how often: `good`, `bad`, `missing`, `timed` (results with a duration), `within 250`. */
export type Counts = {
  /** Of residency results, or of all. */
  readonly family: 'results' | 'residency';
  readonly check: string;
  readonly region: string | null;
  /** Over which time: `rate[5m]`, `increase[5m]`; `the counter` is everything since it began. */
  readonly over: string;
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
      if (expression.range !== null)
        throw new NotUnderstood(`[${expression.range}] stands outside rate() and increase()`);
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
  if (name === 'sum') return countsOf(inner);
  if (inner.kind !== 'selector' || inner.range === null) {
    throw new NotUnderstood(`${name}() wants a selector with a range in brackets`);
  }
  return { ...selected(inner.metric, inner.matchers), over: `${name}[${rangeOf(inner.range)}]` };
}

/**
 * A duration, or what a program puts one in for: Sloth's `{{.window}}`, Grafana's `$__rate_interval`. Ranges that are the
 * same are the same text.
 */
function rangeOf(range: string): string {
  if (/^(?:\d+(?:ms|[smhdwy]))+$/.test(range)) {
    const ms = parseDurationMs(range.replaceAll(/\d+y/g, (years) => `${Number.parseInt(years, 10) * 365}d`));
    return ms === undefined ? range : durationText(ms);
  }
  const variable = /^(?:\{\{\s*(\.\w+)\s*\}\}|\$(\w+)|\$\{(\w+)\})$/.exec(range);
  if (variable === null) throw new NotUnderstood(`[${range}] is no range`);
  return variable[1] ?? variable[2] ?? `${variable[3]}`;
}

/** A share of what happened in five minutes in what happened in ten is none. Throws `NotUnderstood`. */
export function noteUnlike(a: Counts, b: Counts): void {
  if (a.over !== b.over)
    throw new NotUnderstood(`it sets ${a.over} against ${b.over}: both are to be over the same time`);
}

function combined({ op, left, right }: Extract<Expression, { kind: 'binary' }>): Counts {
  // `or vector(0)`: a count that never was is 0.
  if (op === 'or' && right.kind === 'call' && right.name === 'vector') {
    const [value] = right.of;
    if (right.of.length !== 1 || value?.kind !== 'number' || value.value !== 0) {
      throw new NotUnderstood('or vector() with anything else than 0 makes up results');
    }
    return countsOf(left);
  }
  if (op !== '+' && op !== '-') throw new NotUnderstood(`${op} is not read between counts`);
  const [a, b] = [countsOf(left), countsOf(right)];
  if (a.check !== b.check || a.region !== b.region || a.family !== b.family) {
    throw new NotUnderstood('it adds up different checks, regions or metrics');
  }
  noteUnlike(a, b);
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
  const region = equal(matchers, 'region');
  const about = { family: family ?? 'results', check, region, over: 'the counter' } as const;
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
  if (le === null || !/^[\d.]+(?:e[+-]?\d+)?$/i.test(le) || !(Number(le) > 0 && Number(le) < 1e9))
    throw new NotUnderstood(`${metric} has no le="…" with seconds`);
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
