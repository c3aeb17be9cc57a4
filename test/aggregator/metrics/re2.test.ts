import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wholeMatch } from '../../../aggregator/federation/re2.ts';

function matches(expression: string, text: string): boolean {
  const holds = wholeMatch(expression);
  if (typeof holds === 'string') throw new Error(holds);
  return holds(text);
}

describe('what Go 1.26 says, recorded', () => {
  test.each([
    ['a|ab', 'ab', true],
    ['(a|ab)(c|bcd)', 'abcd', true],
    ['a.b', 'a\nb', true],
    ['(?-s)a.b', 'a\nb', false],
    ['.', '😀', true],
    ['(?i)ü', 'Ü', true],
    ['(?i)[k]', '\u212a', true],
    ['(?i)[a-z]', 'ſ', true],
    ['(?i:A)b', 'ab', true],
    ['(?i:A)b', 'aB', false],
    ['\\p{Greek}', 'α', true],
    ['\\PL', 'a', false],
    ['[[:alpha:]]+', 'ab', true],
    ['[^[:^digit:]]', '1', true],
    ['[]a]', ']', true],
    ['\\Qa.b\\E', 'axb', false],
    ['\\x41', 'A', true],
    ['\\bfoo\\b', 'foo', true],
    ['(?m:a$.^b)', 'a\nb', true],
    ['x{0}', '', true],
    ['{', '{', true],
    ['(|a)*', 'aaa', true],
    ['(x+x+)+y', 'xxx', false],
    ['\\d{2,}', '12', true],
  ])('%s and %j: %s', (expression, text, want) => {
    expect(matches(expression, text)).toBe(want);
  });

  test.each([
    ['(', 'missing closing ): `(`'],
    ['a)', 'unexpected ): `a)`'],
    ['*', 'missing argument to repetition operator: `*`'],
    ['a**', 'invalid nested repetition operator: `**`'],
    ['(a{100}){100}', 'invalid repeat count: `{100}`'],
    ['[a', 'missing closing ]: `[a`'],
    ['[z-a]', 'invalid character class range: `z-a`'],
    ['[[:foo:]]', 'invalid character class range: `[:foo:]`'],
    ['\\p{Foo}', 'invalid character class range: `\\p{Foo}`'],
    ['a\\', 'trailing backslash at end of expression: ``'],
    ['\\8', 'invalid escape sequence: `\\8`'],
    ['\\x{110000}', 'invalid escape sequence: `\\x{110000`'],
    ['(?!a)', 'invalid or unsupported Perl syntax: `(?!`'],
    ['(?<n', 'invalid named capture: `(?<n`'],
  ])('%s is refused: %s', (expression, message) => {
    expect(wholeMatch(expression)).toBe(`error parsing regexp: ${message}`);
  });
});

test('where JavaScript means the same, it finds the same', () => {
  const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '(?:ab|b)', '\\w', '(?:a|)');
  const part = fc.tuple(atom, fc.constantFrom('', '*', '+', '?', '{2}', '{1,2}')).map((pieces) => pieces.join(''));
  const expression = fc.array(part, { maxLength: 5 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(expression, fc.string({ unit: fc.constantFrom('a', 'b', 'c', '\n'), maxLength: 6 }), (source, text) => {
      expect(matches(source, text)).toBe(new RegExp(`^(?:${source})$`, 's').test(text));
    }),
  );
});
