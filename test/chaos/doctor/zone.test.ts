import { describe, expect, test } from 'vitest';
import { rules } from '../../../chaos/doctor/finding.ts';
import { diagnoseZone } from '../../../chaos/doctor/zone.ts';
import { plants } from './plants.ts';
import { soundZones } from './shop.ts';

describe('a sound zone has no finding', () => {
  test('there are five', () => expect(Object.keys(soundZones)).toHaveLength(5));

  test.each(Object.entries(soundZones))('%s', (_, make) => {
    expect(diagnoseZone(make()).findings).toEqual([]);
  });
});

describe('names with its rule, its level, whom it hits and what they get', () => {
  test.each(plants.map((plant) => [plant.mistake, plant] as const))('%s', (_, { rule, level, share, says, make }) => {
    const { findings } = diagnoseZone(make());
    const found = findings.filter((finding) => finding.rule === rule);
    expect(found.map((finding) => finding.says)).toContainEqual(expect.stringMatching(says));
    const finding = found.find((one) => says.test(one.says));
    expect(finding).toMatchObject({ level });
    if (share === null) expect(finding?.share).toBeNull();
    else expect(finding?.share).toBeCloseTo(share, 6);
    expect(finding?.remedy).not.toBe('');
  });

  test('every rule about zones has a mistake of its own', () => {
    const planted = new Set(plants.map(({ rule }) => rule));
    expect(Object.keys(rules).filter((rule) => !rule.startsWith('cluster.') && !planted.has(rule as never))).toEqual(
      [],
    );
  });
});
