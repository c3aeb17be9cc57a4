/** docs/drills/refusals.md says what the guard says. */
import { describe, expect, test } from 'vitest';
import { describeRefusal, judgeGuard } from '../../chaos/guard.ts';
import { mayBeOverridden, type RuleName, ruleNames } from '../../contract/guard.ts';
import { objections, well } from '../fakes/guard-facts.ts';
import { flowing, pageText, sectionsOf } from './pages.ts';

const sections = sectionsOf(pageText('refusals.md'));

function refusalBy(rule: RuleName): string {
  const overrides = rule === 'guard.headroom' ? {} : { 'guard.headroom': 'known' };
  const { refusals } = judgeGuard({ ...well, ...objections[rule].facts }, overrides);
  const refusal = refusals.find((one) => one.rule === rule);
  if (refusal === undefined) throw new Error(`${rule} has no objection`);
  return describeRefusal(refusal);
}

test('each rule of the guard has its section, in the order of the ladder, and each section has its rule', () => {
  expect([...sections.keys()]).toEqual(ruleNames);
});

describe('the section of', () => {
  for (const rule of ruleNames) {
    test(`${rule} quotes what the guard says, and tells what it checks, its number, and what would change it`, () => {
      const section = sections.get(rule) ?? '';
      expect(section).toContain(flowing(refusalBy(rule)));
      for (const part of ['**Checks** ', '**Number:** ', '**What would change it:** ', '**Override:** ']) {
        expect(section).toContain(part);
      }
    });

    test(`${rule} tells whether it can be overridden`, () => {
      const how = mayBeOverridden(rule) ? `**Override:** \`${rule}: "…"\`` : '**Override:** none.';
      expect(sections.get(rule)).toContain(how);
    });
  }
});

test('the page counts the rules', () => {
  expect(flowing(pageText('refusals.md'))).toContain(`a ladder of ${ruleNames.length} rules`);
});
