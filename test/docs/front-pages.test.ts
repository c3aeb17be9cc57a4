/** What README and ARCHITECTURE count and point at. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stopNames } from '../../chaos/stop-conditions.ts';
import { ruleNames } from '../../contract/guard.ts';
import { flowing } from './pages.ts';

const root = join(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');

test('the README counts the rules of the guard and the stop conditions', () => {
  const readme = flowing(read('README.md'));
  expect(readme).toContain(`asks the guard first: ${ruleNames.length} rules`);
  expect(readme).toContain(`${stopNames.length} conditions stop a drill early`);
});

test('every npm script that the README runs is one, and every link leads somewhere', () => {
  const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: object };
  for (const [, script = ''] of read('README.md').matchAll(/npm run ([\w:]+)/g))
    expect(scripts).toHaveProperty([script]);
  for (const page of ['README.md', 'ARCHITECTURE.md']) {
    for (const [, target = ''] of read(page).matchAll(/\]\(([^)#:]+)\)/g)) {
      expect(existsSync(join(root, target)), `${page}: ${target}`).toBe(true);
    }
  }
});
