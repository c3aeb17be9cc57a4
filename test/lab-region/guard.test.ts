import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { admits, residencyGuard } from '../../lab/region/guard.ts';
import { plantsOf } from '../../lab/region/plants.ts';
import type { Plant } from '../../scenarios/world.ts';

const rules = { DE: ['EU'], GB: ['EU'], XX: [], CH: ['EU', 'CH'] };

describe('the rule', () => {
  test.each([
    ['DE', 'EU', true],
    ['DE', 'US', false],
    ['DE', 'AP', false],
    ['GB', 'EU', true],
    ['GB', 'US', false],
    ['CH', 'CH', true],
    ['CH', 'US', false],
    ['XX', 'EU', false],
    ['US', 'US', true],
    ['US', 'EU', true],
    ['CA', 'AP', true],
    ['unknown', 'US', true],
    ['constructor', 'US', true],
  ])('users of %s in %s: %s', (country, jurisdiction, admitted) => {
    expect(admits(rules, country, jurisdiction)).toBe(admitted);
  });

  test('a country without a rule may go anywhere, one with a rule exactly where it says', () => {
    const name = fc.stringMatching(/^[A-Z]{2}$/);
    fc.assert(
      fc.property(fc.dictionary(name, fc.array(name)), name, name, (any, country, jurisdiction) => {
        const listed = Object.entries(any).find(([key]) => key === country)?.[1];
        expect(admits(any, country, jurisdiction)).toBe(listed === undefined || listed.includes(jurisdiction));
      }),
    );
  });
});

describe('what is planted in a guard', () => {
  const asked = (plants: readonly Plant[], dark: readonly string[] = []) => {
    const guard = residencyGuard(
      rules,
      'US',
      plantsOf('us-east-1', plants, (region) => (dark.includes(region) ? 1_000 : 0)),
    );
    return { DE: guard('DE') === null, US: guard('US') === null };
  };
  const region = 'us-east-1';

  test('another status: the refusal carries it, and a lawful one stays 451', () => {
    const plants = plantsOf(region, [{ kind: 'guard-refuses', country: 'US', region, status: 403 }], () => 0);
    const guard = residencyGuard(rules, 'US', plants);
    expect([guard('US'), guard('DE'), guard('BR')]).toEqual([403, 451, null]);
  });

  test('nothing: it refuses whom the rule refuses', () => {
    expect(asked([])).toEqual({ DE: false, US: true });
  });
  test('a wrong map: it takes its region for another', () => {
    expect(asked([{ kind: 'guard-map', region, jurisdiction: 'EU' }])).toEqual({ DE: true, US: true });
  });
  test('off: it lets all through', () => {
    expect(asked([{ kind: 'guard-off', region, whileDark: null }])).toEqual({ DE: true, US: true });
  });
  test('off while another region is dark: only then', () => {
    const plants: Plant[] = [{ kind: 'guard-off', region, whileDark: 'eu-west-1' }];
    expect(asked(plants)).toEqual({ DE: false, US: true });
    expect(asked(plants, ['eu-west-1'])).toEqual({ DE: true, US: true });
  });
  test('off once another region has been dark for a while: not before', () => {
    const offAfter = (afterMs: number): Plant[] => [{ kind: 'guard-off', region, whileDark: 'eu-west-1', afterMs }];
    expect(asked(offAfter(2_000), ['eu-west-1'])).toEqual({ DE: false, US: true });
    expect(asked(offAfter(900), ['eu-west-1'])).toEqual({ DE: true, US: true });
  });
  test('refuses a country that it should let through', () => {
    expect(asked([{ kind: 'guard-refuses', region, country: 'US' }])).toEqual({ DE: false, US: false });
  });
  test('in another region: nothing', () => {
    expect(asked([{ kind: 'guard-off', region: 'ap-southeast-1', whileDark: null }])).toEqual({ DE: false, US: true });
  });
});
