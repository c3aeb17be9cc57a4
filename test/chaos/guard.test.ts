import { describe, expect, test } from 'vitest';
import { describeRefusal, type GuardFacts, judgeGuard } from '../../chaos/guard.ts';
import { ruleNames } from '../../contract/guard.ts';
import { objections, office, scaledObject, well } from '../fakes/guard-facts.ts';

describe('the guard', () => {
  test('has no objection to a drill on a healthy fleet', () => {
    const roomy = { ...well, capacity: { ...well.capacity, 'eu-west-1': { share: 40, replicas: 17 } } };
    expect(judgeGuard(roomy, {})).toEqual({ refusals: [], overridden: {} });
  });

  for (const [index, rule] of ruleNames.entries()) {
    test(`refuses by ${rule}, with its number and what would change it`, () => {
      const { facts, says } = objections[rule];
      const judged = judgeGuard({ ...well, ...facts }, rule === 'guard.headroom' ? {} : { 'guard.headroom': 'known' });
      expect(judged.refusals.map((refusal) => refusal.rule)).toContain(rule);
      const refusal = judged.refusals.find((one) => one.rule === rule);
      expect(refusal?.number).toBe(index + 1);
      expect(refusal?.because).toContain(says);
      expect(refusal?.remedy).not.toBe('');
    });
  }

  test('says all that is wrong at once, in the order of the ladder', () => {
    const { freezes = [] } = objections['guard.freeze'].facts.allow ?? {};
    const allow = { contexts: [], workloads: [], hours: office, freezes };
    const all = Object.assign({}, well, ...Object.values(objections).map(({ facts }) => facts), {
      allow,
    }) as GuardFacts;
    const refused = judgeGuard(all, {}).refusals.map(({ rule }) => rule);
    expect(refused).toEqual([
      'guard.last-healthy-region',
      'guard.vantages',
      'guard.open-drill',
      'guard.allowed',
      'guard.restore-right',
      'guard.headroom',
      'guard.hours',
      'guard.freeze',
      'guard.error-budget',
      'guard.credentials',
      'guard.reconciler',
      'guard.disruption-budget',
      'guard.undo',
      'guard.achievable',
    ]);
  });

  test('lets a drill suspend who would undo it, and says how where it may not', () => {
    const facts = { ...well, owners: [scaledObject] };
    const roomy = { 'guard.headroom': 'known' };
    expect(judgeGuard(facts, roomy).refusals[0]?.remedy).toBe('write "suspend: [keda]" into the drill');
    expect(judgeGuard({ ...facts, suspend: ['flux'] }, roomy).refusals[0]?.remedy).toContain('suspend: [flux, keda]');
    expect(judgeGuard({ ...facts, suspend: ['keda'] }, roomy).refusals).toEqual([]);
  });

  test('an override by name and with a reason is recorded', () => {
    const judged = judgeGuard(
      { ...well, ...objections['guard.headroom'].facts },
      { 'guard.headroom': 'known to lack it' },
    );
    expect(judged).toEqual({ refusals: [], overridden: { 'guard.headroom': 'known to lack it' } });
  });

  for (const rule of ['guard.allowed', 'guard.restore-right', 'guard.credentials'] as const) {
    test(`no reason overrides ${rule}`, () => {
      const facts = { ...well, ...objections[rule].facts };
      const judged = judgeGuard(facts, { [rule]: 'please', 'guard.headroom': 'known' });
      expect(judged.refusals.map((refusal) => refusal.rule)).toEqual([rule]);
    });
  }

  test('headroom does not matter where nobody may take over', () => {
    const expectNobody = [{ entry: 'api', servedBy: [], withinMs: 8_000, failbackMs: 8_000, residency: null }];
    const judged = judgeGuard({ ...well, ...objections['guard.headroom'].facts, expect: expectNobody }, {});
    expect(judged.refusals).toEqual([]);
  });

  test('agent-api without us-east-1: 10 pods carry 60 %, and 7 more would do', () => {
    const capacity = {
      'us-east-1': { share: 60, replicas: 10 },
      'eu-west-1': { share: 30, replicas: 6 },
      'ap-southeast-1': { share: 10, replicas: 4 },
    };
    const [refusal] = judgeGuard({ ...well, capacity }, {}).refusals;
    expect(refusal?.because).toContain('10 pods remain and carry 60 of 100 %');
    expect(refusal?.remedy).toContain('7 more replicas');
  });

  test('a refusal reads as one sentence with its rule', () => {
    const [refusal] = judgeGuard(
      { ...well, ...objections['guard.vantages'].facts },
      { 'guard.headroom': 'known' },
    ).refusals;
    expect(refusal && describeRefusal(refusal)).toMatch(
      /^not injecting, rule 3 \(guard\.vantages\): 1 of 2 .* What would change it: /,
    );
  });
});
