/** docs/rules.md has every record and alert that is generated, and no page that it points at is missing. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { rulesArtefacts } from '../../aggregator/artefacts/rules.ts';
import { everyKindOptions } from '../artefacts/ruled.ts';
import { root } from '../fakes/program.ts';
import { codeIn, rowsOf } from './pages.ts';

type Rule = { readonly record?: string; readonly alert?: string; readonly labels: Readonly<Record<string, string>> };
const docs = join(root, 'docs');
const page = readFileSync(join(docs, 'rules.md'), 'utf8');
const [file] = rulesArtefacts(everyKindOptions).files;
const { groups } = parse(file?.text ?? '') as { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

test('the page has every record, whatever its window', () => {
  const stem = (name: string): string => name.replace(/(ratio_rate|sum|bool)[\dywdhms]+$/, '$1');
  const told = rowsOf(page, 'record').flatMap(([cell = '']) => [...cell.matchAll(/`([^`]+:[^`]+|\w+_info)`/g)]);
  const made = rules.flatMap(({ record }) => (record === undefined ? [] : [stem(record)]));
  expect(new Set(told.map(([, name = '']) => stem(name)))).toEqual(new Set(made));
});

test('the page has every alert with its severities', () => {
  const told = rowsOf(page, 'alert').map((row) =>
    row.slice(0, 3).map((cell, index) => (index === 0 ? codeIn(cell) : cell)),
  );
  const made = rules.flatMap(({ alert, labels }) =>
    alert === undefined ? [] : [[alert, labels['severity'], labels['sloth_severity'] ?? ''].join()],
  );
  expect(new Set(told.map((cells) => cells.join()))).toEqual(new Set(made));
});

test('every link of the page, and of the runbooks, leads somewhere', () => {
  const pages = ['rules.md', ...readdirSync(join(docs, 'runbooks')).map((name) => join('runbooks', name))];
  for (const name of pages) {
    for (const [, target = ''] of readFileSync(join(docs, name), 'utf8').matchAll(/\]\(([^)#:]+)\)/g)) {
      expect(existsSync(join(docs, name, '..', target)), `${name}: ${target}`).toBe(true);
    }
  }
});
