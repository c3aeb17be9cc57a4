import { expect, test } from 'vitest';
import { countryCodes, groups } from '../../scenarios/countries.ts';
import { builtInPlaces } from '../../scenarios/places.ts';

test('every country has a name, and groups and places are made of countries', () => {
  const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
  expect([...countryCodes].filter((code) => names.of(code) === undefined)).toEqual([]);
  expect(countryCodes.size).toBe(249);
  const named = [...Object.values(groups).flat(), ...Object.values(builtInPlaces).map(({ country }) => country)];
  expect(named.filter((code) => !countryCodes.has(code))).toEqual([]);
  expect(groups['EU']).toHaveLength(27);
  expect(groups['EEA']).toHaveLength(30);
});
