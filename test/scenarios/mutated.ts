/** Sound files with something in them changed, by a seed: what a slip, a bad merge or malice makes of them. */
import { parseAllDocuments, stringify } from 'yaml';
import type { Random } from '../../contract/random.ts';

/** What YAML can have where a value was, sensible or not. */
const values = [
  ...[
    '*nope',
    '&a [*a]',
    '&c { c: *c }',
    '!!binary aGk=',
    '!!set { a, b }',
    '!!timestamp 2020-01-01',
    '!!float x',
    '!foo bar',
  ],
  ...[
    '1e400',
    '-1e400',
    '.nan',
    '.inf',
    '9007199254740993',
    '1e-320',
    '-0',
    '0x10',
    '1_000',
    'null',
    'true',
    '0',
    '-1',
  ],
  ...[
    '""',
    '" "',
    '"\\0"',
    '"\\ud800"',
    '"a\\nb"',
    '2026-13-45',
    '2026-02-30T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '|\n  text\n',
  ],
  ...[
    '{}',
    '[]',
    '[[]]',
    '{ "": x }',
    '{ <<: 3 }',
    '{ <<: [1, 2] }',
    '{ ? [a] : b }',
    '{ 1: x, "1": y }',
    '{ a: 1, a: 2 }',
  ],
  ...['__proto__', 'constructor', 'toString', '{ __proto__: { a: 1 } }', '{ toString: 1s }', '{ constructor: x }'],
  ...[
    '['.repeat(3_000),
    '{ a: '.repeat(500),
    '- '.repeat(200),
    'x'.repeat(20_000),
    `"${'['.repeat(20_000)}"`,
    '('.repeat(3_000),
  ],
  ...[
    '9'.repeat(400),
    `${'9'.repeat(400)}d`,
    '1e308d',
    '99999999999999d',
    '0d',
    '0.0000001ms',
    '1ms',
    '10s',
    '40y',
    'P30D',
    '1M',
  ],
  ...[
    '100%',
    '0%',
    '-5%',
    '50%',
    '99.99999999999%',
    'p0',
    'p100',
    'p99.99999999',
    '{ latency: p95 }',
    '{ freshness: 5m }',
  ],
  ...[
    'availability',
    '{ slices: 7m, good: 95% }',
    '{ every: day, timeZone: "+25:00" }',
    'own',
    'home',
    'us-east-1',
    '"*b"',
  ],
  ...[
    'https://',
    'http://a b',
    'file:///etc/passwd',
    '../../etc/passwd',
    'sum(',
    '1 - ',
    `${'1'.repeat(9_000)}x`,
    '{{.window}}',
  ],
];
const keys = ['__proto__', 'constructor', 'name', 'every', 'x.y[0]', 'k'.repeat(5_000)];
const pieces = [
  '\t',
  '\r\n',
  '\0',
  '\uFEFF',
  '&a ',
  '*a',
  '!!binary ',
  '<<: ',
  '? ',
  ': ',
  '- ',
  '{',
  '}',
  '[',
  ']',
  '"',
  '%YAML 1.1\n---\n',
  '---\n',
  '\u2028',
  '\ud800',
  '@',
  '`',
];

/** By its key, what may well be meant, so that it is read and made use of. */
const likely: Readonly<Record<string, readonly string[]>> = {
  target: ['5%', '50%', '99%', '99.9999%', '0.001%', '300ms', '0.999'],
  window: ['10s', '15s', '1h', '45h', '1d', '7d', '90d', '366d'],
  bursts: ['1ms', '7s', '5m', '1d'],
  indicator: [
    'availability',
    'residency',
    '{ latency-under: 260ms }',
    '{ latency-under: 1ms }',
    '{ freshness: 5m }',
    '{ failover-within: 4m }',
  ],
  missing: ['exclude', 'bad', 'hold'],
  budget: ['occurrences', '{ slices: 1m, good: 95% }', '{ slices: 1h, good: 100% }'],
  drills: ['charged', 'apart', 'excluded'],
  every: ['100ms', '1s', '7m', '1d', '31d'],
  timeout: ['1ms', '5s', '1d'],
  share: ['0', '0.1', '33.3'],
};

type Tree = { [key: string]: unknown };

/** One to three changes, of its values where it has a structure or anywhere in its text. */
export function mutated(text: string, random: Random): string {
  return random() < 0.7 ? changed(text, random) : torn(text, random);
}

function changed(text: string, random: Random): string {
  const root = { documents: parseAllDocuments(text).map((document) => document.toJS() as unknown) };
  const put: string[] = [];
  const hole = (value: string): string => `hole${put.push(value) - 1}hole`;
  const isLikely = random() < 0.5;
  for (let count = 1 + Math.floor(random() * 3); count > 0; count -= 1) {
    const holders = holdersIn(root.documents);
    const fit = isLikely ? holders.filter((one) => 'every' in one || 'indicator' in one || 'share' in one) : [];
    if (holders.length === 0) break;
    const holder = pick(fit.length > 0 ? fit : holders, random);
    if (fit.length > 0) {
      const known =
        'indicator' in holder ? Object.keys(likely).slice(0, 7) : 'every' in holder ? ['every', 'timeout'] : ['share'];
      const key = pick(known, random);
      holder[key] = hole(pick(likely[key] ?? [], random));
    } else change(holder, hole, random);
  }
  const written = root.documents.map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }));
  return written.join('---\n').replaceAll(/hole(\d+)hole/g, (_, index: string) => put[Number(index)] ?? '');
}

function change(holder: Tree, hole: (value: string) => string, random: Random): void {
  const key = pick(Object.keys(holder), random);
  const how = random();
  if (how < 0.7) holder[key] = hole(pick(values, random));
  else if (how < 0.8) delete holder[key];
  else if (how < 0.9) holder[key] = [{ [pick(keys, random)]: holder[key] }];
  else {
    const again = { value: holder[key], enumerable: true, configurable: true, writable: true };
    Object.defineProperty(holder, Array.isArray(holder) ? holder.length : pick(keys, random), again);
  }
}

/** The mappings and lists that have something in them; one at least. */
function holdersIn(value: unknown): readonly Tree[] {
  const inner = typeof value === 'object' && value !== null ? Object.values(value).flatMap(holdersIn) : [];
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
    ? [value as Tree, ...inner]
    : inner;
}

function torn(text: string, random: Random): string {
  let whole = text;
  for (let count = 1 + Math.floor(random() * 4); count > 0; count -= 1) {
    const at = Math.floor(random() * whole.length);
    whole = whole.slice(0, at) + pick(pieces, random) + whole.slice(at + Math.floor(random() * 12));
  }
  return random() < 0.1 ? whole.replaceAll('\n', '\r\n') : whole;
}

function pick<T>(from: readonly T[], random: Random): T {
  return from[Math.floor(random() * from.length)] as T;
}
