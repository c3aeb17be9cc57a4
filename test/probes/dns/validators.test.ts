import { expect, test } from 'vitest';
import { type Broken, brokenRule, type RecordRules } from '../../../probes/dns/validators.ts';

const [a, b, txt] = ['x.\t60\tIN\tA\t192.0.2.1', 'x.\t60\tIN\tA\t192.0.2.2', 'x.\t60\tIN\tTXT\t"v=spf1 -all"'];
const none: RecordRules = {
  failIfMatchesRegexp: [],
  failIfAllMatchRegexp: [],
  failIfNotMatchesRegexp: [],
  failIfNoneMatchesRegexp: [],
};

test.each<readonly [string, Partial<RecordRules>, readonly string[], Broken | undefined]>([
  ['nothing is asked of nothing', {}, [], undefined],
  ['no record matches', { failIfMatchesRegexp: ['TXT', 'MX'] }, [a, b], undefined],
  [
    'one record matches one of them',
    { failIfMatchesRegexp: ['MX', '2\\.2$'] },
    [a, b],
    { rule: 'failIfMatchesRegexp', what: 'record', pattern: '2\\.2$', line: b },
  ],
  ['nothing may match and there is nothing', { failIfMatchesRegexp: ['.'] }, [], undefined],
  ['all records match all', { failIfAllMatchRegexp: ['IN\\tA', '192'] }, [a, b], undefined],
  ['not all match', { failIfAllMatchRegexp: ['IN\\tA'] }, [a, txt], { rule: 'failIfAllMatchRegexp', what: 'all' }],
  ['all of nothing match', { failIfAllMatchRegexp: ['IN\\tA'] }, [], undefined],
  ['every record matches every one', { failIfNotMatchesRegexp: ['^x\\.', '192'] }, [a, b], undefined],
  [
    'one does not',
    { failIfNotMatchesRegexp: ['^x\\.', '192'] },
    [a, txt],
    { rule: 'failIfNotMatchesRegexp', what: 'record', pattern: '192', line: txt },
  ],
  [
    'nothing is there that has to match',
    { failIfNotMatchesRegexp: ['.'] },
    [],
    { rule: 'failIfNotMatchesRegexp', what: 'empty' },
  ],
  ['one record matches one', { failIfNoneMatchesRegexp: ['MX', 'TXT'] }, [a, txt], undefined],
  ['none matches any', { failIfNoneMatchesRegexp: ['MX'] }, [a, txt], { rule: 'failIfNoneMatchesRegexp', what: 'all' }],
  [
    'nothing is there to match',
    { failIfNoneMatchesRegexp: ['.'] },
    [],
    { rule: 'failIfNoneMatchesRegexp', what: 'empty' },
  ],
  [
    'a pattern is none, and there is a record',
    { failIfNoneMatchesRegexp: ['('] },
    [a],
    { rule: 'failIfNoneMatchesRegexp', what: 'pattern', pattern: '(', mistake: expect.any(String) },
  ],
  ['a pattern is none, and nobody looks', { failIfMatchesRegexp: ['('] }, [], undefined],
  [
    '$ is the end of the record alone',
    { failIfMatchesRegexp: ['SECTION:$'] },
    ['\n;; OPT PSEUDOSECTION:\n; x'],
    undefined,
  ],
])('%s', (_what, rules, lines, want) => {
  expect(brokenRule(lines, { ...none, ...rules })).toEqual(want);
});
