/** Walks through docs/drills/when-it-dies.md: each row is made to happen, and held to what came of it. */
import { describe, expect, test } from 'vitest';
import { deaths } from './deaths/cases.ts';
import { type Death, type Lived, lives } from './deaths/scene.ts';
import { pageText, rowsOf } from './pages.ts';

const rows = rowsOf(pageText('when-it-dies.md'), 'what dies');

test('each row of the page is made to happen, and what is made to happen has its row', () => {
  expect(rows.map(([name]) => name).toSorted()).toEqual(Object.keys(deaths).toSorted());
  expect(rows.every((row) => row.length === 5)).toBe(true);
});

type Scale = { readonly leaseMs: number; readonly deadlineMs: number };

/** `12 s or 3.5 × lease, the longer`, `1.5 × lease + 5 s, once it answers again`. */
function boundMs(cell: string, { leaseMs, deadlineMs }: Scale): number {
  const units: Readonly<Record<string, number>> = { s: 1_000, '× lease': leaseMs, '× deadline': deadlineMs };
  const [bound = ''] = cell.split(',');
  const sums = bound.split(' or ').map((sum) => {
    const terms = [...sum.matchAll(/(\d+(?:\.\d+)?) (s|× lease|× deadline)(?= |$)/g)];
    expect(terms, `no time is in "${cell}"`).not.toHaveLength(0);
    return terms.reduce((total, [, count, unit]) => total + Number(count) * (units[unit ?? ''] ?? Number.NaN), 0);
  });
  return Math.max(...sums);
}

function expectBack(cell: string, { wasGone, backAfterMs, exit, deadlineMs }: Lived, leaseMs: number): void {
  if (cell === 'was never gone') {
    expect(wasGone).toBe(false);
    return;
  }
  expect(wasGone).toBe(true);
  if (cell === 'as without it') expect(exit).toBe(0);
  else if (cell === 'by `drill recover`' || cell === 'not by a drill') expect(backAfterMs).toBeNull();
  else expect(backAfterMs ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(boundMs(cell, { leaseMs, deadlineMs }));
}

async function expectEnough(cell: string, lived: Lived): Promise<void> {
  if (cell === '`drill recover`') {
    expect(lived.left(), 'there is something to sweep').not.toEqual([]);
    expect((await lived.recover()).exit).toBe(0);
    expect(lived.replicas()).toBe(10);
  } else if (cell === 'looks') {
    expect(lived.exit).toBe(5);
    expect(lived.replicas()).not.toBe(10);
  } else {
    expect(cell).toBe('nothing');
    expect(lived.replicas()).toBe(10);
  }
  expect(lived.left()).toEqual([]);
}

function expectSaid(cell: string, { said }: Lived): void {
  for (const [, words = ''] of cell.matchAll(/`([^`]+)`/g)) expect(said).toContain(words);
}

function leasesOf(name: string): readonly number[] {
  const only = deaths[name]?.leaseMs;
  return only === undefined ? [2_000, 10_000] : [only];
}

/** All of it is computed, minutes of a drill in simulated time: ten seconds, on a machine with nothing else to do. */
const computedWithinMs = 240_000;

describe('what happens if it dies', () => {
  for (const [name = '', happens = '', back = '', exit = '', person = ''] of rows) {
    for (const leaseMs of leasesOf(name)) {
      test(`${name} (a lease of ${leaseMs / 1_000} s)`, { timeout: computedWithinMs }, async () => {
        const lived = await lives(deaths[name] as Death, leaseMs);
        expect(exit.split(' or ').map((code) => (code === '—' ? null : Number(code)))).toContain(lived.exit);
        expectSaid(happens, lived);
        expectBack(back, lived, leaseMs);
        await expectEnough(person, lived);
      });
    }
  }
});
