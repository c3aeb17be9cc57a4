/** Whatever a file holds, it is either read or refused with its place: nothing else comes of it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mistakesOf, openSlo, sloth } from './imported.ts';

const pieces = [
  '',
  ' ',
  ':',
  '- ',
  '{',
  '}',
  '[',
  '"',
  '&a ',
  '*a',
  '!!x ',
  '~',
  '0',
  '1e9',
  '-1',
  'null',
  'constructor',
  '__proto__',
  '<<: ',
  '|\n',
  '{{.window}}',
  'sum(',
  '\t',
];

/** Some places of the text, each with so much taken out and something put in. */
const tears = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 12 }), fc.constantFrom(...pieces)), {
  minLength: 1,
  maxLength: 4,
});

function torn(text: string, places: readonly (readonly [number, number, string])[]): string {
  return places.reduce((whole, [place, length, piece]) => {
    const at = place % whole.length;
    return whole.slice(0, at) + piece + whole.slice(at + length);
  }, text);
}

test.each([
  ['slo.yaml', openSlo],
  ['slo.yml', sloth],
])('%s torn in any place is read or refused', (name, text) => {
  fc.assert(
    fc.property(tears, (places) => {
      const said = mistakesOf({ [name]: torn(text, places) });
      for (const line of said)
        expect(line).toMatch(/^(?:slo\.ya?ml:\d+:\d+|imports\[0\])[\s\S]*: got [\s\S]+, want [\s\S]+$/);
    }),
    { numRuns: 200, seed: 11 },
  );
});

test('aliases that stand for more than fits are refused', () => {
  const levels = Array.from(
    { length: 12 },
    (_, level) => `a${level + 1}: &a${level + 1} [${Array(12).fill(`*a${level}`)}]`,
  );
  const bomb = `version: prometheus/v1\na0: &a0 x\n${levels.join('\n')}\n`;
  expect(mistakesOf({ 'bomb.yml': bomb })).toEqual([
    'bomb.yml:7:22: got aliases that stand for over 100,000 values, with *a4, want no more than that',
  ]);
});

test('a metric by the name of something that every object has is no metric of ours', () => {
  const text = openSlo.replaceAll('blackstart_probe_results_total', 'constructor');
  expect(mistakesOf({ 'slo.yaml': text })).toEqual([expect.stringContaining('constructor is not a metric of results')]);
});
