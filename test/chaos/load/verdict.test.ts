import { describe, expect, test } from 'vitest';
import { loadVerdict } from '../../../chaos/load.ts';
import type { LoadFacts } from '../../../contract/load.ts';
import { loadFacts, loadSummary } from '../../fakes/load.ts';

const crossed = { metric: 'http_req_failed', expression: 'rate<0.05', held: false };
const held = { ...crossed, held: true };
const said = ['Error: no good at default (file:///s.ts:3:49(8))'];

type Case = readonly [facts: Partial<LoadFacts>, status: 'pass' | 'fail' | 'inconclusive', because: string | RegExp];

const cases: Readonly<Record<string, Case>> = {
  '105, as it was asked to end': [{}, 'pass', '100 requests, 3 of them failed; no threshold was set'],
  '105 with thresholds that held': [
    { wanted: { http_req_failed: ['rate<0.05'] }, summary: loadSummary({ thresholds: [held] }) },
    'pass',
    '100 requests, 3 of them failed; all thresholds held',
  ],
  '105 with thresholds that were crossed: k6 tells the signal and not them': [
    { summary: loadSummary({ thresholds: [held, crossed] }) },
    'fail',
    'thresholds were crossed: http_req_failed rate<0.05',
  ],
  '105, when nobody had asked it to end': [{ ended: 'itself' }, 'inconclusive', 'somebody else interrupted it'],
  '0, when its own time was up': [{ exitCode: 0, ended: 'itself' }, 'pass', /^100 requests/],
  '0, though every iteration threw': [
    { exitCode: 0, ended: 'itself', thrown: 100, said },
    'fail',
    `every iteration threw: ${said[0]}`,
  ],
  '105, though every iteration threw': [{ thrown: 100, said }, 'fail', /^every iteration threw/],
  '0, and some iterations threw': [
    { exitCode: 0, thrown: 7, said },
    'pass',
    /; 7 of 100 iterations threw: Error: no good/,
  ],
  '0, and no iteration came to its end': [
    { exitCode: 0, summary: loadSummary({ iterations: 0 }) },
    'inconclusive',
    'no iteration came to its end, so nothing was loaded',
  ],
  '0, and what it threw was more than it counted': [
    { exitCode: 0, thrown: 2, summary: loadSummary({ iterations: 0 }), said },
    'fail',
    /^every iteration threw/,
  ],
  '0 without a summary': [{ exitCode: 0, summary: null }, 'inconclusive', 'it left no summary'],
  '0 without the thresholds that were asked for': [
    { exitCode: 0, wanted: { http_req_duration: ['p(95)<500'] } },
    'inconclusive',
    'thresholds were not judged: http_req_duration p(95)<500',
  ],
  '99': [{ exitCode: 99, ended: 'itself', summary: null }, 'fail', 'thresholds were crossed'],
  '99 with its summary': [
    { exitCode: 99, ended: 'itself', summary: loadSummary({ thresholds: [crossed] }) },
    'fail',
    'thresholds were crossed: http_req_failed rate<0.05',
  ],
  '97': [{ exitCode: 97 }, 'inconclusive', /cloud/],
  '98': [{ exitCode: 98 }, 'inconclusive', /cloud/],
  '100': [{ exitCode: 100 }, 'inconclusive', 'its setup took too long'],
  '101': [{ exitCode: 101 }, 'inconclusive', 'its teardown took too long'],
  '102': [{ exitCode: 102 }, 'inconclusive', 'it took too long'],
  '103': [{ exitCode: 103 }, 'inconclusive', 'it was stopped over its API'],
  '104': [{ exitCode: 104, said: ['no vus'] }, 'inconclusive', 'what you wrote is wrong: no vus'],
  '106': [{ exitCode: 106 }, 'inconclusive', 'its API could not be opened'],
  '107': [{ exitCode: 107, summary: null, said }, 'inconclusive', `what you wrote is wrong: ${said[0]}`],
  '108': [{ exitCode: 108 }, 'fail', 'the script aborted the test'],
  '109': [{ exitCode: 109 }, 'inconclusive', 'k6 itself broke'],
  '110': [{ exitCode: 110 }, 'fail', 'the script marked the test as failed'],
  '255': [{ exitCode: 255, said: ['unknown flag'] }, 'inconclusive', 'what you wrote is wrong: unknown flag'],
  '1, which k6 has no meaning for': [{ exitCode: 1 }, 'inconclusive', 'k6 ended with 1: it said nothing'],
  'a signal of somebody else': [{ exitCode: null, ended: 'itself' }, 'inconclusive', /^k6 ended with a signal/],
  'a signal of ours': [
    { exitCode: null, ended: 'killed', summary: null },
    'inconclusive',
    'it did not end when it was asked to, and was killed',
  ],
};

describe('k6 that ended with', () => {
  test.each(Object.entries(cases))('%s', (_name, [facts, status, because]) => {
    const verdict = loadVerdict(loadFacts(facts));
    expect(verdict.status).toBe(status);
    if (typeof because === 'string') expect(verdict.because).toBe(because);
    else expect(verdict.because).toMatch(because);
  });
});

test('only 104, 107 and 255 say that what the user wrote is wrong', () => {
  const codes = Array.from({ length: 256 }, (_, code) => code);
  const wrong = codes.filter((exitCode) => loadVerdict(loadFacts({ exitCode })).wrong);
  expect(wrong).toEqual([104, 107, 255]);
});

test('no exit code but 0, and 105 when it was asked to, is a pass', () => {
  const codes = Array.from({ length: 256 }, (_, code) => code);
  const passing = (ended: LoadFacts['ended']): number[] =>
    codes.filter((exitCode) => loadVerdict(loadFacts({ exitCode, ended })).status === 'pass');
  expect(passing('asked')).toEqual([0, 105]);
  expect(passing('itself')).toEqual([0]);
});
