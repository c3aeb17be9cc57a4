/** Whatever a file holds, it is read or refused with a line: never a crash, and never without an end. */
import { expect, test } from 'vitest';
import { seededRandom } from '../../../contract/random.ts';
import { parseModules, showModule } from '../../../probes/blackbox/config/parse.ts';
import { mutated } from './mutated.ts';

test('changed files are read or refused, and what is read can be shown and read again', () => {
  const random = seededRandom(8);
  const verdicts = { read: 0, refused: 0 };
  for (let count = 0; count < 1_500; count += 1) {
    const text = mutated(random);
    const parsed = parseModules(text);
    if (!parsed.ok) {
      verdicts.refused += 1;
      expect(parsed.mistakes.length, text).toBeGreaterThan(0);
      for (const { line } of parsed.mistakes) expect(line, text).toBeGreaterThan(0);
      continue;
    }
    verdicts.read += 1;
    for (const module of parsed.modules.values()) expect(showModule(module)).toMatch(/\n$/);
  }
  expect(verdicts.read).toBeGreaterThan(50);
  expect(verdicts.refused).toBeGreaterThan(500);
});

test.each([
  ['brackets', '['.repeat(50_000)],
  ['mappings', '{a: '.repeat(20_000)],
  ['lists', '- '.repeat(20_000)],
  ['quotes that stay open', `modules: {a: {prober: "${'x\n'.repeat(20_000)}`],
  ['aliases of aliases', aliases(12)],
  ['brackets in an expression', `modules: {a: {http: {fail_if_body_matches_regexp: ["${'('.repeat(20_000)}"]}}}`],
  ['brackets in CEL', `modules: {a: {http: {fail_if_body_json_matches_cel: "${'('.repeat(20_000)}"}}}`],
  ['has within has', `modules: {a: {http: {fail_if_body_json_matches_cel: "${'has('.repeat(2_000)}"}}}`],
])('something huge is refused: %s', (_, text) => {
  expect(parseModules(text)).toMatchObject({ ok: false });
});

/** Each twice what the one before it is, and the last asked for as the claims of a token. */
function aliases(levels: number): string {
  const lines = Array.from(
    { length: levels },
    (_, level) => `  l${level + 1}: &l${level + 1} [*l${level}, *l${level}]`,
  );
  const claims = ['  l0: &l0 [1, 2]', ...lines].map((line) => `            ${line}`).join('\n');
  return `modules:\n  a:\n    http:\n      oauth2:\n        client_id: i\n        token_url: u\n        claims:\n${claims}\n`;
}
