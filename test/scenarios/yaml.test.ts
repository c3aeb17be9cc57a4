/** What YAML can say and a scenario cannot mean is a mistake with its line and column, and never anything else. */
import { describe, expect, test } from 'vitest';
import { Mistakes } from '../../contract/mistake.ts';
import { readDocument } from '../../scenarios/parse/document.ts';
import { pathTo } from '../../scenarios/parse/reader.ts';
import { parseScenario } from '../../scenarios/parse/scenario.ts';
import { mistakesOf as importing, sloth } from './imported.ts';

function mistakesOf(text: string): readonly string[] {
  try {
    readDocument(text, 's.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof Mistakes)) throw error;
    return error.message.split('\n');
  }
}

const meaning = (text: string): unknown => readDocument(text, 's.yaml').value;

describe('refused where it stands', () => {
  test.each([
    [
      'an alias of nothing',
      'a: 1\nb: { c: *nope }\n',
      [
        's.yaml:2:9: got the alias *nope, want an anchor &nope that stands before it, or quotes around a text that begins with *',
      ],
    ],
    [
      'an alias of what comes later, and one of nothing: both are said',
      'a: *later\nb: &later 1\nc: [*never]\n',
      [
        's.yaml:1:4: got the alias *later, want an anchor &later that stands before it, or quotes around a text that begins with *',
        's.yaml:3:5: got the alias *never, want an anchor &never that stands before it, or quotes around a text that begins with *',
      ],
    ],
    [
      'a list that is an item of itself',
      'a: &w [1, *w]\n',
      ['s.yaml:1:11: got the alias *w, want an alias of something that it is no part of'],
    ],
    [
      'a mapping that is a value of itself',
      'a: &w { b: { c: *w } }\n',
      ['s.yaml:1:17: got the alias *w, want an alias of something that it is no part of'],
    ],
    [
      'a mapping that is a key of itself',
      'a: &w { *w : 1 }\n',
      ['s.yaml:1:9: got the alias *w, want an alias of something that it is no part of'],
    ],
    [
      'a mapping that is merged into itself',
      'a: &w { <<: *w }\n',
      ['s.yaml:1:13: got the alias *w, want an alias of something that it is no part of'],
    ],
    [
      'a number that is merged',
      'a: { <<: 3 }\n',
      ['s.yaml:1:6: got << with something else than a mapping, want a mapping, an alias of one, or a list of them'],
    ],
    ['a list as a key', 'a: 1\n? [b]\n: c\n', ['s.yaml:2:3: got a key that is no text, want a text']],
    ['a key that is another one as a number', 'a: { 1: x, "1": y }\n', ['s.yaml:1:12: got "1", want each key once']],
    [
      'a tag',
      'a: !!binary aGk=\n',
      ['s.yaml:1:4: got "a: !!binary aGk=", want valid YAML (Unresolved tag: tag:yaml.org,2002:binary)'],
    ],
    [
      'a tag of another version',
      '%YAML 1.1\n---\na: !!timestamp 2020-01-01\n',
      ['s.yaml:3:4: got "a: !!timestamp 2020-01-01", want valid YAML (Unresolved tag: tag:yaml.org,2002:timestamp)'],
    ],
    ['a second document', 'a: 1\n---\nb: 2\n', ['s.yaml:2:1: got a second document, want one']],
    [
      'a byte 0',
      'a: 1\nb: x\0y\n',
      ['s.yaml:2:5: got the character U+0000, want text: in quotes it is written as an escape'],
    ],
    [
      'brackets in brackets',
      `a:\n  ${'['.repeat(5_000)}`,
      ['s.yaml:2:103: got something nested over 100 deep, want no more than that'],
    ],
    [
      'lists in lists',
      `${'- '.repeat(20_000)}x`,
      ['s.yaml:1:203: got something nested over 100 deep, want no more than that'],
    ],
  ])('%s', (_, text, said) => {
    expect(mistakesOf(text)).toEqual(said);
  });

  test('aliases of aliases that make it deep', () => {
    const levels = Array.from({ length: 2_000 }, (_, level) => `a${level + 1}: &a${level + 1} [*a${level}]\n`);
    expect(mistakesOf(`a0: &a0 x\n${levels.join('')}`)[0]).toBe(
      's.yaml:102:1: got aliases that make it over 100 deep, want no more than that',
    );
  });

  test('a key of any length is told in a line', () => {
    const [said = ''] = importing({
      'a.yml': sloth.replace('service: shop', `service: shop\n? ${'k'.repeat(100_000)}\n: 1`),
    });
    expect(said.length).toBeLessThan(600);
    expect(said).toMatch(/^a\.yml:3:3 k{197}\.\.\.: got the unknown key "k{76}\.\.\., want one of version, service,/);
  });

  // A search that does not shrink what it looks for goes on for ever.
  test.each(['x]y', 'x[0]', '[', ']', '"]', 'a"b', '\\', '\\"]', 'a.b', '', ' '])(
    'under the key %j, by an alias and by <<',
    (key) => {
      const said = JSON.stringify(key);
      const { placeOf } = readDocument(`a: &h { ${said}: { c: [5] } }\nb: *h\nc:\n  d: { <<: *h }\n`, 's.yaml');
      const below = pathTo(pathTo(pathTo('', key), 'c'), 0).replace(/^(?=[^[])/, '.');
      expect([`a${below}`, `b${below}`, `c.d${below}`].map((path) => placeOf(path).replace(` ${path}`, ''))).toEqual([
        `s.yaml:1:${said.length + 17}`,
        's.yaml:2:1',
        's.yaml:4:3',
      ]);
    },
  );

  test('a scenario whose headers have brackets by an alias', () => {
    const scenario = (headers: string): string =>
      'service: shop\nentry: { api: https://shop.example }\nchecks:\n' +
      `  - { name: home, kind: http, to: entry.api, path: /, every: 10s, headers: ${headers} }\n`;
    const { value, placeOf } = readDocument(scenario('{ <<: { "x]y": 5 } }'), 's.yaml');
    expect(() => parseScenario(value, placeOf)).toThrow('s.yaml:4:67 checks[0].headers["x]y"]: got ');
  });

  test('a path that is not one ends too', () => {
    const { placeOf } = readDocument('a: { b: 1 }\n', 's.yaml');
    for (const path of ['a["', 'a["\\', 'a[', 'a.', '.', '[', ']', '""', 'a..b', 'a[["]]'])
      expect(placeOf(path)).toMatch(/^s\.yaml:1:1/);
  });

  test('in an imported file, and in what its labels say', () => {
    const labelled = (text: string): string =>
      sloth.replace('    sli:', `    labels: { blackstart_indicator: ${text} }\n    sli:`);
    expect(importing({ 'a.yml': labelled('*nope') })).toEqual([
      'a.yml:6:37: got the alias *nope, want an anchor &nope that stands before it, or quotes around a text that begins with *',
    ]);
    for (const text of ['"*b"', '"&a [*a]"', '"{ latency: p95 "', '"!!set { a }"']) {
      expect(importing({ 'a.yml': labelled(text) })).toEqual([
        expect.stringMatching(/^a\.yml:6:15 slos\[0\]\.labels\.blackstart_indicator: got .*, want .*latency: p95/),
      ]);
    }
  });
});

describe('read as it is meant', () => {
  test.each([
    ['aliases', 'a: &x { b: 1 }\nc: *x\nd: [*x]\n', { a: { b: 1 }, c: { b: 1 }, d: [{ b: 1 }] }],
    ['the newest anchor of a name', 'a: &x 1\nb: *x\nc: &x 2\nd: *x\n', { a: 1, b: 1, c: 2, d: 2 }],
    ['an alias as a key', 'a: &x k\n*x : 1\n', { a: 'k', k: 1 }],
    [
      'a merge, after what is said itself',
      'a: &x { b: 1, c: 2 }\nd: { b: 3, <<: *x }\ne: { <<: *x, c: 4 }\n',
      { a: { b: 1, c: 2 }, d: { b: 3, c: 2 }, e: { b: 1, c: 4 } },
    ],
    ['several merges, the first before the others', 'a: { <<: [{ b: 1 }, { b: 2, c: 3 }] }\n', { a: { b: 1, c: 3 } }],
    ['a quoted <<', 'a: { "<<": 1 }\n', { a: { '<<': 1 } }],
    ['tags of what it is anyway', 'a: !!str 5\nb: !!int 6\n', { a: '5', b: 6 }],
    ['line ends of Windows behind a mark of byte order', '\uFEFFa: 1\r\nb: [x]\r\n', { a: 1, b: ['x'] }],
    [
      'the newest anchor of a name, which may stand within one of the same name',
      'a: &c { p: 1, q: &c "q" }\nb: *c\nd: &c [&c 1, *c]\ne: *c\n',
      { a: { p: 1, q: 'q' }, b: 'q', d: [1, 1], e: 1 },
    ],
    [
      'a JSON path, wherever an unquoted text may stand within braces',
      'a: { b: $.r[*], c: [$.r[*].x, $[*]], d: &p $.s[*] }\ne: {\n  f: $.r[*]\n}\ng: { h: $.r[*] # said\n  }\ni: [*p]\n',
      {
        a: { b: '$.r[*]', c: ['$.r[*].x', '$[*]'], d: '$.s[*]' },
        e: { f: '$.r[*]' },
        g: { h: '$.r[*]' },
        i: ['$.s[*]'],
      },
    ],
    [
      'a text that looks like one with a JSON path, beside one',
      'a: { b: $.r[*] } # { c: $.x[*] }\nd: \'{ "q": $.x, r: $.y[*] }\'\ne: "{ q: $.x[*] }"\nf: |\n  { q: $.x[*] }\ng: { h: \'[ $.z[*] ]\' }\n',
      {
        ...{ a: { b: '$.r[*]' }, d: '{ "q": $.x, r: $.y[*] }', e: '{ q: $.x[*] }' },
        ...{ f: '{ q: $.x[*] }\n', g: { h: '[ $.z[*] ]' } },
      },
    ],
    ['nothing', '# nothing\n', undefined],
  ])('%s', (_, text, value) => {
    expect(meaning(text)).toEqual(value);
  });

  test('a key that every object has is a key like others', () => {
    const value = meaning('__proto__: { polluted: 1 }\nconstructor: 2\n') as object;
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  test('columns behind a mark of byte order are those that an editor shows', () => {
    expect(readDocument('\uFEFFa: 1\n', 's.yaml').placeOf('a')).toBe('s.yaml:1:1 a');
  });

  test('a thousand aliases of one mapping', () => {
    const items = Array.from({ length: 1_000 }, (_, index) => `  - { <<: *x, id: ${index} }\n`);
    expect(meaning(`x: &x { a: 1, b: 2 }\nall:\n${items.join('')}`)).toMatchObject({ all: { length: 1_000 } });
  });
});
