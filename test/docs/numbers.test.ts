/** docs/drills/numbers.md knows every number that a report can have. */
import { describe, expect, test } from 'vitest';
import { shownBounds } from '../../chaos/report/numbers.ts';
import { exitCodes } from '../../cli/exit.ts';
import { type StageId, stageIds, verifiedParts } from '../../contract/drill.ts';
import type { Status } from '../../contract/verdict.ts';
import { codeIn, pageText, rowsOf } from './pages.ts';

const page = pageText('numbers.md');

function codesOf(head: string): readonly string[] {
  return rowsOf(page, head).map(([first]) => codeIn(first));
}

test('each stage has its row, in the usual order, and each row its stage', () => {
  expect(codesOf('stage')).toEqual(stageIds);
});

test('stages of failback alone are told to be so', () => {
  const ofFailback: readonly StageId[] = ['capacity', 'residual'];
  const untold = rowsOf(page, 'stage').filter(([, failover]) => failover === 'not told');
  expect(untold.map(([stage]) => codeIn(stage))).toEqual(ofFailback);
});

test('each exit code has its row, and each row its code', () => {
  expect(codesOf('code').map(Number)).toEqual(Object.values(exitCodes));
});

test('each verdict has its row', () => {
  const all: { readonly [S in Status]: true } = { pass: true, fail: true, inconclusive: true };
  expect(codesOf('verdict')).toEqual(Object.keys(all));
});

describe('the examples of bounds', () => {
  for (const bounds of [
    { lowerMs: 3_020, upperMs: 3_220 },
    { lowerMs: 800, upperMs: 3_100 },
  ]) {
    test(`${shownBounds(bounds)} is how a report writes it`, () => {
      expect(page).toContain(`\`${shownBounds(bounds)}\``);
    });
  }
});

test('each part of what is verified after restoring has its row, and each row its part', () => {
  expect(codesOf('part')).toEqual([...verifiedParts]);
});
