import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { blindSpots } from '../../zone/blind-spots.ts';
import { values, zoneOf } from '../zone/records.ts';

const page = await readFile('docs/drills/zones.md', 'utf8');
const source = await readFile('zone/blind-spots.ts', 'utf8');

test('each kind of blind spot has its row, and each row its kind', () => {
  const kinds = [...source.matchAll(/^ {4}\| '([a-z-]+)'/gm)].map((match) => match[1]);
  expect(kinds.length).toBeGreaterThan(5);
  const rows = [
    ...page.slice(page.indexOf('| kind |'), page.indexOf('CNAMEs and aliases')).matchAll(/^\| `([a-z-]+)` \|/gm),
  ];
  expect(rows.map((match) => match[1])).toEqual(kinds);
  expect(blindSpots(zoneOf(values('a', '10.0.0.1')), [], 'b.agent.test').map(({ kind }) => kind)).toEqual(['missing']);
});

test('the rights that it lists are those that the refusal names', async () => {
  const trouble = await readFile('chaos/cloud/aws/trouble.ts', 'utf8');
  const named = (text: string): readonly string[] => [...new Set(text.match(/route53:\w+/g) ?? [])].sort();
  expect(named(page)).toEqual(named(trouble));
});
