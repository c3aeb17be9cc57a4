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

type Tree = { [key: string]: unknown };

/** One to three changes, of its values where it has a structure or anywhere in its text. */
export function mutated(text: string, random: Random): string {
  return random() < 0.7 ? changed(text, random) : torn(text, random);
}

function changed(text: string, random: Random): string {
  const documents: unknown[] = parseAllDocuments(text).map((document) => document.toJS() as unknown);
  const put: string[] = [];
  for (let count = 1 + Math.floor(random() * 3); count > 0; count -= 1) {
    const holder = pick(holdersIn(documents), random);
    const key = pick(Object.keys(holder), random);
    const how = random();
    if (how < 0.7) {
      put.push(pick(values, random));
      holder[key] = `hole${put.length - 1}hole`;
    } else if (how < 0.8) delete holder[key];
    else if (how < 0.9) holder[key] = [{ [pick(keys, random)]: holder[key] }];
    else
      Object.defineProperty(holder, pick(keys, random), {
        value: holder[key],
        enumerable: true,
        configurable: true,
        writable: true,
      });
  }
  const written = documents
    .map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join('---\n');
  return written.replaceAll(/hole(\d+)hole/g, (_, index: string) => put[Number(index)] ?? '');
}

function holdersIn(value: unknown): readonly Tree[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(holdersIn);
  return Object.keys(value).length === 0 ? inner : [value as Tree, ...inner];
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
