// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates are Go’s.
import { describe, expect, test } from 'vitest';
import { type Groups, patternOf } from '../../../contract/pattern.ts';
import { expand } from '../../../probes/tcp/expand.ts';

function groups(pattern: string, line: string | Buffer): Groups {
  const compiled = patternOf(pattern);
  if ('mistake' in compiled) throw new Error(compiled.mistake);
  const found = compiled.match(Buffer.from(line as string));
  if (found === null) throw new Error('no match');
  return found;
}

/** Templates and what Go's `Regexp.Expand` makes of them, over `(\w+) (?P<rest>\w+)(!)?` and `PING abc`. */
const made: readonly (readonly [template: string, text: string])[] = [
  ['PONG ${2}', 'PONG abc'],
  ['$2', 'abc'],
  ['${rest}$rest', 'abcabc'],
  ['$0', 'PING abc'],
  ['$2x', ''],
  ['${2}x', 'abcx'],
  ['$3|', '|'],
  ['$9|${nobody}|', '||'],
  ['$$1', '$1'],
  ['$', '$'],
  ['$ 1', '$ 1'],
  ['${2', '${2'],
  ['${}', '${}'],
  ['$02', ''],
  ['é$2é', 'é'],
  ['100%', '100%'],
];

describe('what stands for a group', () => {
  for (const [template, text] of made) {
    test(`${template} is ${JSON.stringify(text)}`, () => {
      expect(expand(template, groups('(\\w+) (?P<rest>\\w+)(!)?', 'PING abc')).toString()).toBe(text);
    });
  }

  test('is bytes as they came, also where they are no UTF-8', () => {
    const line = Buffer.from('token=\xff\xfe;', 'latin1');
    const compiled = patternOf('token=([^;]*);');
    if ('mistake' in compiled) throw new Error(compiled.mistake);
    const found = compiled.match(line);
    expect(found).not.toBeNull();
    expect(expand('<$1>', found as Groups)).toEqual(Buffer.from('<\xff\xfe>', 'latin1'));
  });
});
