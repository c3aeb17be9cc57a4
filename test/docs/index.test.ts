/** The index of docs/drills knows every page, and no page points at what is not there. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { markKey, restorerKey, stopKey, undoKey } from '../../chaos/cluster.ts';
import { marking } from '../../chaos/faults/scale-to-zero/suspension.ts';
import { codeIn, folder, pageText, rowsOf } from './pages.ts';

const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
/** Those of a folder are in its own index. */
const indexed = pages.filter((name) => name !== 'README.md' && !name.includes('/'));

test('the index has every page', () => {
  const index = pageText('README.md');
  for (const page of indexed) expect(index).toContain(`* [${page}](${page}): `);
});

test('every link leads somewhere', () => {
  for (const page of pages) {
    for (const [, target = ''] of pageText(page).matchAll(/\]\(([^)#]+)\)/g)) {
      expect(existsSync(join(folder, dirname(page), target)), `${page}: ${target}`).toBe(true);
    }
  }
});

test('the index has each annotation that a drill writes or heeds', () => {
  const suspension = marking(null).path.at(-1);
  expect(rowsOf(pageText('README.md'), 'annotation').map(([key]) => codeIn(key))).toEqual([
    markKey,
    stopKey,
    undoKey,
    restorerKey,
    suspension,
  ]);
});
